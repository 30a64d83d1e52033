// Quality of numeric predictions from their labels: named measures with two-sided 95 % intervals.
//
// mae, rmse, bias (mean of predicted − label), wape = Σ|e|/Σ|label|, r2 = 1 − Σe²/Σ(label − mean label)². Intervals:
// mae and bias mean ± z·s/√n; rmse with SE(MSE)/(2·RMSE); wape as a ratio of means by the delta method; r2 likewise on
// the logarithm of Σe²/Σ(label − mean)², with the fourth moment of the labels (that of a normal distribution where they
// are so far from 0, more than 1,000 standard deviations, that it cannot be told from rounding; a reference mean
// prevents that). A single label leaves its measures without any bound but the natural one: low and high may be
// infinite. Pure functions, thread-safe. Cost: about 3 µs.
#pragma once

#include "detectors/distances/estimate.h"
#include "detectors/quality/regression_counts.h"

namespace detectors {

QualityMeasures RegressionMetrics(const RegressionCounts& counts);

// The same of a predictor that always says the mean label of the reference; where that is not known, of the sample:
// mae and wape are not computable then. Of its wape the interval is that of its mae.
QualityMeasures ConstantPredictorRegression(const RegressionCounts& counts);

}  // namespace detectors
