#include "detectors/counts/moments.h"

#include <algorithm>
#include <array>
#include <boost/accumulators/accumulators.hpp>
#include <boost/accumulators/statistics/max.hpp>
#include <boost/accumulators/statistics/min.hpp>
#include <boost/accumulators/statistics/stats.hpp>
#include <boost/accumulators/statistics/sum.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "detectors/processor.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace detectors {
namespace {

namespace acc = boost::accumulators;
using Range = acc::accumulator_set<double, acc::stats<acc::tag::min, acc::tag::max>>;
using Sum = acc::accumulator_set<double, acc::stats<acc::tag::sum>>;

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kBlock = 256;  // two passes over it stay in the first-level cache
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool Usable(double value) { return std::abs(value) <= Moments::kExtreme; }

// Value i of a block is added up in lane i % kLanes, whatever the processor, so that both paths round alike.
constexpr std::size_t kLanes = 8;
using Lanes = std::array<double, kLanes>;

double Total(const Lanes& lanes) { return std::accumulate(lanes.begin(), lanes.end(), 0.0); }

// The two passes over the usable values of a block.
struct FirstPass {
  std::uint64_t usable = 0;
  bool extreme = false;  // some value is neither usable nor NaN
  double sum = 0;        // of the differences from `first`
  double min = kInfinity, max = -kInfinity;
};
struct SecondPass {
  double sum = 0, squares = 0;  // of the differences from the mean
};

Lanes Sums(const std::array<Sum, kLanes>& sums) {
  Lanes lanes{};
  std::ranges::transform(sums, lanes.begin(), [](const Sum& sum) { return acc::sum(sum); });
  return lanes;
}

FirstPass PlainFirst(std::span<const double> values, double first) {
  FirstPass pass;
  Range range;
  std::array<Sum, kLanes> sums;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!Usable(values[i])) {
      pass.extreme = pass.extreme || !std::isnan(values[i]);
      continue;
    }
    ++pass.usable;
    range(values[i]);
    sums[i % kLanes](values[i] - first);
  }
  pass.sum = Total(Sums(sums));
  pass.min = acc::min(range);  // of none: the whole range reversed
  pass.max = acc::max(range);
  return pass;
}

SecondPass PlainSecond(std::span<const double> values, double mean) {
  std::array<Sum, kLanes> sums, squares;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!Usable(values[i])) continue;
    const double deviation = values[i] - mean;
    sums[i % kLanes](deviation);
    squares[i % kLanes](deviation * deviation);
  }
  return {Total(Sums(sums)), Total(Sums(squares))};
}

#if defined(__x86_64__)

// Eight values, the later half in `high`; of what is left of a block, NaN for those that it lacks.
struct Eight {
  __m256d low, high;
  MONITORD_AVX2_INLINE explicit Eight(const double* at) : low(_mm256_loadu_pd(at)), high(_mm256_loadu_pd(at + 4)) {}
};
template <class Function>
MONITORD_AVX2_INLINE inline void ForEights(std::span<const double> values, Function function) {
  const std::size_t whole = values.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) function(Eight(&values[i]));
  if (whole == values.size()) return;
  Lanes rest;
  rest.fill(kNaN);
  std::copy(values.begin() + static_cast<std::ptrdiff_t>(whole), values.end(), rest.begin());
  function(Eight(rest.data()));
}
MONITORD_AVX2_INLINE inline __m256d UsableMask(__m256d values) {
  const __m256d size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), values);
  return _mm256_cmp_pd(size, _mm256_set1_pd(Moments::kExtreme), _CMP_LE_OQ);
}
MONITORD_AVX2_INLINE inline Lanes Stored(__m256d low, __m256d high) {
  Lanes lanes;
  _mm256_storeu_pd(lanes.data(), low);
  _mm256_storeu_pd(lanes.data() + 4, high);
  return lanes;
}

MONITORD_AVX2 FirstPass Avx2First(std::span<const double> values, double first) {
  const __m256d from = _mm256_set1_pd(first), highest = _mm256_set1_pd(kInfinity), lowest = _mm256_set1_pd(-kInfinity);
  struct Half {
    __m256d sum, min, max;
  };
  Half low{_mm256_setzero_pd(), highest, lowest}, high = low;
  std::uint64_t usable = 0;
  __m256d extreme = _mm256_setzero_pd();
  const auto add = [&](Half& half, __m256d four) MONITORD_AVX2_INLINE {
    const __m256d mask = UsableMask(four);
    half.sum = _mm256_add_pd(half.sum, _mm256_and_pd(mask, _mm256_sub_pd(four, from)));
    half.min = _mm256_min_pd(half.min, _mm256_blendv_pd(highest, four, mask));
    half.max = _mm256_max_pd(half.max, _mm256_blendv_pd(lowest, four, mask));
    usable += static_cast<unsigned>(_mm_popcnt_u32(static_cast<unsigned>(_mm256_movemask_pd(mask))));
    extreme = _mm256_or_pd(extreme, _mm256_andnot_pd(mask, _mm256_cmp_pd(four, four, _CMP_ORD_Q)));
  };
  ForEights(values, [&](const Eight& eight) MONITORD_AVX2_INLINE {
    add(low, eight.low);
    add(high, eight.high);
  });
  return {usable, _mm256_movemask_pd(extreme) != 0, Total(Stored(low.sum, high.sum)),
          std::ranges::min(Stored(low.min, high.min)), std::ranges::max(Stored(low.max, high.max))};
}

MONITORD_AVX2 SecondPass Avx2Second(std::span<const double> values, double mean) {
  const __m256d from = _mm256_set1_pd(mean);
  struct Half {
    __m256d sum, squares;
  };
  Half low{_mm256_setzero_pd(), _mm256_setzero_pd()}, high = low;
  const auto add = [&](Half& half, __m256d four) MONITORD_AVX2_INLINE {
    const __m256d deviation = _mm256_and_pd(UsableMask(four), _mm256_sub_pd(four, from));
    half.sum = _mm256_add_pd(half.sum, deviation);
    half.squares = _mm256_add_pd(half.squares, _mm256_mul_pd(deviation, deviation));
  };
  ForEights(values, [&](const Eight& eight) MONITORD_AVX2_INLINE {
    add(low, eight.low);
    add(high, eight.high);
  });
  return {Total(Stored(low.sum, high.sum)), Total(Stored(low.squares, high.squares))};
}

FirstPass First(std::span<const double> values, double first) {
  return HasAvx2() ? Avx2First(values, first) : PlainFirst(values, first);
}
SecondPass Second(std::span<const double> values, double mean) {
  return HasAvx2() ? Avx2Second(values, mean) : PlainSecond(values, mean);
}

#else

FirstPass First(std::span<const double> values, double first) { return PlainFirst(values, first); }
SecondPass Second(std::span<const double> values, double mean) { return PlainSecond(values, mean); }

#endif

}  // namespace

void Moments::Add(std::span<const double> values) {
  for (; values.size() > kBlock; values = values.subspan(kBlock)) AddBlock(values.first(kBlock));
  AddBlock(values);
}

// The corrected two-pass algorithm (Chan, Golub, LeVeque 1983): first the mean, then squares around it, less what the
// rounding of the mean added. The first pass starts from the first value, which makes the mean of equal values, and so
// their variance of 0, exact.
void Moments::AddBlock(std::span<const double> values) {
  const auto first = std::ranges::find_if(values, Usable);
  const FirstPass pass = First(values, first == values.end() ? 0 : *first);
  if (pass.extreme) AddExtreme(values);
  if (pass.usable == 0) return;
  Widen(pass.min, pass.max);
  const auto n = static_cast<double>(pass.usable);
  const double mean = *first + pass.sum / n;
  const SecondPass around = Second(values, mean);
  Fold(pass.usable, mean, around.sum / n, std::max(0.0, around.squares - around.sum * around.sum / n));
}

void Moments::AddExtreme(std::span<const double> values) {
  for (const double value : values) {
    if (Usable(value) || std::isnan(value)) continue;
    Widen(value, value);
    ++extreme_;
  }
}

void Moments::Widen(double min, double max) {
  min_ = std::min(min_, min + 0.0);  // of the two zeros, one
  max_ = std::max(max_, max + 0.0);
}

void Moments::Fold(std::uint64_t count, double mean, double mean_rest, double m2) {
  const auto a = static_cast<double>(count_);
  const auto b = static_cast<double>(count);
  const double delta = (mean - mean_) + (mean_rest - mean_rest_);
  if (count_ == 0) {
    mean_ = mean;
    mean_rest_ = mean_rest;
    m2_ = m2;
  } else {
    // Two-sum: what the addition to mean_ rounds away goes to mean_rest_.
    const double step = delta * (b / (a + b));
    const double moved = mean_ + step;
    const double back = moved - mean_;
    mean_rest_ += (mean_ - (moved - back)) + (step - back);
    mean_ = moved;
    m2_ += m2 + delta * delta * (a * b / (a + b));
  }
  count_ += count;
}

void Moments::Merge(const Moments& other) {
  if (other.count_ + other.extreme_ == 0) return;
  Widen(other.min_, other.max_);
  extreme_ += other.extreme_;
  if (other.count_ > 0) Fold(other.count_, other.mean_, other.mean_rest_, other.m2_);
}

double Moments::mean() const { return count_ == 0 ? kNaN : mean_ + mean_rest_; }
double Moments::population_variance() const { return count_ == 0 ? kNaN : m2_ / static_cast<double>(count_); }
double Moments::sample_variance() const { return count_ < 2 ? kNaN : m2_ / static_cast<double>(count_ - 1); }
double Moments::standard_deviation() const { return std::sqrt(sample_variance()); }
double Moments::min() const { return count_ + extreme_ == 0 ? kNaN : min_; }
double Moments::max() const { return count_ + extreme_ == 0 ? kNaN : max_; }

void Moments::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(count_);
  out.Varint(extreme_);
  if (count_ + extreme_ == 0) return;
  for (const double value : {mean_, mean_rest_, m2_, min_, max_}) out.Double(value);
}

Moments Moments::Decode(Decoder& in) {
  in.Version(kVersion, "moments");
  Moments moments;
  moments.count_ = in.Varint();
  moments.extreme_ = in.Varint();
  const std::uint64_t all = moments.count_ + moments.extreme_;
  if (all < moments.count_) throw DecodeError("moments: malformed counts");
  if (all == 0) return moments;
  for (double* value : {&moments.mean_, &moments.mean_rest_, &moments.m2_, &moments.min_, &moments.max_})
    *value = in.Double();
  const bool sound = std::isfinite(moments.mean_) && std::isfinite(moments.mean_rest_) && moments.m2_ >= 0 &&
                     std::isfinite(moments.m2_) && moments.min_ <= moments.max_;
  if (!sound) throw DecodeError("moments: malformed numbers");
  return moments;
}

}  // namespace detectors
