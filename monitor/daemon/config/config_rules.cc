#include <algorithm>
#include <array>

#include "monitor/daemon/config/config_parts.h"
#include "monitor/daemon/config/yaml_values.h"

namespace monitor {
namespace {

constexpr std::array<std::string_view, 10> kDriftMetrics{"psi", "ks",   "js",     "wasserstein", "hellinger",
                                                         "tv",  "linf", "effect", "missing",     "unseen"};
constexpr std::array<std::string_view, 34> kMetrics{"psi",
                                                    "ks",
                                                    "js",
                                                    "wasserstein",
                                                    "hellinger",
                                                    "tv",
                                                    "linf",
                                                    "effect",
                                                    "missing",
                                                    "unseen",  // the ten above
                                                    "accuracy",
                                                    "auc",
                                                    "precision",
                                                    "recall",
                                                    "f1",
                                                    "log_loss",
                                                    "brier",
                                                    "ece",
                                                    "mae",
                                                    "rmse",
                                                    "r2",
                                                    "bias",
                                                    "wape",
                                                    "specificity",
                                                    "balanced_accuracy",
                                                    "mcc",
                                                    "pr_auc",
                                                    "macro_precision",
                                                    "macro_recall",
                                                    "macro_f1",
                                                    "weighted_precision",
                                                    "weighted_recall",
                                                    "weighted_f1",
                                                    "coverage"};

std::optional<double> Limit(const YamlMap& rule, std::string_view key) {
  const auto value = rule.Find(key);
  return value ? std::optional(AsNumber(*value)) : std::nullopt;
}

RuleConfig ReadRule(const YamlValue& value) {
  static constexpr std::string_view kKeys[] = {"metric", "feature", "above", "below", "drop", "for", "provisional"};
  const YamlMap map(value, kKeys);
  RuleConfig rule;
  rule.metric = AsChoice(map.Need("metric"), kMetrics);
  ReadText(map, "feature", rule.feature);
  rule.above = Limit(map, "above");
  rule.below = Limit(map, "below");
  ReadInteger(map, "for", 1, 10'000, rule.for_steps);
  rule.drop = Limit(map, "drop");
  ReadBool(map, "provisional", rule.provisional);
  const int limits = (rule.above ? 1 : 0) + (rule.below ? 1 : 0) + (rule.drop ? 1 : 0);
  if (limits == 0) value.Fail("a rule needs a limit; add `above`, `below` or, for quality, `drop`");
  if (limits > 1) value.Fail("a rule has one limit; keep one of `above`, `below` and `drop`, or write two rules");
  const bool drift = std::find(kDriftMetrics.begin(), kDriftMetrics.end(), rule.metric) != kDriftMetrics.end();
  if (!drift && !rule.feature.empty())
    map.Find("feature")->Fail("`" + rule.metric + "` is a measure of the whole model; delete `feature`");
  if (drift && rule.drop)
    map.Find("drop")->Fail("`drop` compares quality with the baseline's; a distance takes `above`");
  if (rule.drop && *rule.drop <= 0)
    map.Find("drop")->Fail("must be above 0: it says how much worse than the baseline is too bad");
  if (drift && map.Find("provisional"))
    map.Find("provisional")->Fail("is about labels that are still coming; delete it for `" + rule.metric + "`");
  return rule;
}

}  // namespace

std::vector<RuleConfig> ReadRules(const YamlValue& rules) {
  std::vector<RuleConfig> read;
  for (const YamlValue& rule : rules.Items()) {
    read.push_back(ReadRule(rule));
    if (std::count(read.begin(), read.end(), read.back()) > 1)
      rule.Fail("the same rule stands above; delete one of them");
  }
  return read;
}

}  // namespace monitor
