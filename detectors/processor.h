// What this processor can do beyond what every x86-64 and arm64 can.
//
// Each faster path that asks has a plain twin with the same results, which MONITORD_PORTABLE=1 in the environment
// chooses: to compare the two, or to rule one out. Thread-safe; read once.
#pragma once

namespace detectors {

bool HasAvx2();  // AVX2, BMI and POPCNT, which come together

}  // namespace detectors

// For functions and lambdas that only run where HasAvx2(); their helpers must be inlined to share its registers.
#define MONITORD_AVX2 __attribute__((target("avx2,bmi,popcnt")))
#define MONITORD_AVX2_INLINE __attribute__((target("avx2,bmi,popcnt"), always_inline))
