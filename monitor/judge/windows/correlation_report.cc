#include "monitor/judge/windows/correlation_report.h"

#include <nlohmann/json.hpp>

#include "alerts/messages/time_text.h"
#include "monitor/judge/evidence/evidence_monitor.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

std::string Steps(std::uint32_t steps) { return Thousands(steps) + (steps == 1 ? " step" : " steps"); }

// "the correlation of a and b went from 0.62 to 0.31"
std::string Sentence(const CorrelationMonitor::Change& change) {
  return "the correlation of " + change.features.first + " and " + change.features.second + " went from " +
         Number(change.change.baseline) + " to " + Number(change.change.current);
}

std::string FiringSentence(const CorrelationMonitor& monitor, const CorrelationMonitor::Change& change) {
  return Sentence(change) + ", a change of " + Number(change.change.effect) +
         " standard deviations, most likely since " + alerts::FormatTimeForPeople(monitor.detector().began_ns()) +
         "; it took " + Steps(monitor.detector().took()) + " of evidence to tell it from chance" +
         (monitor.detector().quiet_steps() > 0 ? "; quiet again for " + Steps(monitor.detector().quiet_steps()) : "");
}

}  // namespace

nlohmann::json CorrelationJson(const CorrelationMonitor& monitor,
                               const std::optional<CorrelationMonitor::Change>& change) {
  if (!change || !monitor.known()) return nullptr;
  return {
      {"features", {change->features.first, change->features.second}},
      {"baseline", change->change.baseline},
      {"now", change->change.current},
      {"effect", change->change.effect},
      {"effect_low", change->low()},
      {"effect_high", change->high()},
      {"evidence", monitor.detector().firing() ? monitor.detector().fired_evidence() : monitor.detector().evidence()},
      {"drift", monitor.detector().firing()},
      {"why", monitor.detector().firing() ? FiringSentence(monitor, *change) : std::string()}};
}

std::optional<alerts::Observation> ObserveCorrelation(alerts::Observation base, const CorrelationMonitor& monitor,
                                                      const std::optional<CorrelationMonitor::Change>& change) {
  if (!change || !monitor.known()) return std::nullopt;
  using Verdict = alerts::Observation::Verdict;
  base.monitor = "correlation";
  base.cause = alerts::Cause::kDataDrift;
  // On the way to its end the window says how little is left, not what was found.
  base.verdict = !monitor.detector().firing()           ? Verdict::kClear
                 : monitor.detector().quiet_steps() > 0 ? Verdict::kInsufficient
                                                        : Verdict::kViolated;
  base.value = change->change.current;
  base.baseline = change->change.baseline;
  base.effect = change->change.effect;
  base.summary = monitor.detector().firing() ? FiringSentence(monitor, *change) : Sentence(*change);
  if (!monitor.detector().firing()) return base;
  base.feature = change->features.first + " × " + change->features.second;
  base.severity = change->change.effect < kWarningEffect ? alerts::Severity::kInfo : alerts::Severity::kWarning;
  base.began_at_ns = monitor.detector().began_ns();
  base.evidence = monitor.detector().fired_evidence();
  return base;
}

}  // namespace monitor
