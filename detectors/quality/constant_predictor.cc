// ConstantPredictorBinary and ConstantPredictorMulticlass: the floor under every measure of classification.
#include <algorithm>
#include <cmath>
#include <map>

#include "detectors/distances/proportion.h"
#include "detectors/quality/classification.h"

namespace detectors {
namespace {

Estimate Exactly(double value) { return {.value = value, .low = value, .high = value}; }

// A measure that rises with the proportion.
template <class Function>
Estimate Rising(const Estimate& proportion, Function f) {
  return {.value = f(proportion.value), .low = f(proportion.low), .high = f(proportion.high)};
}

// A measure that falls with the share of the larger of two classes.
template <class Function>
Estimate Falling(const Estimate& majority, Function f) {
  return {.value = f(majority.value), .low = f(majority.high), .high = f(std::max(0.5, majority.low))};
}

double Entropy(double share) {
  const double p = std::clamp(share, 1e-7, 1 - 1e-7);
  return -share * std::log(p) - (1 - share) * std::log1p(-p);
}

std::map<std::uint16_t, std::uint64_t> LabelsByClass(const ClassificationCounts& counts) {
  std::map<std::uint16_t, std::uint64_t> labels;
  counts.ForEach([&](const ClassificationCounts::Cell& cell) {
    if (cell.label != kNone) labels[cell.label] += cell.count;
  });
  return labels;
}

}  // namespace

QualityMeasures ConstantPredictorBinary(const ClassificationCounts& counts, std::uint16_t positive) {
  auto labels = LabelsByClass(counts);
  const std::uint64_t n = counts.labels();
  const std::uint64_t positives = labels[positive];
  const Estimate rate = Proportion(positives, n, NotComputable::kNoLabels);
  const Estimate majority = Proportion(std::max(positives, n - positives), n, NotComputable::kNoLabels);
  const bool one_class = positives == 0 || positives == n;
  const bool says_positive = 2 * positives > n;
  const auto both_classes = [&](double value) {
    return one_class ? Estimate::None(NotComputable::kOneClass) : Exactly(value);
  };

  QualityMeasures floor;
  floor["accuracy"] = majority;
  floor["precision"] = rate;
  floor["pr_auc"] = positives == 0 ? Estimate::None(NotComputable::kNoPositiveLabels) : rate;
  floor["f1"] = Rising(rate, [](double share) { return 2 * share / (1 + share); });
  floor["recall"] = positives == 0 ? Estimate::None(NotComputable::kNoPositiveLabels) : Exactly(says_positive ? 1 : 0);
  floor["specificity"] =
      positives == n ? Estimate::None(NotComputable::kNoNegativeLabels) : Exactly(says_positive ? 0 : 1);
  floor["balanced_accuracy"] = both_classes(0.5);
  floor["auc"] = both_classes(0.5);
  floor["mcc"] = both_classes(0);
  floor["log_loss"] = Falling(majority, Entropy);
  floor["brier"] = Falling(majority, [](double share) { return share * (1 - share); });
  if (n == 0) {
    for (auto& [name, measure] : floor) measure = Estimate::None(NotComputable::kNoLabels);
  }
  return floor;
}

QualityMeasures ConstantPredictorMulticlass(const ClassificationCounts& counts) {
  const auto labels = LabelsByClass(counts);
  std::uint64_t most = 0;
  for (const auto& [code, count] : labels) most = std::max(most, count);
  const Estimate majority = Proportion(most, counts.labels(), NotComputable::kNoLabels);
  const auto classes = static_cast<double>(labels.size());
  const auto f1 = [](double share) { return 2 * share / (1 + share); };
  const auto both_classes = [&](double value) {
    return labels.size() < 2 ? Estimate::None(NotComputable::kOneClass) : Exactly(value);
  };

  QualityMeasures floor;
  // Precision exists for the one predicted class only, where it is the share of that class.
  for (const char* name : {"accuracy", "weighted_recall", "macro_precision", "weighted_precision"})
    floor[name] = majority;
  floor["balanced_accuracy"] = both_classes(1 / classes);
  floor["macro_recall"] = Exactly(1 / classes);
  floor["macro_f1"] = Rising(majority, [&](double share) { return f1(share) / classes; });
  floor["weighted_f1"] = Rising(majority, [&](double share) { return share * f1(share); });
  floor["mcc"] = both_classes(0);
  if (counts.labels() == 0) {
    for (auto& [name, measure] : floor) measure = Estimate::None(NotComputable::kNoLabels);
  }
  return floor;
}

}  // namespace detectors
