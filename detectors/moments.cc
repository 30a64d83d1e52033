#include "detectors/moments.h"

#include <algorithm>
#include <array>
#include <boost/accumulators/accumulators.hpp>
#include <boost/accumulators/statistics/max.hpp>
#include <boost/accumulators/statistics/min.hpp>
#include <boost/accumulators/statistics/moment.hpp>
#include <boost/accumulators/statistics/stats.hpp>
#include <boost/accumulators/statistics/sum.hpp>
#include <cmath>
#include <limits>

namespace detectors {
namespace {

namespace acc = boost::accumulators;
using Range = acc::accumulator_set<double, acc::stats<acc::tag::min, acc::tag::max>>;
using Sum = acc::accumulator_set<double, acc::stats<acc::tag::sum>>;
using Squares = acc::accumulator_set<double, acc::stats<acc::tag::sum, acc::tag::moment<2>>>;

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kBlock = 256;  // two passes over it stay in the first-level cache
// Independent accumulators hide the latency of the additions.
constexpr std::size_t kLanes = 2;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool Usable(double value) { return std::abs(value) <= Moments::kExtreme; }

// Calls add(lane, value) with the lanes in turn; the order is fixed, so the result is reproducible.
template <class Function>
void ForLanes(std::span<const double> values, Function add) {
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) add(lane, values[i + lane]);
  }
  for (; i < values.size(); ++i) add(0, values[i]);
}

}  // namespace

void Moments::Add(std::span<const double> values) {
  for (; values.size() > kBlock; values = values.subspan(kBlock)) AddBlock(values.first(kBlock));
  AddBlock(values);
}

void Moments::AddBlock(std::span<const double> values) {
  const auto usable = static_cast<std::size_t>(std::count_if(values.begin(), values.end(), Usable));
  if (usable == values.size()) {
    if (usable > 0) AddUsable(values);
    return;
  }
  std::array<double, kBlock> kept;
  std::size_t count = 0;
  for (const double value : values) {
    if (Usable(value)) {
      kept[count++] = value;
    } else if (!std::isnan(value)) {
      Widen(value, value);
      ++extreme_;
    }
  }
  if (count > 0) AddUsable({kept.data(), count});
}

// The corrected two-pass algorithm (Chan, Golub, LeVeque 1983): first the mean, then squares around it, less what the
// rounding of the mean added. The first pass starts from the first value, which makes the mean of equal values, and so
// their variance of 0, exact.
void Moments::AddUsable(std::span<const double> values) {
  const double first = values.front();
  const auto n = static_cast<double>(values.size());
  std::array<Range, kLanes> ranges;
  std::array<Sum, kLanes> sums;
  ForLanes(values, [&](std::size_t lane, double value) {
    ranges[lane](value);
    sums[lane](value - first);
  });
  double sum = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    Widen(acc::min(ranges[lane]), acc::max(ranges[lane]));  // an empty lane answers with the whole range reversed
    sum += acc::sum(sums[lane]);
  }
  const double mean = first + sum / n;

  std::array<Squares, kLanes> deviations;
  ForLanes(values, [&](std::size_t lane, double value) { deviations[lane](value - mean); });
  double rest = 0;
  double squares = 0;
  for (const Squares& lane : deviations) {
    if (acc::count(lane) == 0) continue;
    rest += acc::sum(lane);
    squares += acc::moment<2>(lane) * static_cast<double>(acc::count(lane));
  }
  Fold(values.size(), mean, rest / n, std::max(0.0, squares - rest * rest / n));
}

void Moments::Widen(double min, double max) {
  min_ = std::min(min_, min);
  max_ = std::max(max_, max);
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
