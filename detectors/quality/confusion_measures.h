// Measures of a confusion matrix as a whole: Matthews correlation, macro and weighted F1, weighted precision.
//
// Definitions are scikit-learn's, except that a class whose precision does not exist (it was never predicted) is left
// out of a mean of precisions instead of counting as 0. Two-sided 95 % intervals by the delta method for multinomial
// counts, Var = (Σ q g² − (Σ q g)²)/n, taken at the matrix with two more records spread evenly over its cells (the idea
// of Agresti and Coull 1998), so that they do not collapse where nothing was wrong. Pure functions, thread-safe. Cost:
// proportional to the square of the number of classes. The matrix must have records.
#pragma once

#include "detectors/distances/estimate.h"
#include "detectors/quality/confusion_matrix.h"

namespace detectors {

// R_K of Gorodkin (2004); of two classes the phi coefficient. Interval by Fisher's z.
Estimate MatthewsCorrelation(const ConfusionMatrix& matrix);
Estimate MacroF1(const ConfusionMatrix& matrix);
Estimate WeightedF1(const ConfusionMatrix& matrix);
Estimate WeightedPrecision(const ConfusionMatrix& matrix);

}  // namespace detectors
