// QualityFindings: the quality of one window of cohorts → observations for the alert book.
//
// A pure function. Rules test the 95 % bound: violated when the whole interval is on the wrong side, clear when the
// value itself is on the right one, neither in between. Without a quality rule there are limits: accuracy (multi-class
// and binary) more than 0.05 below the training data's, rmse more than a quarter above it. Beyond them a loss is told
// by the bound alone, `critical`; otherwise a change is told while the evidence for it fires. So are the gap to the
// estimated accuracy (limit 0.05) and the share of predictions with a label, `warning` beyond their limits.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "alerts/alert.h"
#include "monitor/daemon/config/config.h"
#include "monitor/judge/quality/quality_evidence.h"
#include "monitor/labels/quality_report.h"

namespace monitor {

inline constexpr std::uint64_t kLeastLabels = 100;  // fewer say nothing about a window

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
  const QualityEvidence& evidence;  // of this version, with the cohort that ends the window when it is mature
  // Labels and predictions of the mature cohorts before the window.
  std::uint64_t cohorts_before, predictions_before, labels_before;
};

struct QualityVerdicts {
  std::vector<alerts::Observation> observations;
  std::array<bool, QualityEvidence::kFigures> quiet{};  // on the right side of its limit
};
QualityVerdicts QualityFindings(const QualityInput& input);

}  // namespace monitor
