// monitorctl compare MODEL A B: is one version, or variant, better than the other? May be asked as often as one likes.
#include <cmath>
#include <cstdio>

#include "detectors/confidence_sequence.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/judge/wording.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr double kAlpha = 0.05;

bool IsSide(const json& row, const std::string& name) {
  return row.value("version", "") == name || (!name.empty() && row.value("variant", "") == name);
}

// Labelled predictions of one side, right and wrong ones, over all cohorts.
detectors::SampleMean Accuracy(const json& cohorts, const std::string& name) {
  double right = 0;
  std::uint64_t labels = 0;
  for (const json& cohort : cohorts) {
    const json& metrics = cohort.at("metrics");
    if (!IsSide(cohort, name) || !metrics.contains("accuracy") || metrics["accuracy"].is_null()) continue;
    const auto count = cohort.at("labels").get<std::uint64_t>();
    labels += count;
    right += metrics["accuracy"].at("value").get<double>() * static_cast<double>(count);
  }
  if (labels == 0) return {};
  const double mean = right / static_cast<double>(labels);
  return {labels, mean, mean * (1 - mean)};
}

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

std::string QualityText(const json& quality, const std::string& a, const std::string& b) {
  const std::string verdict = quality.at("verdict");
  if (verdict == "no_labels") return "quality: not known, one of them has no labels";
  const std::string figures = "accuracy " + Percent(quality.at("second")) + " (" + b + ", " +
                              Thousands(quality.at("second_labels")) + " labels) against " +
                              Percent(quality.at("first")) + " (" + a + ", " + Thousands(quality.at("first_labels")) +
                              " labels)";
  if (verdict != "not_yet_known") return "quality: " + b + " is " + verdict + " than " + a + ": " + figures;
  return "quality: not yet known: " + figures +
         (quality.at("labels_missing").is_null()
              ? ""
              : "; if the difference stays, about " + Thousands(quality.at("labels_missing")) +
                    " more labels will tell");
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
      "more labels are needed. One may ask after every label: in one of 20 comparisons at most the verdict is ever\n"
      "wrong (confidence sequences; labels as if independent). Below, how many features of each drift.\n"
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
    const auto first = Accuracy(cohorts, a), second = Accuracy(cohorts, b);
    const auto comparison = detectors::CompareMeans(first, second, kAlpha);
    json quality{{"verdict", "no_labels"}};
    if (first.count > 0 && second.count > 0) {
      quality = {
          {"verdict", !comparison.decided()       ? "not_yet_known"
                      : comparison.difference > 0 ? "better"
                                                  : "worse"},
          {"first", first.mean},
          {"second", second.mean},
          {"first_labels", first.count},
          {"second_labels", second.count},
          {"difference", comparison.difference},
          {"radius", comparison.radius},
          {"labels_missing", comparison.values_missing ? json(std::llround(*comparison.values_missing)) : json()}};
    }
    const json drift{{"first", Drift(windows, a)}, {"second", Drift(windows, b)}};
    if (options.Has("json")) return PrettyJson({{"quality", quality}, {"drift", drift}});
    return QualityText(quality, a, b) + "\ndrift: " + DriftText(drift.at("first"), a) + ", " +
           DriftText(drift.at("second"), b) + "\n";
  });
}

}  // namespace monitor
