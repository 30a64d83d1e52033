#include "monitor/ctl/show/account_text.h"

#include "alerts/messages/time_text.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/show/headed_text.h"
#include "monitor/ctl/table.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using nlohmann::json;

void Table(std::string& out, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    out += std::string(kTextIndent, ' ') + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
}

double Of(const json& object, const char* key) { return DoubleOf(object, key).value_or(0); }

std::string SideOf(const json& part) { return part.value("up", true) ? "" : "-"; }

std::string FormulaOf(const json& part) {
  const std::string form = TextOf(part, "form");
  if (form == "bet") {
    return "Σ count·ln(1 + λ(" + SideOf(part) + "s - τ)) / φ with λ = " + NumberOf(part, "size") +
           ", τ = " + NumberOf(part, "tolerance") + " and s the mean of the Legendre polynomial P" +
           NumberOf(part, "degree") + "(2u - 1) over the cell's ranks u in the reference";
  }
  if (form == "edge") {
    return "(count at or below the edge·ln(q1/q0) + count above·ln((1 - q1)/(1 - q0))) / φ with q0 = " +
           NumberOf(part, "null_share") + ", q1 = " + NumberOf(part, "alternative_share");
  }
  const json &step = part.at("step"), &reference = part.at("reference");
  const std::string counts = std::string(part.value("non_events", false) ? "; non-events are counted" : "") +
                             "; k of n: " + CountOf(step, "events") + " of " + CountOf(step, "records") +
                             ", in the reference " + CountOf(reference, "events") + " of " +
                             CountOf(reference, "records");
  if (form == "burst") {
    return "ln(1 - b + b·k/(n·q0)) with b = " + NumberOf(part, "factor") + ", q0 = " + NumberOf(part, "null_share") +
           counts;
  }
  return "k·ln(ρφ'/(1 + ρ(φ' - 1))) - n·q0·ln((1 + ρ(φ' - 1))/φ')/(φ' - 1) with ρ = " + NumberOf(part, "factor") +
         ", q0 = " + NumberOf(part, "null_share") + ", φ' = φ(1 - q0) = " + NumberOf(part, "dispersion") +
         ", rounded up" + counts;
}

void AddPart(std::string& out, const json& part, bool several) {
  Line(out, "log e",
       (several ? "baseline " + TextOf(part, "baseline").substr(0, 12) + ": " : std::string()) +
           NumberOf(part, "log_e") + " = " + FormulaOf(part));
  if (!part.contains("cells")) return;
  TextTable cells({{"up to"}, {"reference"}, {"step"}, {"s"}, {"log e of one"}});
  for (const json& cell : part.at("cells")) {
    cells.Add({cell.at("upto").is_null() ? "any" : NumberOf(cell, "upto"), CountOf(cell, "reference"),
               CountOf(cell, "step"), NumberOf(cell, "score"), NumberOf(cell, "log_e")});
  }
  Table(out, cells.Text());
}

void AddAlarm(std::string& out, const json& alarm) {
  const json &budget = alarm.at("budget"), &component = alarm.at("component"), &null = alarm.at("null");
  const std::string against = TextOf(alarm, "alarm");
  out += "\n";
  Line(out, "Alarm",
       std::string(against == "live"
                       ? "a further change, against the live traffic up to " + TimeOf(alarm, "compared_until")
                   : against == "accepted" ? "against the traffic that was accepted"
                                           : "against training") +
           ": evidence " + NumberOf(alarm, "evidence") + " = M/c, 1 is an alarm");
  Line(out, "Threshold",
       "c = T/(X·w) = " + NumberOf(budget, "threshold") + " with T = " + NumberOf(budget, "steps_per_period") +
           " steps of " + alerts::FormatDuration(static_cast<std::int64_t>(Of(budget, "step_seconds") * 1e9)) + " in " +
           alerts::FormatDuration(static_cast<std::int64_t>(Of(budget, "period_seconds") * 1e9)) +
           ", X = " + NumberOf(budget, "expected_false_alarms") + " false alarms, w = " + NumberOf(budget, "weight") +
           " of the budget");
  Line(out, "Null",
       "changes within min_effect " + NumberOf(null, "min_effect") +
           " and the reference's own error, whose design effect is " + NumberOf(null, "reference_design_effect"));
  Line(out, "Component",
       "\"" + TextOf(component, "words") + "\" brings " + Percent(Of(component, "part")) +
           " of M: v·R = " + NumberOf(component, "weight") + "·" + NumberOf(component, "mass") + "; R = (1 + " +
           NumberOf(component, "mass_before") + ")·e^(log e), log e = " + NumberOf(component, "log_e") +
           "; design effect φ = " + NumberOf(alarm, "design_effect"));
  const json& parts = alarm.at("parts");
  for (const json& part : parts) AddPart(out, part, parts.size() > 1);
  TextTable path({{"step", TextTable::Align::kLeft}, {"records"}, {"evidence"}});
  for (const json& point : alarm.at("path"))
    path.Add({TimeOf(point, "start"), CountOf(point, "records"), NumberOf(point, "evidence")});
  Line(out, "Path", "the evidence after each step up to the alarm");
  Table(out, path.Text());
}

}  // namespace

std::string AccountText(const json& account) {
  std::string out;
  if (!account.is_array()) return out;
  for (const json& alarm : account) AddAlarm(out, alarm);
  return out;
}

}  // namespace monitor
