// LiveReference: the last weeks of one column's live traffic, a second reference beside the training baseline.
//
// Closed steps are merged into generations: the first covers what it takes to be a reference at all (`first_ns`, and
// kLeastSteps steps), each later one a week. The newest complete generation has weight 1, the one before it ½, then ¼
// and ⅛; older ones are gone. So the weight of a step halves about once a week, all counts stay integers, and the
// reference changes only when a generation is complete: a step is never compared with itself, and what it is compared
// with has dates. It begins anew when something is found to have changed. A pure function of the steps; part of the
// checkpoint. Memory: at most five encoded summaries. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "detectors/encoding.h"
#include "detectors/feature_summary.h"

namespace monitor {

class LiveReference {
 public:
  static constexpr std::size_t kComplete = 4;  // generations
  static constexpr std::uint32_t kLeastSteps = 3;
  static constexpr std::int64_t kWeekNs = std::int64_t{7} * 86'400 * 1'000'000'000;

  // Adds a closed step; steps come in rising order. Nothing without records.
  void Add(std::int64_t start_ns, std::int64_t end_ns, std::int64_t first_ns, const detectors::FeatureSummary& step);
  void Restart() { generations_.clear(), complete_ = 0; }

  bool empty() const { return generations_.empty(); }
  bool ready() const { return complete_ > 0; }  // a generation is complete
  bool full() const { return complete_ == kComplete; }
  // Of the steps since it began (ever or anew); 0 where empty.
  std::int64_t since_ns() const { return since_ns_; }
  std::int64_t newest_ns() const { return generations_.empty() ? 0 : generations_.back().end_ns; }
  // End of the newest step in Sum.
  std::int64_t until_ns() const;

  // The complete generations, or, before there is one, the steps so far. All counts are `scale` times their weight, so
  // that none is a fraction: an error of the sum is that of records/scale rows.
  struct Weighted {
    detectors::FeatureSummary sum;
    double scale;
    std::uint32_t steps;
  };
  std::optional<Weighted> Sum(const std::shared_ptr<const detectors::FeatureShape>& shape) const;

  void Encode(detectors::Encoder& out) const;
  static LiveReference Decode(detectors::Decoder& in);

 private:
  struct Generation {
    std::int64_t start_ns = 0, end_ns = 0;
    std::uint32_t steps = 0;
    std::string bytes;  // of the summary, which takes up to ten times as much

    detectors::FeatureSummary Read(const std::shared_ptr<const detectors::FeatureShape>& shape) const;
    void Write(const detectors::FeatureSummary& summary);
  };

  std::vector<Generation> generations_;  // oldest first; the first complete_ of them are complete
  std::size_t complete_ = 0;
  bool first_done_ = false;  // the generation that is being filled is not the first
  std::int64_t since_ns_ = 0;
};

// A numeric reference whose values all lie in one bin has no shape that could change. One value of the baseline outside
// of that bin is added to it, so that a return is seen.
void AddContrast(detectors::FeatureSummary& reference, const detectors::FeatureSummary& baseline);

}  // namespace monitor
