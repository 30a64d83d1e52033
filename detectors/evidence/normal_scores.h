// Normal scores: the standardized value that a bin of a numeric feature stands for.
//
// Bin i of a binning is given Φ⁻¹(u), u the middle of its ranks in the baseline. The baseline then is standard normal
// whatever the feature's own distribution, correlations of any two features are comparable, Fisher's z of them has
// nearly the variance 1/(n−3), and an outlier is just the largest value. Pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "detectors/encoding.h"

namespace detectors {

// By number of the bin (Binning has at most 255), in units of SecondMoments::Quantize; 0 beyond the bins and for
// Binning::kNoBin.
using BinScores = std::array<std::int16_t, 256>;

// `shares` are the baseline's shares of values at or below each edge: rising, 0..1, one less than there are bins.
// Throws std::invalid_argument for more than 254.
BinScores NormalScores(std::span<const double> shares);

void EncodeScores(const BinScores& scores, Encoder& out);
BinScores DecodeScores(Decoder& in);

}  // namespace detectors
