#include "detectors/evidence/second_moments.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr double kUnit = 1024;
constexpr double kMost = 4;
constexpr std::uint64_t kMaxRows = std::numeric_limits<std::uint32_t>::max();

}  // namespace

SecondMoments::SecondMoments(std::size_t features)
    : features_(features), sums_(features), products_(features * (features + 1) / 2), rows_(products_.size()) {
  if (features > kMaxFeatures) throw std::invalid_argument("second moments: too many features");
}

std::int16_t SecondMoments::Quantize(double standardized) {
  return static_cast<std::int16_t>(std::lround(std::clamp(standardized, -kMost, kMost) * kUnit));
}

void SecondMoments::AddChunk(std::span<const Chunk> rows) {
  if (rows.size() != features_) throw std::invalid_argument("second moments: another number of features");
  std::uint64_t any = 0;
  for (const Chunk& chunk : rows) any |= chunk.present;
  const auto all = static_cast<std::uint32_t>(std::popcount(any));
  // Of a chunk that is not full only the first rows; in lanes of a constant length, which compilers make vectors of.
  constexpr std::size_t kLane = 16;
  const std::size_t end = (static_cast<std::size_t>(std::bit_width(any)) + kLane - 1) / kLane * kLane;
  std::size_t pair = 0;
  for (std::size_t a = 0; a < features_; ++a) {
    const Chunk& of_a = rows[a];
    for (const std::int16_t value : of_a.values) sums_[a] += value;
    for (std::size_t b = 0; b <= a; ++b, ++pair) {
      // 64 products of at most 2^24 stay below 2^31, so that the compiler may multiply and add in 32 bits.
      std::int32_t products = 0;
      for (std::size_t from = 0; from < end; from += kLane)
        for (std::size_t i = from; i < from + kLane; ++i) products += std::int32_t{of_a.values[i]} * rows[b].values[i];
      products_[pair] += products;
      const std::uint64_t both = of_a.present & rows[b].present;
      rows_[pair] += both == any ? all : static_cast<std::uint32_t>(std::popcount(both));
    }
  }
}

void SecondMoments::Merge(const SecondMoments& other) {
  if (features_ != other.features_) throw std::logic_error("second moments: another number of features");
  for (std::size_t f = 0; f < features_; ++f) sums_[f] += other.sums_[f];
  for (std::size_t i = 0; i < products_.size(); ++i) {
    products_[i] += other.products_[i];
    rows_[i] += other.rows_[i];
  }
}

double SecondMoments::Mean(std::size_t feature) const {
  return static_cast<double>(sums_[feature]) / static_cast<double>(rows(feature, feature));
}

// Covariance over the pair's rows with means and variances over each feature's own.
std::optional<double> SecondMoments::Correlation(std::size_t a, std::size_t b) const {
  if (rows(a, b) < kMinRows) return std::nullopt;
  const auto centred = [this](std::size_t x, std::size_t y) {
    return static_cast<double>(products_[At(x, y)]) / static_cast<double>(rows(x, y)) - Mean(x) * Mean(y);
  };
  const double variance_a = centred(a, a);
  const double variance_b = centred(b, b);
  // Below one unit's square nothing but rounding is left.
  if (variance_a < 1 || variance_b < 1) return std::nullopt;
  return std::clamp(centred(a, b) / std::sqrt(variance_a * variance_b), -1.0, 1.0);
}

void SecondMoments::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(features_);
  for (const std::int64_t sum : sums_) out.Signed(sum);
  for (std::size_t i = 0; i < products_.size(); ++i) {
    out.Signed(products_[i]);
    out.Varint(rows_[i]);
  }
}

SecondMoments SecondMoments::Decode(Decoder& in) {
  in.Version(kVersion, "second moments");
  SecondMoments result(in.Count(kMaxFeatures));
  // No row can add more than ±2^12 to a sum or 2^24 to a product.
  const auto within = [](std::int64_t value, std::uint64_t rows, std::int64_t most) {
    const auto bound = static_cast<std::int64_t>(rows) * most;
    if (value > bound || value < -bound) throw DecodeError("second moments: a sum beyond its rows");
    return value;
  };
  for (std::int64_t& sum : result.sums_) sum = in.Signed();
  for (std::size_t i = 0; i < result.products_.size(); ++i) {
    const std::int64_t product = in.Signed();
    const std::uint64_t rows = in.Varint();
    if (rows > kMaxRows) throw DecodeError("second moments: too many rows");
    result.products_[i] = within(product, rows, std::int64_t{1} << 24);
    result.rows_[i] = static_cast<std::uint32_t>(rows);
  }
  for (std::size_t f = 0; f < result.features_; ++f) within(result.sums_[f], result.rows(f, f), std::int64_t{1} << 12);
  return result;
}

}  // namespace detectors
