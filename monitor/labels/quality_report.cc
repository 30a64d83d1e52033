#include "monitor/labels/quality_report.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "detectors/quality/estimated_quality.h"
#include "detectors/quality/regression.h"

namespace monitor {
namespace {

using baselines::Task;

detectors::QualityMeasures Measures(const CohortCounts& counts, Task task, std::uint16_t positive) {
  switch (task) {
    case Task::kBinary:
      return detectors::BinaryMetrics(counts.classes, positive);
    case Task::kMultiClass:
      return detectors::MulticlassMetrics(counts.classes);
    case Task::kRegression:
      return detectors::RegressionMetrics(counts.numbers);
    case Task::kNone:
      break;
  }
  return {};
}

detectors::QualityMeasures Floor(const CohortCounts& counts, Task task, std::uint16_t positive) {
  switch (task) {
    case Task::kBinary:
      return detectors::ConstantPredictorBinary(counts.classes, positive);
    case Task::kMultiClass:
      return detectors::ConstantPredictorMulticlass(counts.classes);
    case Task::kRegression:
      return detectors::ConstantPredictorRegression(counts.numbers);
    case Task::kNone:
      break;
  }
  return {};
}

constexpr std::array<std::string_view, 7> kLessIsBetter{"log_loss", "brier", "ece", "mae", "rmse", "wape", "bias"};

}  // namespace

detectors::Tally ErrorsOf(const detectors::ClassificationCounts& counts) {
  detectors::Tally errors;
  const std::uint16_t positive = counts.positive();
  counts.ForEach([&](const detectors::ClassificationCounts::Cell& cell) {
    if (cell.predicted == detectors::kNone || cell.label == detectors::kNone) return;
    const bool right = positive == detectors::kNone ? cell.predicted == cell.label
                                                    : (cell.predicted == positive) == (cell.label == positive);
    errors.records += cell.count;
    if (!right) errors.events += cell.count;
  });
  return errors;
}

QualityReference::QualityReference(const baselines::Profile& profile) {
  if (!profile.quality) return;
  const baselines::ReferenceQuality& quality = *profile.quality;
  const std::uint16_t positive = quality.CodeOf(profile.positive);
  errors = ErrorsOf(quality.counts);
  numbers = quality.numbers;
  metrics = Measures({quality.counts, quality.numbers}, profile.task, positive);
  if (profile.task != Task::kRegression) {
    auto fitted = detectors::Calibration::Fit(quality.counts, baselines::ScoreBinsOf(profile));
    if (!fitted.empty()) calibration = std::move(fitted);
  }
}

QualityGap GapOf(const detectors::ClassificationCounts& counts, const detectors::Calibration& calibration) {
  QualityGap gap;
  const std::span<const double> rates = calibration.rates();
  const std::uint16_t positive = counts.positive();
  counts.ForEach([&](const detectors::ClassificationCounts::Cell& cell) {
    if (cell.bin >= rates.size() || cell.predicted == detectors::kNone || cell.label == detectors::kNone) return;
    const double rate = rates[cell.bin];
    const double chance = positive == detectors::kNone || cell.predicted == positive ? rate : 1 - rate;
    const auto count = static_cast<double>(cell.count);
    const bool hit = positive == detectors::kNone ? cell.predicted == cell.label
                                                  : (cell.predicted == positive) == (cell.label == positive);
    gap.difference += count * (chance - (hit ? 1 : 0));
    gap.variance += count * chance * (1 - chance);
    gap.records += cell.count;
  });
  return gap;
}

QualityReport MakeQualityReport(const CohortCounts& counts, const QualityFacts& facts,
                                const QualityReference& reference, bool absent_counts) {
  QualityReport report;
  const std::uint16_t positive = facts.task == Task::kBinary ? facts.CodeOf(facts.positive) : detectors::kNone;
  report.predictions = counts.predictions();
  report.labels = counts.labels();
  if (absent_counts && facts.absent_value && facts.task != Task::kRegression) {
    // Marked by the class code, so that a value that no label has had yet still is a class of its own.
    const std::uint16_t absent = facts.CodeOf(*facts.absent_value);
    const CohortCounts filled{counts.classes.WithUnlabelledAs(absent), counts.numbers};
    report.metrics = Measures(filled, facts.task, positive);
    report.floor = Floor(filled, facts.task, positive);
  } else {
    report.metrics = Measures(counts, facts.task, positive);
    report.floor = Floor(counts, facts.task, positive);
  }
  if (facts.task == Task::kRegression) return report;
  if (reference.calibration)
    report.estimated = detectors::EstimatedQuality(counts.classes, *reference.calibration, positive);
  report.bounds = detectors::AccuracyBounds(counts.classes);
  if (report.labels > 0 && report.labels < report.predictions)
    report.selection = detectors::CompareLabelled(counts.classes);
  return report;
}

std::vector<std::string> MainMeasures(Task task) {
  switch (task) {
    case Task::kBinary:
      return {"accuracy", "auc", "precision", "recall", "f1"};
    case Task::kMultiClass:
      return {"accuracy", "macro_f1", "weighted_f1", "balanced_accuracy", "mcc"};
    case Task::kRegression:
      return {"mae", "rmse", "bias", "wape", "r2"};
    case Task::kNone:
      break;
  }
  return {};
}

bool LessIsBetter(const std::string& metric) {
  return std::find(kLessIsBetter.begin(), kLessIsBetter.end(), metric) != kLessIsBetter.end();
}

}  // namespace monitor
