// PaneSummary: everything that was counted of one (model, version, variant) in one pane.
//
// A value type: Merge adds panes of the same frame, Encode and Decode keep them. Its columns take about 2 KiB each, so
// they are made when the first record is counted in them. Not thread-safe.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/evidence/second_moments.h"
#include "detectors/feature_summary.h"
#include "monitor/ingest/counting_plan.h"

namespace monitor {

struct PaneKey {
  std::string model;
  std::int64_t start_ns = 0;
  std::string version, variant;
  auto operator<=>(const PaneKey&) const = default;
};

struct PaneSummary {
  std::shared_ptr<const Frame> frame;
  // Features, then prediction and score as the frame has them. May be none at all where nothing is counted in them.
  std::vector<detectors::FeatureSummary> columns;
  std::uint64_t records = 0;
  std::uint64_t extra = 0;  // values under unknown names
  std::int64_t last_event_ns = 0;
  // Records that were not counted but came while this pane was the newest of their shard: behind its clock, by how many
  // seconds at most, and ahead of their own arrival.
  std::uint64_t late = 0, late_seconds = 0, future = 0;
  std::uint64_t duplicates = 0;  // of `records`: ids that had come before; known to the judge alone
  // Of the sampled records (detectors::JointSampleShift); nothing where the baseline has no joint reference.
  std::optional<detectors::SecondMoments> joint;

  static PaneSummary Empty(std::shared_ptr<const Frame> frame);
  void MakeColumns();                    // unless there are some
  void Merge(const PaneSummary& other);  // of the same frame
  std::string Encode() const;
  static PaneSummary Decode(std::string_view bytes,
                            std::shared_ptr<const Frame> frame);  // throws detectors::DecodeError
};

}  // namespace monitor
