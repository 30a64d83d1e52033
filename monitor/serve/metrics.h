// SnapshotMetrics: the committed snapshot as Prometheus metrics (names and labels: ARCHITECTURE 7, prefix
// model_monitor_).
//
// Families are built at scrape time; counting pays nothing. A label that has no value (variant "") is left out, a
// series whose value is unknown is absent, never 0. Cost: about 1.5 µs per series. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include <prometheus/collectable.h>

#include "monitor/daemon/config/config.h"
#include "monitor/ingest/kafka/poll_gaps.h"
#include "monitor/judge/snapshot.h"

namespace monitor {

// Which features get series of their own: all, none, or of each model the `top` largest effects and every one with a
// firing alert.
struct FeatureSeriesPolicy {
  Config::FeatureSeries which = Config::FeatureSeries::kTop;
  int top = 20;
};

class SnapshotMetrics : public prometheus::Collectable {
 public:
  // `board` must outlive this, and `gaps` (nullptr: there are no counters).
  SnapshotMetrics(const SnapshotBoard& board, FeatureSeriesPolicy policy, const PollGaps* gaps)
      : board_(board), policy_(policy), gaps_(gaps) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const SnapshotBoard& board_;
  FeatureSeriesPolicy policy_;
  const PollGaps* gaps_;
};

// Prometheus text format 0.0.4 of everything that Collect gives.
std::string MetricsText(const prometheus::Collectable& metrics);

}  // namespace monitor
