// A 64-bit hash of bytes that never changes between versions and machines: stored dictionaries, ids and digests rely on
// it. The construction is wyhash-like (64x64→128-bit multiply and fold); not for adversarial input without a secret
// seed. Cost: about 5 ns for 16 bytes.
#pragma once

#include <cstdint>
#include <string_view>

namespace detectors {

std::uint64_t Hash64(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace detectors
