#include "monitor/judge/evidence/live_reference.h"

#include <algorithm>
#include <limits>

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

detectors::FeatureSummary LiveReference::Generation::Read(
    const std::shared_ptr<const detectors::FeatureShape>& shape) const {
  detectors::Decoder in(bytes);
  return detectors::FeatureSummary::Decode(in, shape);
}

void LiveReference::Generation::Write(const detectors::FeatureSummary& summary) {
  detectors::Encoder out;
  summary.Encode(out);
  bytes = out.Take();
  bytes.shrink_to_fit();
}

void LiveReference::Add(std::int64_t start_ns, std::int64_t end_ns, std::int64_t first_ns,
                        const detectors::FeatureSummary& step) {
  if (step.records() == 0) return;
  if (generations_.empty()) {
    since_ns_ = start_ns;
    first_done_ = false;
  }
  if (generations_.size() == complete_) generations_.emplace_back().start_ns = start_ns;
  Generation& open = generations_.back();
  if (open.steps == 0) {
    open.Write(step);
  } else {
    detectors::FeatureSummary sum = open.Read(step.shared_shape());
    sum.Merge(step);
    open.Write(sum);
  }
  ++open.steps;
  open.end_ns = end_ns;
  if (end_ns - open.start_ns < (first_done_ ? kWeekNs : first_ns) || open.steps < kLeastSteps) return;
  first_done_ = true;
  ++complete_;
  if (complete_ > kComplete) {
    generations_.erase(generations_.begin());
    --complete_;
  }
}

std::int64_t LiveReference::until_ns() const {
  if (generations_.empty()) return 0;
  return complete_ > 0 ? generations_[complete_ - 1].end_ns : generations_.back().end_ns;
}

std::optional<LiveReference::Weighted> LiveReference::Sum(
    const std::shared_ptr<const detectors::FeatureShape>& shape) const {
  const std::size_t used = std::max<std::size_t>(complete_, generations_.empty() ? 0 : 1);
  if (used == 0) return std::nullopt;
  // Horner: every older generation has been doubled less often.
  Weighted weighted{generations_.front().Read(shape), 1, generations_.front().steps};
  for (std::size_t i = 1; i < used; ++i) {
    detectors::FeatureSummary newer = generations_[i].Read(shape);
    for (std::size_t doubled = 0; doubled < i; ++doubled) newer.Merge(detectors::FeatureSummary(newer));
    weighted.sum.Merge(newer);
    weighted.scale *= 2;
    weighted.steps += generations_[i].steps;
  }
  return weighted;
}

void LiveReference::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(generations_.size());
  out.Varint(complete_);
  out.Byte(first_done_ ? 1 : 0);
  out.Signed(since_ns_);
  for (const Generation& generation : generations_) {
    out.Signed(generation.start_ns);
    out.Signed(generation.end_ns);
    out.Varint(generation.steps);
    out.Text(generation.bytes);
  }
}

LiveReference LiveReference::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "live reference");
  LiveReference reference;
  const std::size_t generations = in.Count(kComplete + 1);
  reference.complete_ = in.Count(generations);
  reference.first_done_ = in.Byte() != 0;
  reference.since_ns_ = in.Signed();
  for (std::size_t i = 0; i < generations; ++i) {
    Generation& generation = reference.generations_.emplace_back();
    generation.start_ns = in.Signed();
    generation.end_ns = in.Signed();
    generation.steps = static_cast<std::uint32_t>(in.Count(std::numeric_limits<std::uint32_t>::max()));
    generation.bytes = in.Text();
  }
  return reference;
}

void AddContrast(detectors::FeatureSummary& reference, const detectors::FeatureSummary& baseline) {
  if (reference.kind() != detectors::FeatureKind::kNumeric || baseline.values() == 0) return;
  const auto occupied = [&reference] {
    return std::ranges::count_if(reference.bins(), [](std::uint64_t count) { return count > 0; });
  };
  for (const double value : {baseline.moments().mean(), baseline.moments().min(), baseline.moments().max()}) {
    if (occupied() != 1) return;
    detectors::FeatureSummary with = reference;
    with.AddNumeric({&value, 1}, 0, 0);
    if (std::ranges::count_if(with.bins(), [](std::uint64_t count) { return count > 0; }) > 1) reference = with;
  }
}

}  // namespace monitor
