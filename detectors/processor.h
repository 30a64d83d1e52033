// What this processor can do beyond what every x86-64 and arm64 can.
//
// Each faster path that asks has a plain twin with the same results, which MONITORD_PORTABLE=1 in the environment
// chooses: to compare the two, or to rule one out. Thread-safe; read once.
#pragma once

namespace detectors {

bool HasAvx2();  // AVX2, BMI and POPCNT, which come together

}  // namespace detectors
