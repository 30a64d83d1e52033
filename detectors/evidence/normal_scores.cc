#include "detectors/evidence/normal_scores.h"

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "detectors/evidence/second_moments.h"

namespace detectors {
namespace {

constexpr double kMost = 4;  // what SecondMoments cuts at

// The normal quantile of `share`, cut at ±kMost, by bisection: exact to 2^-40 and made once per baseline.
double NormalQuantile(double share) {
  double low = -kMost, high = kMost;
  for (int i = 0; i < 43; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::numbers::sqrt2) / 2 < share ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

BinScores NormalScores(std::span<const double> shares) {
  BinScores scores{};
  if (shares.size() + 1 >= scores.size()) throw std::invalid_argument("normal scores: too many bins");
  for (std::size_t bin = 0; bin <= shares.size(); ++bin) {
    const double low = bin == 0 ? 0 : shares[bin - 1];
    const double high = bin == shares.size() ? 1 : shares[bin];
    scores[bin] = SecondMoments::Quantize(NormalQuantile((low + high) / 2));
  }
  return scores;
}

// The bins of a baseline rise, so most scores repeat the one before or differ by little.
void EncodeScores(const BinScores& scores, Encoder& out) {
  std::int64_t before = 0;
  for (const std::int16_t score : scores) {
    out.Signed(score - before);
    before = score;
  }
}

BinScores DecodeScores(Decoder& in) {
  BinScores scores{};
  std::int64_t before = 0;
  const std::int64_t most = SecondMoments::Quantize(kMost);
  for (std::int16_t& score : scores) {
    const std::int64_t step = in.Signed();
    if (step > 2 * most || step < -2 * most || before + step > most || before + step < -most)
      throw DecodeError("normal scores: beyond their range");
    score = static_cast<std::int16_t>(before += step);
  }
  return scores;
}

}  // namespace detectors
