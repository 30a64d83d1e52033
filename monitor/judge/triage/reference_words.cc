#include "monitor/judge/triage/reference_words.h"

#include "alerts/messages/time_text.h"

namespace monitor {
namespace {

nlohmann::json TimeOrNull(std::int64_t ns) {
  return ns == 0 ? nlohmann::json() : nlohmann::json(alerts::FormatTime(ns));
}

}  // namespace

std::string StandingClause(const EvidenceFinding& finding) {
  std::string text;
  if (finding.changed_ns != 0) {
    text += "; it changed again, most likely on " + alerts::FormatTimeForPeople(finding.changed_ns) + ": " +
            finding.change_words + (finding.toward_training ? ", back towards training" : "");
  }
  if (finding.stable_since_ns != 0) text += "; stable since " + alerts::FormatTimeForPeople(finding.stable_since_ns);
  return text;
}

nlohmann::json ReferenceJson(const std::optional<EvidenceFinding>& finding, const detectors::Distances& judged) {
  if (!finding || (finding->accepted_since_ns == 0 && !finding->firing)) return nullptr;
  const auto value = [](const detectors::Estimate& estimate) {
    return estimate.ok() ? nlohmann::json(estimate.value) : nlohmann::json();
  };
  nlohmann::json reference{{"kind", finding->accepted_since_ns == 0 ? "training" : "accepted"},
                           {"since", TimeOrNull(finding->accepted_since_ns)},
                           {"psi", value(judged.psi)},
                           {"effect", value(judged.effect)}};
  if (!finding->firing) return reference;
  reference["stable_since"] = TimeOrNull(finding->stable_since_ns);
  reference["changes"] = finding->changes;
  reference["changed_at"] = TimeOrNull(finding->changed_ns);
  reference["change_evidence"] = finding->change_evidence;
  return reference;
}

}  // namespace monitor
