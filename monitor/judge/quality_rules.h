// QualityFindings: the quality of one window of cohorts → observations for the alert book.
//
// A pure function. Rules test the 95 % bound: violated when the whole interval is on the wrong side, clear when the
// value itself is on the right one, neither in between. Default without a quality rule: accuracy (multi-class and
// binary) more than 0.05 below the training data's, rmse more than a quarter above it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alerts/alert.h"
#include "monitor/daemon/config.h"
#include "monitor/labels/quality_report.h"

namespace monitor {

inline constexpr std::uint64_t kLeastLabels = 100;  // fewer say nothing about a cohort

struct QualityInput {
  const ModelConfig& config;
  std::string version, variant;
  std::int64_t start_ns, end_ns;  // of the window
  std::int64_t step_start_ns;     // of its last step
  bool mature;                    // else only provisional rules are looked at
  bool first;                     // no cohort of this version was judged before
  const QualityFacts& facts;
  const QualityReport& report;
  const QualityReference& reference;
  // Labels and predictions of the mature cohorts before the window.
  std::uint64_t cohorts_before, predictions_before, labels_before;
};

std::vector<alerts::Observation> QualityFindings(const QualityInput& input);

}  // namespace monitor
