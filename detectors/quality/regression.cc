#include "detectors/quality/regression.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "detectors/distances/proportion.h"

namespace detectors {
namespace {

using Counts = RegressionCounts;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kFarFromZero = 1e3;  // standard deviations

bool Finite(const Estimate& estimate) { return std::isfinite(estimate.value) && !std::isnan(estimate.low); }

Estimate OrInfinite(const Estimate& estimate) {
  return Finite(estimate) ? estimate : Estimate::None(NotComputable::kInfinite);
}

// Mean ± z·s/√n of values with these sums, not below `least`.
Estimate Mean(double sum, double squares, double n, double least) {
  const double mean = sum / n;
  if (n < 2) return OrInfinite({.value = mean, .low = least, .high = kInfinity});
  const double half = kZ975 * std::sqrt(std::max(0.0, squares - n * mean * mean) / (n - 1) / n);
  return OrInfinite({.value = mean, .low = std::max(least, mean - half), .high = mean + half});
}

// √ of a mean of squares, by the delta method.
Estimate RootMean(double squares, double fourths, double n) {
  const double mean = squares / n;
  const double root = std::sqrt(mean);
  if (n < 2) return OrInfinite({.value = root, .low = 0, .high = kInfinity});
  const double error = std::sqrt(std::max(0.0, fourths / n - mean * mean) / n);
  const double half = root == 0 ? 0 : kZ975 * error / (2 * root);
  return OrInfinite({.value = root, .low = std::max(0.0, root - half), .high = root + half});
}

// Ratio of the means of a and b ≥ 0: Var(a/b) = (Var a − 2r·Cov + r²·Var b)/(n·b̄²).
double RatioError(double ratio, double variance_a, double covariance, double variance_b, double mean_b, double n) {
  return std::sqrt(std::max(0.0, variance_a - 2 * ratio * covariance + ratio * ratio * variance_b) / n) / mean_b;
}

Estimate Wape(const Counts& counts, double label_squares, double n) {
  const double labels = counts.sum(Counts::kAbsoluteLabel) / n;
  if (labels == 0) return Estimate::None(NotComputable::kZeroLabels);
  const double errors = counts.sum(Counts::kAbsoluteError) / n;
  const double ratio = errors / labels;
  if (n < 2) return OrInfinite({.value = ratio, .low = 0, .high = kInfinity});
  const double error = RatioError(ratio, counts.sum(Counts::kSquaredError) / n - errors * errors,
                                  counts.sum(Counts::kAbsoluteErrorTimesLabel) / n - errors * labels,
                                  label_squares / n - labels * labels, labels, n);
  return OrInfinite({.value = ratio, .low = std::max(0.0, ratio - kZ975 * error), .high = ratio + kZ975 * error});
}

// 1 − Σe²/Σ(z−z̄)² for squared errors a = e² whose sums with powers of z are given.
struct SquaredErrors {
  double sum;
  double squares;        // Σa²
  double times_z;        // Σaz
  double times_squared;  // Σaz²
};
Estimate Determination(const Counts& counts, const SquaredErrors& errors, double n) {
  const double around_mean = counts.SquaresAroundMean();
  if (around_mean == 0) return Estimate::None(NotComputable::kEqualLabels);
  const double ratio = errors.sum / around_mean;
  const double m2 = around_mean / n;
  const double z = counts.sum(Counts::kCentred) / n;
  const double mse = errors.sum / n;
  double variance = 2 * m2 * m2;
  double covariance = 0;
  if (std::abs(z) < kFarFromZero * std::sqrt(m2)) {
    const double m4 = counts.sum(Counts::kCentredToFourth) / n - 4 * z * counts.sum(Counts::kCentredCubed) / n +
                      6 * z * z * counts.sum(Counts::kCentredSquared) / n - 3 * z * z * z * z;
    variance = m4 - m2 * m2;
    covariance = errors.times_squared / n - 2 * z * errors.times_z / n + z * z * mse - mse * m2;
  }
  const double error = RatioError(ratio, errors.squares / n - mse * mse, covariance, variance, m2, n);
  const double factor = ratio == 0 ? 1 : std::exp(kZ975 * error / ratio);
  return OrInfinite({.value = 1 - ratio, .low = 1 - ratio * factor, .high = 1 - ratio / factor});
}

// Σ label², from the sums around the reference mean.
double LabelSquares(const Counts& counts, double n) {
  const double mean = counts.reference_mean().value_or(0);
  return counts.sum(Counts::kCentredSquared) + mean * (2 * counts.sum(Counts::kCentred) + n * mean);
}

QualityMeasures None(NotComputable why) {
  QualityMeasures measures;
  for (const char* name : {"mae", "rmse", "bias", "wape", "r2"}) measures[name] = Estimate::None(why);
  return measures;
}

}  // namespace

QualityMeasures RegressionMetrics(const RegressionCounts& counts) {
  if (counts.labels() == 0) return None(NotComputable::kNoLabels);
  const auto n = static_cast<double>(counts.labels());
  const double squares = counts.sum(Counts::kSquaredError);
  QualityMeasures measures;
  measures["mae"] = Mean(counts.sum(Counts::kAbsoluteError), squares, n, 0);
  measures["bias"] = Mean(counts.sum(Counts::kError), squares, n, -kInfinity);
  measures["rmse"] = RootMean(squares, counts.sum(Counts::kErrorToFourth), n);
  measures["wape"] = Wape(counts, LabelSquares(counts, n), n);
  measures["r2"] = Determination(counts,
                                 {.sum = squares,
                                  .squares = counts.sum(Counts::kErrorToFourth),
                                  .times_z = counts.sum(Counts::kSquaredErrorTimesCentred),
                                  .times_squared = counts.sum(Counts::kSquaredErrorTimesCentredSquared)},
                                 n);
  return measures;
}

QualityMeasures ConstantPredictorRegression(const RegressionCounts& counts) {
  if (counts.labels() == 0) return None(NotComputable::kNoLabels);
  const auto n = static_cast<double>(counts.labels());
  const double around_mean = counts.SquaresAroundMean();
  QualityMeasures floor = None(NotComputable::kNoReferenceMean);
  if (!counts.reference_mean()) {
    // The labels' own mean: Σ(label − mean)⁴ as of a normal distribution.
    floor["rmse"] = RootMean(around_mean, 3 * around_mean * around_mean / n, n);
    floor["bias"] = OrInfinite({.value = around_mean * 0, .low = 0, .high = 0});
    floor["r2"] = around_mean == 0 ? Estimate::None(NotComputable::kEqualLabels)
                                   : OrInfinite({.value = around_mean * 0, .low = 0, .high = 0});
    return floor;
  }
  const double squares = counts.sum(Counts::kCentredSquared);
  const Estimate mae = Mean(counts.sum(Counts::kAbsoluteCentred), squares, n, 0);
  const double labels = counts.sum(Counts::kAbsoluteLabel) / n;
  floor["mae"] = mae;
  floor["rmse"] = RootMean(squares, counts.sum(Counts::kCentredToFourth), n);
  floor["bias"] = Mean(-counts.sum(Counts::kCentred), squares, n, -kInfinity);
  floor["wape"] = labels == 0 ? Estimate::None(NotComputable::kZeroLabels)
                  : !mae.ok()
                      ? mae
                      : OrInfinite({.value = mae.value / labels, .low = mae.low / labels, .high = mae.high / labels});
  floor["r2"] = Determination(counts,
                              {.sum = squares,
                               .squares = counts.sum(Counts::kCentredToFourth),
                               .times_z = counts.sum(Counts::kCentredCubed),
                               .times_squared = counts.sum(Counts::kCentredToFourth)},
                              n);
  return floor;
}

}  // namespace detectors
