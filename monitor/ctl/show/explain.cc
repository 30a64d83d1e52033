// monitorctl explain ALERT: one alert in words, with the window of its feature and where to look next.
#include "alerts/messages/time_text.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/ctl/show/explain_text.h"

namespace monitor {

namespace {

using nlohmann::json;
using Query = std::map<std::string, std::string>;

std::string OrEmpty(const json& object, const char* key) {
  const std::string text = TextOf(object, key);
  return text == "-" ? "" : text;
}

std::string WindowsPath(const json& alert) {
  return "/api/v1/models/" + EscapeUrl(TextOf(alert, "model")) + "/windows";
}

// Windows that began before the alert, of its feature and version: the one that ends with the alert's step is among
// them.
Query WindowsQuery(const json& alert) {
  Query query{{"feature", OrEmpty(alert, "feature")}, {"version", OrEmpty(alert, "version")}, {"limit", "500"}};
  if (const auto started = NsOf(alert, "started_at")) query["to"] = alerts::FormatTime(*started + 1'000'000'000);
  return query;
}

// The window that closed first after the start of the alert; null when none has.
json WindowAround(const json& alert, const json& windows) {
  const auto started = NsOf(alert, "started_at");
  json found = nullptr;
  if (!started) return found;
  for (const json& window : windows.at("windows")) {
    const auto end = NsOf(window, "end");
    if (!end || *end <= *started || OrEmpty(window, "variant") != OrEmpty(alert, "variant")) continue;
    if (found.is_null() || *end < NsOf(found, "end").value_or(*end)) found = window;
  }
  return found;
}

// A model that a reload has removed has no windows to ask for.
bool IsWatched(const json& alert, const json& models) {
  for (const json& model : models.at("models")) {
    if (!OrEmpty(model, "name").empty() && OrEmpty(model, "name") == OrEmpty(alert, "model")) return true;
  }
  return false;
}

// The baseline that the alert's version is compared with; null when it is not known.
json BaselineOf(const json& alert, const json& models) {
  for (const json& model : models.at("models")) {
    if (TextOf(model, "name") != TextOf(alert, "model")) continue;
    for (const json& version : model.at("versions")) {
      const bool same = OrEmpty(version, "version") == OrEmpty(alert, "version") &&
                        OrEmpty(version, "variant") == OrEmpty(alert, "variant");
      if (same && version.value("baseline", json()).is_object()) return version.at("baseline");
    }
  }
  return nullptr;
}

// The traffic that the part of the baseline which the alert is about was learnt from.
std::string LearntFrom(const json& alert, const json& baseline) {
  const std::string monitor = OrEmpty(alert, "monitor");
  const json learnt = baseline.value("learnt", json::object());
  for (const auto& [part, traffic] : learnt.items()) {
    const bool column = OrEmpty(alert, "feature") == part || monitor.ends_with(":" + part);
    if (column || (part == "quality" && monitor.starts_with("quality"))) return traffic.get<std::string>();
  }
  return "";
}

}  // namespace

int ExplainVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{"explain",
                        "usage: monitorctl explain ALERT [--url U | --config C] [--json]\n"
                        "Prints everything that is known of one alert: what was found, the numbers before and after, "
                        "what would be usual by\n"
                        "chance, the window of its feature, and where to look. The first digits of the id are enough. "
                        "With --config also the\n"
                        "topic, owner and runbook of the model.\n"
                        "\n"
                        "example: monitorctl explain 3f2a9c01\n",
                        "ALERT",
                        {}};
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const json alert = daemon.client.Get("/api/v1/alerts/" + EscapeUrl(options.positional[0]));
    if (options.Has("json")) return PrettyJson(alert);
    Explanation explanation;
    explanation.alert = alert;
    explanation.alert_link = daemon.client.Link("/api/v1/alerts/" + EscapeUrl(TextOf(alert, "id")));
    const json models = daemon.client.Get("/api/v1/models");
    if (IsWatched(alert, models)) {
      explanation.window = WindowAround(alert, daemon.client.Get(WindowsPath(alert), WindowsQuery(alert)));
      if (const json baseline = BaselineOf(alert, models); baseline.is_object()) {
        explanation.baseline_rows = static_cast<std::uint64_t>(DoubleOf(baseline, "rows").value_or(0));
        explanation.learnt = LearntFrom(alert, baseline);
      }
      Query shown = WindowsQuery(alert);
      shown["limit"] = "10";
      shown.erase("to");
      explanation.window_link = daemon.client.Link(WindowsPath(alert), shown);
    }
    if (daemon.config) {
      for (const ModelConfig& model : daemon.config->models) {
        if (model.name != TextOf(alert, "model")) continue;
        explanation.topic = model.requests.topic;
        explanation.owner = model.owner;
        explanation.runbook = model.runbook;
      }
    }
    return ExplainText(explanation);
  });
}

}  // namespace monitor
