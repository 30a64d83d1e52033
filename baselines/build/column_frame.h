// FreezeColumn: what a column is counted on, from the evidence of the first pass. Pure function. Cost: some
// milliseconds.
#pragma once

#include <memory>
#include <optional>

#include "baselines/build/column_evidence.h"
#include "baselines/build/time_table.h"
#include "detectors/evidence/normal_scores.h"
#include "detectors/feature_summary.h"

namespace baselines {

struct FrozenColumn {
  // Bins at the quantiles, or the dictionary of the names, the most frequent first.
  std::shared_ptr<const detectors::FeatureShape> shape;
  double distinct = 0, q25 = 0, q50 = 0, q75 = 0;  // quartiles: NaN for categories
  std::optional<detectors::BinScores> scores;      // where they are wanted
  // Cells by time: twentieths of the values, with whatever is a twentieth or more by itself alone.
  TimeTable::Column times;
};
FrozenColumn FreezeColumn(detectors::FeatureKind kind, ColumnEvidence& evidence, bool scores);

}  // namespace baselines
