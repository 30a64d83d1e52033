// QualityReport: how good the model was on one cohort (or several merged), as of now, with what is not known yet.
//
// Pure functions of counts. QualityReference is what the training data says, made once per profile (a few
// milliseconds).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "baselines/profile.h"
#include "detectors/evidence/rate_plan.h"
#include "detectors/quality/calibration.h"
#include "detectors/quality/classification.h"
#include "detectors/quality/label_selection.h"
#include "monitor/labels/cohort.h"
#include "monitor/labels/quality_facts.h"

namespace monitor {

// Labelled predictions of a class, and how many of them are wrong. With a positive class, whether it was foretold and
// whether it came decide.
detectors::Tally ErrorsOf(const detectors::ClassificationCounts& counts);

struct QualityReference {
  explicit QualityReference(const baselines::Profile& profile);

  detectors::Tally errors;  // of classes
  detectors::RegressionCounts numbers;
  detectors::QualityMeasures metrics;                 // empty where there are no labels
  std::string source = "on the training data";        // what the three above are of, behind "it was 0.7 …"
  std::optional<detectors::Calibration> calibration;  // of scores; none where training has no scored labels
  double gap = 0;                                     // by which the scores may expect too much (GapOf, a record)
};

// Right predictions that the scores had let expect less those that were right, of the labelled predictions with a
// score; `variance` of the sum while scores are worth what they were.
struct QualityGap {
  std::uint64_t records = 0;
  double difference = 0, variance = 0;
};
QualityGap GapOf(const detectors::ClassificationCounts& counts, const detectors::Calibration& calibration);

struct QualityReport {
  std::uint64_t predictions = 0, labels = 0;
  double sampling_rate = 1;              // share of ids that are kept for labels
  detectors::QualityMeasures metrics;    // from labels
  detectors::QualityMeasures estimated;  // from scores, without labels
  detectors::QualityMeasures floor;      // best constant predictor on the same labels
  detectors::Estimate bounds =
      detectors::Estimate::None(detectors::NotComputable::kNoLabels);  // of accuracy, whatever the missing labels are
  std::optional<detectors::LabelSelection> selection;                  // do labelled and unlabelled predictions differ

  double coverage() const {
    return predictions == 0 ? 0 : static_cast<double>(labels) / static_cast<double>(predictions);
  }
};

// `absent_counts`: predictions without a label count as having the absent one (QualityFacts::absent_value).
QualityReport MakeQualityReport(const CohortCounts& counts, const QualityFacts& facts,
                                const QualityReference& reference, bool absent_counts);

// The measures that matter most for the task, at most five, the first first.
std::vector<std::string> MainMeasures(baselines::Task task);
// log_loss, brier, ece, mae, rmse, wape and the size of bias: less is better.
bool LessIsBetter(const std::string& metric);

}  // namespace monitor
