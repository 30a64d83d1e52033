#include "detectors/counts/distinct_counter.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "detectors/counts/sparse_counts.h"

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr int kIndexBits = 12;
constexpr int kRankBits = 64 - kIndexBits;  // ranks are 1 .. kRankBits + 1

// Ertl 2017, algorithm 6: σ(x) = x + Σ_{k≥1} x^(2^k) 2^(k−1) takes the place of linear counting, τ that of the
// correction for large numbers.
double Sigma(double x) {
  if (x == 1) return HUGE_VAL;
  double sum = x;
  double weight = 1;
  for (double last = -1; sum != last; weight *= 2) {
    x *= x;
    last = sum;
    sum += x * weight;
  }
  return sum;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double sum = 1 - x;
  double weight = 1;
  for (double last = -1; sum != last;) {
    x = std::sqrt(x);
    last = sum;
    weight /= 2;
    sum -= (1 - x) * (1 - x) * weight;
  }
  return sum / 3;
}

}  // namespace

void DistinctCounter::AddHash(std::uint64_t hash) {
  const std::size_t index = hash >> kRankBits;
  const auto rank = static_cast<std::uint8_t>(std::min(std::countl_zero(hash << kIndexBits), kRankBits) + 1);
  registers_[index] = std::max(registers_[index], rank);
}

void DistinctCounter::Merge(const DistinctCounter& other) {
  for (std::size_t i = 0; i < registers_.size(); ++i) registers_[i] = std::max(registers_[i], other.registers_[i]);
}

double DistinctCounter::Estimate() const {
  std::array<double, kRankBits + 2> having{};  // registers of each rank
  for (const std::uint8_t rank : registers_) ++having[rank];
  constexpr double m = 1 << kIndexBits;
  double z = m * Tau(1 - having[kRankBits + 1] / m);
  for (std::size_t rank = kRankBits; rank >= 1; --rank) z = (z + having[rank]) / 2;
  z += m * Sigma(having[0] / m);
  return m * m / (2 * std::log(2.0) * z);
}

void DistinctCounter::Encode(Encoder& out) const {
  out.Byte(kVersion);
  EncodeSparse(std::vector<std::uint64_t>(registers_.begin(), registers_.end()), out);
}

DistinctCounter DistinctCounter::Decode(Decoder& in) {
  in.Version(kVersion, "distinct counter");
  DistinctCounter counter;
  std::vector<std::uint64_t> ranks(counter.registers_.size());
  DecodeSparse(in, ranks);
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    if (ranks[i] > kRankBits + 1) throw DecodeError("distinct counter: a rank beyond 64 bits");
    counter.registers_[i] = static_cast<std::uint8_t>(ranks[i]);
  }
  return counter;
}

}  // namespace detectors
