// The byte form of a row of counts: a varint each, a run of zeros as a zero and its length less one.
//
// Thread-safe (no state). Cost: about 1 ns per count. Errors: DecodeError, also when the sum of the counts does not fit
// 64 bits.
#pragma once

#include <cstdint>
#include <span>

#include "detectors/encoding.h"

namespace detectors {

void EncodeSparse(std::span<const std::uint64_t> counts, Encoder& out);
// Fills all of `counts`, whose number both sides know, and returns their sum.
std::uint64_t DecodeSparse(Decoder& in, std::span<std::uint64_t> counts);

// a + b; throws DecodeError where stored counts are so damaged that it overflows.
std::uint64_t AddStored(std::uint64_t a, std::uint64_t b);

}  // namespace detectors
