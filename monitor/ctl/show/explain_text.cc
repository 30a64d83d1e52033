#include "monitor/ctl/show/explain_text.h"

#include <cmath>
#include <cstdlib>

#include "alerts/messages/time_text.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/show/account_text.h"
#include "monitor/ctl/show/headed_text.h"
#include "monitor/ctl/table.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {

namespace {

using nlohmann::json;

bool IsShare(const std::string& monitor) {
  for (const char* kind : {"missing:", "type_faults:", "unseen:", "out_of_range:"}) {
    if (monitor.rfind(kind, 0) == 0) return true;
  }
  return false;
}

std::string Value(const json& alert, const char* key) {
  const auto value = DoubleOf(alert, key);
  if (!value) return "unknown";
  return IsShare(TextOf(alert, "monitor")) && *value >= 0 && *value <= 1 ? Percent(*value) : Number(*value);
}

std::string State(const json& alert) {
  const std::string state = TextOf(alert, "state");
  std::string text = state == "pending" ? "pending: violated, but not yet for as many steps as its rule asks" : state;
  if (alert.value("accepted", false)) {
    text += ", accepted";
  } else if (alert.value("acknowledged", false)) {
    text += ", acknowledged";
  }
  return text;
}

// "2026-05-11 17:00 UTC ack by ann: known"
std::string Done(const json& action) {
  std::string text = TimeOf(action, "time") + " UTC " + Spaced(TextOf(action, "action"));
  if (TextOf(action, "by") != "-") text += " by " + TextOf(action, "by");
  if (TextOf(action, "comment") != "-") text += ": " + TextOf(action, "comment");
  return text;
}

std::string Since(const json& alert) {
  std::string text;
  const auto began = NsOf(alert, "began_at"), started = NsOf(alert, "started_at"),
             resolved = NsOf(alert, "resolved_at");
  if (began) text += "the change began about " + alerts::FormatTimeForPeople(*began) + "; ";
  if (started) text += "fired in the step from " + alerts::FormatTimeForPeople(*started) + "; ";
  if (resolved) {
    text += "resolved " + alerts::FormatTimeForPeople(*resolved);
    if (started) text += ", after " + alerts::FormatDuration(*resolved - *started);
  } else {
    text += "not resolved";
  }
  return text;
}

std::string Numbers(const json& alert) {
  std::string text = "baseline " + Value(alert, "baseline") + ", now " + Value(alert, "value");
  if (DoubleOf(alert, "threshold")) text += "; the alarm is at " + Value(alert, "threshold");
  return text;
}

std::string EffectWords(const json& alert) {
  const auto effect = DoubleOf(alert, "effect"), low = DoubleOf(alert, "effect_low"),
             high = DoubleOf(alert, "effect_high"), psi = DoubleOf(alert, "psi"), psi_low = DoubleOf(alert, "psi_low");
  if (!effect) return "";
  const double size = std::abs(*effect);
  const char* word = size < 0.2 ? "small" : size < 0.5 ? "moderate" : size < 1 ? "large" : "very large";
  std::string text = Number(*effect) + " standard deviations of the baseline, or what equals it";
  if (low && high) text += " (95 %: " + Number(*low) + " to " + Number(*high) + ")";
  text += std::string(": ") + word;
  if (psi) text += "; PSI without sampling noise " + Number(*psi);
  if (psi && psi_low) text += ", at least " + Number(*psi_low);
  return text;
}

std::string Given(const json& alert, const char* key) {
  const std::string text = TextOf(alert, key);
  return text == "-" ? "" : text;
}
std::string Retrain(const json& alert) {
  const auto found = alert.find("retrain");
  if (found == alert.end() || !found->is_boolean()) return "";
  return found->get<bool>() ? "could mend it" : "would not mend it";
}

std::string EvidenceWords(const json& alert) {
  const auto evidence = DoubleOf(alert, "evidence");
  if (!evidence) return "";
  return Number(*evidence) + " of what an alarm needs (1 is an alarm within the budget of false alarms)";
}

// What became of the change since the alert fired.
std::string FurtherWords(const json& alert) {
  const auto changes = DoubleOf(alert, "changes");
  if (!changes) return "";
  std::string text;
  if (*changes > 0)
    text = "changed again " + CountOf(alert, "changes") + (*changes > 1 ? " times" : " time") + " since it fired";
  if (NsOf(alert, "changed_at"))
    text += (text.empty() ? "" : ", ") + std::string("last about ") + TimeOf(alert, "changed_at") + " UTC";
  if (NsOf(alert, "stable_since"))
    text += (text.empty() ? "" : "; ") + std::string("stable since ") + TimeOf(alert, "stable_since") + " UTC";
  return text;
}

// How far distances get when nothing has changed: independent rows, ten coarse bins (STATISTICS 2).
std::string Chance(const Explanation& explanation, const json& feature) {
  const auto rows = DoubleOf(feature, "count");
  if (!rows || *rows <= 0 || explanation.baseline_rows == 0) return "";
  constexpr double kDegrees = 9, kChi95 = 16.919, kKsMean = 0.869, kKs95 = 1.358;
  const double noise = 1 / *rows + 1 / static_cast<double>(explanation.baseline_rows);
  std::string text = "with " + Thousands(static_cast<std::uint64_t>(*rows)) + " rows against " +
                     Thousands(explanation.baseline_rows) +
                     " of the baseline, were nothing different and the rows independent";
  std::string distances;
  if (DoubleOf(feature, "psi")) {
    distances +=
        "PSI would be about " + Number(kDegrees * noise) + " (above " + Number(kChi95 * noise) + " in 1 window of 20)";
  }
  if (DoubleOf(feature, "ks")) {
    distances += std::string(distances.empty() ? "" : ", ") + "KS about " + Number(kKsMean * std::sqrt(noise)) +
                 " (above " + Number(kKs95 * std::sqrt(noise)) + ")";
  }
  return distances.empty() ? "" : text + ", " + distances;
}

// The alert's column within the window's row; null when it has none.
json Column(const Explanation& explanation) {
  const json& window = explanation.window;
  if (!window.is_object()) return nullptr;
  const std::string name = TextOf(explanation.alert, "feature");
  for (const json& feature : window.value("features", json::array())) {
    if (feature.is_object() && TextOf(feature, "name") == name) return feature;
  }
  const std::string monitor = TextOf(explanation.alert, "monitor");
  for (const char* part : {"prediction", "score"}) {
    const bool meant = name == part || monitor.find(std::string(":") + part) != std::string::npos;
    if (meant && window.contains(part)) return window.at(part);
  }
  return nullptr;
}

// Where the column is not compared with training.
std::string ReferenceWords(const json& column) {
  const json reference = column.value("reference", json());
  if (!reference.is_object() || TextOf(reference, "kind") != "accepted") return "";
  return "the traffic since " + TimeOf(reference, "since") + " UTC, which was accepted: PSI " +
         NumberOf(reference, "psi") + ", effect " + NumberOf(reference, "effect") +
         "; the distances below are from training";
}

std::string Part(const json& column, const char* key, const char* name) {
  return DoubleOf(column, key) ? std::string(name) + " " + NumberOf(column, key) + ", " : "";
}

std::string Distances(const json& column) {
  std::string text;
  if (DoubleOf(column, "psi")) {
    text += "PSI " + NumberOf(column, "psi");
    if (DoubleOf(column, "psi_low")) text += " (at least " + NumberOf(column, "psi_low") + " with 95 % confidence)";
    text += ", ";
  }
  text += Part(column, "ks", "KS") + Part(column, "js", "Jensen-Shannon") +
          Part(column, "wasserstein", "Wasserstein (in sd)") + Part(column, "hellinger", "Hellinger") +
          Part(column, "tv", "total variation") + Part(column, "linf", "largest shift of a bin");
  if (text.empty()) return text;
  return text.substr(0, text.size() - 2);
}

std::string Values(const json& column) {
  std::string text = Part(column, "mean", "mean") + Part(column, "std", "standard deviation") +
                     Part(column, "min", "least") + Part(column, "max", "largest");
  const auto rows = DoubleOf(column, "count");
  for (const auto& [key, words] : {std::pair{"missing", "missing"}, std::pair{"unseen", "never seen in training"},
                                   std::pair{"type_faults", "of a wrong type"}}) {
    const auto count = DoubleOf(column, key);
    if (!count || *count <= 0 || !rows || *rows <= 0) continue;
    text += CountOf(column, key) + " " + words + " (" + Percent(*count / *rows) + "), ";
  }
  return text.empty() ? text : text.substr(0, text.size() - 2);
}

std::string WindowWords(const json& window) {
  std::string text =
      TimeOf(window, "start") + " to " + TimeOf(window, "end") + " UTC, " + CountOf(window, "count") + " rows";
  return window.value("partial", false) ? text + " (partial: the window is not full yet)" : text;
}

}  // namespace

std::string ExplainText(const Explanation& explanation) {
  const json& alert = explanation.alert;
  std::string out =
      "Alert " + TextOf(alert, "id") + ": " + Spaced(TextOf(alert, "cause")) + " of model " + TextOf(alert, "model");
  if (TextOf(alert, "version") != "-") out += ", version " + TextOf(alert, "version");
  if (TextOf(alert, "variant") != "-") out += ", variant " + TextOf(alert, "variant");
  out += "\n\n";
  Line(out, "What", TextOf(alert, "summary"));
  Line(out, "Likely", Given(alert, "likely"));
  Line(out, "Because", Given(alert, "because"));
  Line(out, "Else", Given(alert, "else"));
  Line(out, "Retraining", Retrain(alert));
  Line(out, "State", TextOf(alert, "severity") + ", " + State(alert));
  Line(out, "Since", Since(alert));
  Line(out, "Watched",
       TextOf(alert, "monitor") + (TextOf(alert, "feature") == "-" ? "" : ", feature " + TextOf(alert, "feature")));
  if (!explanation.learnt.empty())
    Line(out, "Baseline", "not the training data, but what was learnt from live " + explanation.learnt);
  Line(out, "Numbers", Numbers(alert));
  Line(out, "Effect", EffectWords(alert));
  Line(out, "Where", Given(alert, "where"));
  Line(out, "Evidence", EvidenceWords(alert));
  Line(out, "Rows", CountOf(alert, "count") + " rows behind the finding");
  Line(out, "Further", FurtherWords(alert));

  for (const json& action : alert.value("actions", json::array())) Line(out, "Done", Done(action));

  const json column = Column(explanation);
  out += "\n";
  if (explanation.window.is_object()) {
    Line(out, "Window", WindowWords(explanation.window));
    if (column.is_object()) {
      Line(out, "Verdict",
           TextOf(column, "verdict") + (TextOf(column, "why") == "-" ? "" : ": " + TextOf(column, "why")));
      Line(out, "Reference", ReferenceWords(column));
      Line(out, "Distances", Distances(column));
      Line(out, "By chance", Chance(explanation, column));
      Line(out, "Values", Values(column));
    }
  } else {
    Line(out, "Window", "none that holds the start of this alert has closed yet");
  }

  out += AccountText(alert.value("account", json()));

  out += "\n";
  // Links are not wrapped: people copy them.
  if (!explanation.alert_link.empty()) out += "Look at      " + explanation.alert_link + "\n";
  if (!explanation.window_link.empty()) out += "             " + explanation.window_link + "\n";
  if (TextOf(alert, "url") != "-") out += "             " + TextOf(alert, "url") + "\n";
  Line(out, "Topic", explanation.topic);
  Line(out, "Incident", TextOf(alert, "incident") + " (every alert of this model with this cause)");
  Line(out, "Owner", explanation.owner);
  Line(out, "Runbook", explanation.runbook);
  return out;
}

}  // namespace monitor
