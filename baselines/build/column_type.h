// How a feature is watched, decided from what the first pass saw of it; and which task the model has.
//
// Pure functions. Every decision that a person may want otherwise comes with a clause that says why and which option
// changes it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "baselines/build/column_evidence.h"
#include "baselines/build/schema.h"
#include "baselines/profile.h"

namespace baselines {

struct ColumnType {
  bool ignored = false;
  detectors::FeatureKind kind = detectors::FeatureKind::kNumeric;
  std::string inferred;  // as ProfileColumn::inferred
  std::string why;
};

ColumnType DecideFeature(const ColumnPlan& plan, const ColumnEvidence& evidence, std::uint64_t rows);

// A column that is known to be of this kind; tells of values that cannot be.
ColumnType DescribeAs(detectors::FeatureKind kind, const std::string& name, const ColumnEvidence& evidence);

struct TaskDecision {
  Task task = Task::kNone;
  detectors::FeatureKind label = detectors::FeatureKind::kCategorical;
  detectors::FeatureKind prediction = detectors::FeatureKind::kCategorical;
  std::vector<std::string> assumptions;
};
// `label` and `prediction` may be nullptr.
TaskDecision DecideTask(const ColumnEvidence* label, const ColumnEvidence* prediction, const BuildOptions& options);

}  // namespace baselines
