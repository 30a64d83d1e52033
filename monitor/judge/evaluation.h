// EvaluateWindow: a closed window against its baseline → the API's row, the observations for the alert book, the figures for /metrics.
//
// A pure function of its input: every distance per feature, the verdict against `rules:` or the documented defaults, and a sentence for each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alerts/alert.h"
#include "monitor/daemon/config.h"
#include "monitor/ingest/shard_delta.h"
#include "monitor/judge/gross_faults.h"
#include "monitor/judge/snapshot.h"

namespace monitor {

struct WindowInput {
  const ModelConfig& config;
  std::string version, variant;
  std::int64_t start_ns, end_ns;       // of the window
  std::int64_t step_start_ns;          // of the step that closed
  bool partial;                        // fewer steps than the window holds
  bool too_short;                      // to judge distributions: a day or a weekend alone always differs from training
  const PaneSummary& sum;
  const GrossFaults* faults;           // of the variant; nullptr when there are none
};

struct WindowResult {
  std::string json;
  std::vector<alerts::Observation> observations;
  std::vector<FeatureSnapshot> features;
};

WindowResult EvaluateWindow(const WindowInput& input);

}  // namespace monitor
