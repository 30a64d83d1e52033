#include "monitor/ctl/daemon_text.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "alerts/messages/time_text.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/table.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {

namespace {

using nlohmann::json;

constexpr std::size_t kNameWidth = 24;
constexpr std::size_t kWhyWidth = 52;
constexpr std::size_t kIdDigits = 8;

TextTable::Column Left(const char* title) { return {title, TextTable::Align::kLeft, kWhyWidth}; }
TextTable::Column Right(const char* title) { return {title, TextTable::Align::kRight, kWhyWidth}; }

const json& ListIn(const json& answer, const char* key) {
  static const json kEmpty = json::array();
  const auto found = answer.find(key);
  return found != answer.end() && found->is_array() ? *found : kEmpty;
}

std::string Name(const json& object, const char* key) { return CutTo(TextOf(object, key), kNameWidth); }

std::string ModelName(const json& object, const char* key) {
  const std::string name = Name(object, key);
  return name == "-" ? "(no model)" : name;
}

std::string VersionName(const json& row) {
  const std::string variant = TextOf(row, "variant");
  return CutTo(TextOf(row, "version") + (variant == "-" ? "" : "/" + variant), 16);
}

std::string Share(const json& column, const char* key) {
  const auto part = DoubleOf(column, key), all = DoubleOf(column, "count");
  return part && all && *all > 0 ? Percent(*part / *all) : "-";
}

std::string WindowSpan(const json& window) { return TimeOf(window, "start") + " to " + TimeOf(window, "end"); }

bool Changed(const json& feature) {
  const std::string verdict = TextOf(feature, "verdict");
  return verdict == "drift" || verdict == "broken";
}

double Urgency(const json& feature) {
  const std::string verdict = TextOf(feature, "verdict");
  const double group = verdict == "broken" ? 2e9 : verdict == "drift" ? 1e9 : 0;
  return group + std::min(1e6, std::abs(DoubleOf(feature, "effect").value_or(0)));
}

// Features, then what the model gave out; the most urgent first.
std::vector<json> Columns(const json& window) {
  std::vector<json> columns;
  for (const json& feature : ListIn(window, "features")) columns.push_back(feature);
  std::stable_sort(columns.begin(), columns.end(),
                   [](const json& a, const json& b) { return Urgency(a) > Urgency(b); });
  for (const char* part : {"prediction", "score"}) {
    if (!window.contains(part) || !window.at(part).is_object()) continue;
    columns.push_back(window.at(part));
    columns.back()["name"] = std::string("(") + part + ")";
  }
  return columns;
}

std::string FeaturesTable(const json& window) {
  TextTable table({Left("feature"), Left("verdict"), Right("effect"), Right("PSI"), Right("KS"), Right("missing"),
                   Right("unseen"), Left("why")});
  for (const json& column : Columns(window)) {
    table.Add({Name(column, "name"), TextOf(column, "verdict"), NumberOf(column, "effect"), NumberOf(column, "psi"),
               NumberOf(column, "ks"), Share(column, "missing"), Share(column, "unseen"),
               CutTo(TextOf(column, "why"), kWhyWidth)});
  }
  return table.Text();
}

std::string FeatureCourse(const json& windows, const std::string& feature) {
  TextTable table({Left("start"), Left("end"), Left("version"), Right("rows"), Right("effect"), Right("PSI"),
                   Right("KS"), Right("missing"), Right("mean"), Left("verdict")});
  for (const json& window : windows) {
    for (const json& column : ListIn(window, "features")) {
      if (TextOf(column, "name") != feature) continue;
      table.Add({TimeOf(window, "start"), TimeOf(window, "end"), VersionName(window), CountOf(column, "count"),
                 NumberOf(column, "effect"), NumberOf(column, "psi"), NumberOf(column, "ks"), Share(column, "missing"),
                 NumberOf(column, "mean"), TextOf(column, "verdict")});
    }
  }
  return table.Text();
}

std::string Plural(std::size_t count, const std::string& word) {
  return Thousands(count) + " " + word + (count == 1 ? "" : "s");
}

}  // namespace

std::string StatusText(const json& models, const json& alerts, const std::string& ready) {
  std::string out = "daemon: " + CutTo(ready, 100) + "\n";
  for (const json& model : ListIn(models, "models")) {
    const std::string name = TextOf(model, "name");
    if (name == "-") {
      out += "\nrecords of no model: " + CountOf(model, "rejected") + " rejected\n";
      continue;
    }
    out += "\n" + name + ": " + Spaced(TextOf(model, "state")) + ", reading " + Spaced(TextOf(model, "health")) + "\n";
    if (const json learning = model.value("learning", json()); learning.is_object()) {
      const auto seconds = [&](const char* key) {
        return alerts::FormatDuration(learning.at(key).get<std::int64_t>() * 1'000'000'000);
      };
      std::string parts;
      for (const json& part : ListIn(learning, "parts")) parts += (parts.empty() ? "" : ", ") + part.get<std::string>();
      out += "  learns " + (parts.empty() ? "its baseline" : "what its baseline lacks (" + parts + ")") +
             " from live traffic: " + CountOf(learning, "rows") + " rows of at least " + CountOf(learning, "of_rows") +
             ", " + seconds("seconds") + " of " + seconds("of_seconds");
      if (!learning.value("labels_due", json()).is_null())
        out += "; its labels are complete by " + TimeOf(learning, "labels_due") + " UTC";
      out += "\n";
      if (parts.empty()) continue;
    }
    out += "  " + CountOf(model, "received") + " received = " + CountOf(model, "counted") + " counted + " +
           CountOf(model, "late") + " late + " + CountOf(model, "rejected") + " rejected + " +
           CountOf(model, "skipped") + " skipped\n";
    if (const json labels = model.value("labels", json()); labels.is_object())
      out += "  labels: " + LabelsText(labels) + "\n";
    out += "  complete up to " + TimeOf(model, "watermark") + " UTC, " + CountOf(model, "lag") +
           " behind the end of its topics\n";
    if (const json calibrating = model.value("calibrating", json()); calibrating.is_object()) {
      out += "  calibrating: " + CountOf(calibrating, "steps") + " of " + CountOf(calibrating, "of") +
             " steps have shown how far traffic scatters, the last closes by " + TimeOf(calibrating, "until") +
             " UTC; until then only what is large is told\n";
    }
    const json window = model.value("window", json());
    out += window.is_object()
               ? "  newest window " + WindowSpan(window) + " UTC, " + CountOf(window, "count") + " rows\n"
               : "  no window has closed yet\n";
    for (const json& alert : ListIn(alerts, "alerts")) {
      if (TextOf(alert, "model") != name || TextOf(alert, "state") != "firing") continue;
      out += "  " + TextOf(alert, "severity") + " " + TextOf(alert, "id").substr(0, kIdDigits) + ": " +
             TextOf(alert, "summary") + "\n";
    }
  }
  return out;
}

std::string ModelsText(const json& models) {
  TextTable table({Left("model"), Left("state"), Left("reading"), Right("counted"), Right("late"), Right("rejected"),
                   Right("skipped"), Left("complete up to (UTC)"), Right("lag")});
  for (const json& model : ListIn(models, "models")) {
    const bool none = TextOf(model, "name") == "-";
    table.Add({ModelName(model, "name"), none ? "" : Spaced(TextOf(model, "state")),
               none ? "" : Spaced(TextOf(model, "health")), CountOf(model, "counted"), CountOf(model, "late"),
               CountOf(model, "rejected"), CountOf(model, "skipped"), TimeOf(model, "watermark"),
               CountOf(model, "lag")});
  }
  std::string out = table.Text();
  TextTable versions({Left("model"), Left("version"), Left("baseline"), Right("baseline rows"), Right("counted"),
                      Left("last seen (UTC)")});
  bool any = false;
  for (const json& model : ListIn(models, "models")) {
    for (const json& version : ListIn(model, "versions")) {
      const json baseline = version.value("baseline", json());
      versions.Add({Name(model, "name"), VersionName(version), Name(baseline, "version"), CountOf(baseline, "rows"),
                    CountOf(version, "counted"), TimeOf(version, "last_seen")});
      any = true;
    }
  }
  return any ? out + "\n" + versions.Text() : out;
}

std::string WindowsText(const json& answer, const std::string& feature) {
  const json& windows = ListIn(answer, "windows");
  if (windows.empty()) return "no window has closed in this time\n";
  if (!feature.empty()) return FeatureCourse(windows, feature);
  TextTable table({Left("start (UTC)"), Left("end (UTC)"), Left("version"), Right("rows"), Right("changed"),
                   Right("largest effect"), Left("")});
  for (const json& window : windows) {
    std::size_t changed = 0;
    double largest = -1;
    std::string which;
    for (const json& column : ListIn(window, "features")) {
      if (Changed(column)) ++changed;
      if (const auto effect = DoubleOf(column, "effect"); effect && std::abs(*effect) > largest) {
        largest = std::abs(*effect);
        which = Name(column, "name");
      }
    }
    table.Add({TimeOf(window, "start"), TimeOf(window, "end"), VersionName(window), CountOf(window, "count"),
               Thousands(changed) + " of " + Thousands(ListIn(window, "features").size()),
               largest < 0 ? "-" : which + " " + Number(largest), window.value("partial", false) ? "partial" : ""});
  }
  return table.Text() + "\nnewest window, " + WindowSpan(windows.back()) + " UTC\n" + FeaturesTable(windows.back());
}

std::string AlertsText(const json& answer) {
  const json& alerts = ListIn(answer, "alerts");
  if (alerts.empty()) return "no alerts in this time\n";
  TextTable table({Left("alert"), Left("state"), Left("severity"), Left("model"), Left("since (UTC)"), Left("what")});
  std::size_t firing = 0;
  for (const json& alert : alerts) {
    if (TextOf(alert, "state") == "firing") ++firing;
    const bool began = NsOf(alert, "began_at").has_value();
    table.Add({TextOf(alert, "id").substr(0, kIdDigits), TextOf(alert, "state"), TextOf(alert, "severity"),
               Name(alert, "model"), TimeOf(alert, began ? "began_at" : "started_at"),
               CutTo(TextOf(alert, "summary"), kWhyWidth)});
  }
  return table.Text() + "\n" + Plural(alerts.size(), "alert") + ", " + Thousands(firing) +
         " firing; more of one: monitorctl explain ALERT\n";
}

std::string RejectsText(const json& answer) {
  const json& rejects = ListIn(answer, "rejects");
  if (rejects.empty()) return "no rejects in this time\n";
  TextTable table({Left("time (UTC)"), Left("model"), Left("reason"), Left("topic/partition/offset"), Left("payload")});
  for (const json& reject : rejects) {
    const auto partition = DoubleOf(reject, "partition"), offset = DoubleOf(reject, "offset");
    const std::string place = CutTo(TextOf(reject, "topic"), kNameWidth) + "/" +
                              (partition ? reject.at("partition").dump() : "-") + "/" +
                              (offset ? reject.at("offset").dump() : "-");
    table.Add({TimeOf(reject, "time"), ModelName(reject, "model"), TextOf(reject, "reason"), place,
               TextOf(reject, "hint") == "-" ? CutTo(TextOf(reject, "payload"), 48) : TextOf(reject, "hint")});
  }
  return table.Text();
}

}  // namespace monitor
