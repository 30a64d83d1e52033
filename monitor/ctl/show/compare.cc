// monitorctl compare MODEL A B: is one version, or variant, better than the other? May be asked as often as one likes.
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/ctl/show/quality_comparison.h"

namespace monitor {
namespace {

using nlohmann::json;

// Features of the newest full window that drift or are broken, and how many could be judged.
json Drift(const json& windows, const std::string& name) {
  json found{{"drifting", nullptr}, {"judged", 0}};
  for (const json& window : windows) {
    if (!IsSide(window, name)) continue;
    int drifting = 0, judged = 0;
    for (const json& feature : window.at("features")) {
      const std::string verdict = feature.at("verdict");
      judged += verdict != "insufficient" ? 1 : 0;
      drifting += verdict == "drift" || verdict == "broken" ? 1 : 0;
    }
    found = {{"drifting", judged == 0 ? json() : json(drifting)}, {"judged", judged}};
  }
  return found;
}

std::string DriftText(const json& drift, const std::string& name) {
  if (drift.at("drifting").is_null()) return name + " has too few records to say";
  return std::to_string(drift.at("drifting").get<int>()) + " of " + std::to_string(drift.at("judged").get<int>()) +
         " features of " + name + " drift";
}

}  // namespace

int CompareVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{
      "compare",
      "usage: monitorctl compare MODEL A B [--from T] [--to T]\n"
      "Says whether version (or variant) B is better or worse than A, or that this is not yet known and about how "
      "many\n"
      "more labels are needed: by accuracy, of regression by the mean absolute error. One may ask after every label: "
      "in\n"
      "one of 20 comparisons at most the verdict is ever wrong (confidence sequences; labels as if independent, at "
      "least\n"
      "30 of each). Below, how many features of each drift.\n"
      "\n"
      "example: monitorctl compare flights 7 8\n",
      "MODEL A B",
      {"from", "to"},
      2};
  return RunDaemonVerb(verb, arguments, out, err, [&verb](const Daemon& daemon, const VerbOptions& options) {
    if (options.positional.size() != 3) throw OptionError("MODEL, A and B are needed");
    const std::string &model = options.positional[0], &a = options.positional[1], &b = options.positional[2];
    const std::string path = "/api/v1/models/" + EscapeUrl(model);
    const auto query = QueryOf(verb, options, "100000");
    const json cohorts = daemon.client.Get(path + "/quality", query).at("cohorts");
    const json windows = daemon.client.Get(path + "/windows", query).at("windows");
    const json quality = CompareQuality(cohorts, a, b);
    const json drift{{"first", Drift(windows, a)}, {"second", Drift(windows, b)}};
    if (options.Has("json")) return PrettyJson({{"quality", quality}, {"drift", drift}});
    return QualityText(quality, a, b) + "\ndrift: " + DriftText(drift.at("first"), a) + ", " +
           DriftText(drift.at("second"), b) + "\n";
  });
}

}  // namespace monitor
