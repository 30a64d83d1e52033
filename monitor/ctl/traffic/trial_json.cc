#include <cmath>

#include "monitor/ctl/drift.h"
#include "monitor/ctl/traffic/trial_text.h"

namespace monitor {

using nlohmann::json;

json TrialJson(const Trial& trial) {
  json answer{{"messages", trial.messages},
              {"label_messages", trial.label_messages},
              {"received", trial.counters.received()},
              {"counted", trial.counters.counted},
              {"late", trial.counters.late},
              {"rejected", trial.counters.rejected()},
              {"skipped", trial.counters.skipped},
              {"duplicates", trial.counters.duplicates},
              {"rejects", json::array()},
              {"features", json::array()},
              {"extra", json::array()},
              {"with_id", trial.with_id},
              {"probed", trial.probed},
              {"skew_seconds", nullptr},
              {"disordered", nullptr},
              {"labels", nullptr}};
  for (const Trial::Reject& reject : trial.rejects) {
    answer["rejects"].push_back(
        {{"reason", reject.reason}, {"count", reject.count}, {"sample", reject.sample}, {"hint", reject.hint}});
  }
  const DriftReport report = JudgeFile(*trial.baseline, trial.counted);
  const auto finite = [](double value) { return std::isfinite(value) ? json(value) : json(nullptr); };
  for (std::size_t i = 0; i < trial.features.size(); ++i) {
    const Trial::Feature& feature = trial.features[i];
    const detectors::Estimate& effect = report.columns[i].distances.effect;
    answer["features"].push_back({{"name", feature.name},
                                  {"matched", feature.matched()},
                                  {"missing", feature.missing},
                                  {"type_faults", feature.type_faults},
                                  {"unseen", feature.unseen},
                                  {"effect", finite(effect.value)},
                                  {"effect_low", finite(effect.low)},
                                  {"effect_high", finite(effect.high)},
                                  {"verdict", Text(report.columns[i].verdict.verdict)}});
  }
  for (const Trial::Extra& extra : trial.extras)
    answer["extra"].push_back({{"name", extra.name}, {"records", extra.records}, {"example", extra.example}});
  if (trial.skew) {
    answer["skew_seconds"] = {{"least", trial.skew->least}, {"median", trial.skew->median}, {"most", trial.skew->most}};
    answer["disordered"] = {{"records", trial.skew->disordered}, {"worst_seconds", trial.skew->worst_disorder}};
  }
  if (trial.labels) {
    answer["labels"] = {{"joined", trial.labels->joined},
                        {"unmatched", trial.labels->unmatched + trial.labels->waiting},
                        {"late", trial.labels->late},
                        {"rejected", trial.labels->rejected()}};
  }
  return answer;
}

}  // namespace monitor
