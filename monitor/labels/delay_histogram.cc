#include "monitor/labels/delay_histogram.h"

#include <cmath>

namespace monitor {
namespace {

constexpr double kPerOctave = 8;
constexpr std::size_t kMostBuckets = 600;

}  // namespace

void DelayHistogram::Add(std::int64_t delay_ns, std::int64_t count) {
  const double seconds = static_cast<double>(delay_ns) / 1e9;
  const std::uint16_t bucket =
      seconds <= 0 ? 0 : static_cast<std::uint16_t>(std::ceil(kPerOctave * std::log2(1 + seconds)));
  buckets_[bucket] += static_cast<std::uint64_t>(count);
  count_ += static_cast<std::uint64_t>(count);
}

void DelayHistogram::Merge(const DelayHistogram& other) {
  for (const auto& [bucket, count] : other.buckets_) buckets_[bucket] += count;
  count_ += other.count_;
}

std::optional<std::int64_t> DelayHistogram::QuantileNs(double share) const {
  if (count_ == 0) return std::nullopt;
  const double wanted = share * static_cast<double>(count_);
  double below = 0;
  for (const auto& [bucket, count] : buckets_) {
    below += static_cast<double>(count);
    if (below >= wanted) return static_cast<std::int64_t>((std::exp2(bucket / kPerOctave) - 1) * 1e9);
  }
  return static_cast<std::int64_t>((std::exp2(buckets_.rbegin()->first / kPerOctave) - 1) * 1e9);
}

void DelayHistogram::Encode(detectors::Encoder& out) const {
  out.Varint(buckets_.size());
  for (const auto& [bucket, count] : buckets_) {
    out.Varint(bucket);
    out.Varint(count);
  }
}

DelayHistogram DelayHistogram::Decode(detectors::Decoder& in) {
  DelayHistogram delays;
  for (std::size_t left = in.Count(kMostBuckets); left > 0; --left) {
    const auto bucket = static_cast<std::uint16_t>(in.Varint());
    const std::uint64_t count = in.Varint();
    delays.buckets_[bucket] += count;
    delays.count_ += count;
  }
  return delays;
}

}  // namespace monitor
