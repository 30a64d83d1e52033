#include "monitor/judge/evidence/evidence_account.h"

#include <algorithm>
#include <cmath>

#include "alerts/messages/time_text.h"

namespace monitor {

nlohmann::json AccountOf(const AccountInput& input) {
  using nlohmann::json;
  constexpr double kSecondNs = 1e9;
  const double steps = static_cast<double>(input.budget.period_ns) / static_cast<double>(input.step_ns);
  json parts = json::array();
  double log_e = 0, design_effect = 1;
  for (const AccountedPart& part : input.parts) {
    EvidencePlan::Inputs inputs =
        part.plan->InputsOf(input.alarm.component, *part.reference, *part.step, input.design_effects);
    inputs.json["baseline"] = part.digest;
    log_e += inputs.log_e;
    design_effect = inputs.design_effect;
    parts.push_back(std::move(inputs.json));
  }
  // As the detector takes it (shiryaev_roberts.h).
  const double counted = std::min(log_e, 60.0);
  return {{"alarm", input.compared_with},
          {"compared_until", input.compared_until_ns == 0 ? json() : json(alerts::FormatTime(input.compared_until_ns))},
          {"budget",
           {{"expected_false_alarms", input.budget.expected_false_alarms},
            {"period_seconds", static_cast<double>(input.budget.period_ns) / kSecondNs},
            {"step_seconds", static_cast<double>(input.step_ns) / kSecondNs},
            {"steps_per_period", steps},
            {"weight", steps / (input.budget.expected_false_alarms * input.threshold)},
            {"threshold", input.threshold}}},
          {"evidence", input.alarm.evidence},
          {"component",
           {{"words", input.words},
            {"weight", input.weight},
            {"mass_before", std::max(0.0, input.alarm.mass / std::exp(counted) - 1)},
            {"log_e", log_e},
            {"mass", input.alarm.mass},
            {"part", input.weight * input.alarm.mass / (input.alarm.evidence * input.threshold)}}},
          {"null", {{"min_effect", input.min_effect}, {"reference_design_effect", input.reference_design_effect}}},
          {"design_effect", design_effect},
          {"parts", std::move(parts)},
          {"path", input.path->Json()}};
}

}  // namespace monitor
