// EvaluateWindow: a closed window against its baseline → the API's row, the observations for the alert book, the
// figures for /metrics.
//
// Pure functions of their input: a distribution is in drift while its evidence says so (evidence_book.h), how large the
// change is and so how severe is read off the window, and `rules:` are limits of their own beside that. A sentence for
// each.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "alerts/alert.h"
#include "detectors/distances/distance.h"
#include "monitor/daemon/config/config.h"
#include "monitor/ingest/shard_delta.h"
#include "monitor/judge/evidence/correlation_monitor.h"
#include "monitor/judge/evidence/evidence_book.h"
#include "monitor/judge/evidence/pca_monitor.h"
#include "monitor/judge/snapshot.h"
#include "monitor/judge/triage/described_change.h"
#include "monitor/judge/windows/gross_faults.h"

namespace monitor {

struct WindowInput {
  const ModelConfig& config;
  std::string version, variant;
  std::int64_t start_ns, end_ns;  // of the window
  std::int64_t step_start_ns;     // of the step that closed
  bool partial;                   // fewer steps than the window holds
  bool too_short;                 // to judge distributions: a day or a weekend alone always differs from training
  const PaneSummary& sum;
  const std::vector<detectors::Distances>& distances;            // of its columns
  const GrossFaults* faults;                                     // of the variant; nullptr when there are none
  const EvidenceBook& evidence;                                  // of the variant, with this step
  const CorrelationMonitor& correlations;                        // likewise
  const std::optional<CorrelationMonitor::Change>& correlation;  // what this window says of them
  const PcaMonitor& components;                                  // of the variant, with this step
  const std::optional<PcaMonitor::Change>& residual;             // what this window says of them
  const ColumnsSince& since;                                     // of the columns whose distribution is alerted
};

struct WindowResult {
  std::string json;
  std::vector<alerts::Observation> observations;
  std::vector<FeatureSnapshot> features;
};

WindowResult EvaluateWindow(const WindowInput& input);

// Puts the upper bounds of the effects in this window into `effects` where they are larger than those of other
// versions. Effects are measured from what an operator has accepted, where that is the reference.
void AddWindowEffects(const PaneSummary& sum, const std::vector<detectors::Distances>& distances,
                      const EvidenceBook& evidence, EvidenceBook::WindowEffects& effects);

}  // namespace monitor
