// What a column is counted on, frozen from the evidence of the first pass. Pure functions.
#pragma once

#include <memory>
#include <vector>

#include "baselines/column_evidence.h"
#include "baselines/time_table.h"
#include "detectors/feature_summary.h"

namespace baselines {

// Bins at the quantiles, or the dictionary of the names, the most frequent first.
std::shared_ptr<const detectors::FeatureShape> ShapeOf(detectors::FeatureKind kind, ColumnEvidence& evidence);

// Shares of the values at or below each edge of the bins, from the quantiles of a fine grid.
std::vector<double> SharesAtEdges(const detectors::FeatureShape& shape, const ValueSpread& spread);

// Cells by time: twentieths of the values, with whatever is a twentieth or more by itself alone.
TimeTable::Column TimeColumnOf(const detectors::FeatureShape& shape, const ValueSpread& spread);

}  // namespace baselines
