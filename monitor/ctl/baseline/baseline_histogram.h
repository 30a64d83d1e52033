// How the values of a column are spread, for drawing: a few cells of equal width for numbers, the commonest names for
// categories. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "detectors/feature_summary.h"

namespace monitor {

// Where to draw a number's histogram: from the 0.5 % to the 99.5 % quantile of `base`, so that a single wild value
// leaves something to see.
struct Range {
  double low = 0, high = 0;
};
Range DrawnRange(const detectors::FeatureSummary& base);

// `cells` counts: numbers spread evenly within their bins, what lies outside the range in the first and last cell; of
// categories the counts of the first `cells` names of the dictionary.
std::vector<double> Histogram(const detectors::FeatureSummary& summary, const Range& range, std::size_t cells);

// The text of one or two of them: Spark of Histogram.
std::string HistogramText(const detectors::FeatureSummary& summary, const detectors::FeatureSummary& base,
                          std::size_t cells);

}  // namespace monitor
