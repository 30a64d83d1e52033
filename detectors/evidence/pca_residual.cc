// PcaResidual: eigenvectors of the baseline's correlation matrix by Jacobi rotations, and the residual of a step.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "detectors/evidence/correlation_change.h"

namespace detectors {
namespace {

constexpr int kSweeps = 30;  // quadratic convergence: about 8 are needed for 100 features

// Row-major; empty where a pair has no correlation.
std::vector<double> CorrelationMatrix(const SecondMoments& moments) {
  const std::size_t n = moments.features();
  std::vector<double> matrix(n * n);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      const std::optional<double> correlation = moments.Correlation(a, b);
      if (!correlation) return {};
      matrix[a * n + b] = matrix[b * n + a] = *correlation;
    }
  }
  return matrix;
}

// Turns the symmetric `matrix` into its eigenvalues (diagonal) and returns the eigenvectors as columns (Golub and Van
// Loan, Matrix Computations, 8.5).
std::vector<double> Diagonalize(std::vector<double>& matrix, std::size_t n) {
  std::vector<double> vectors(n * n);
  for (std::size_t i = 0; i < n; ++i) vectors[i * n + i] = 1;
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    double off = 0;
    for (std::size_t p = 1; p < n; ++p)
      for (std::size_t q = 0; q < p; ++q) off += matrix[p * n + q] * matrix[p * n + q];
    if (off < 1e-20) break;
    for (std::size_t p = 1; p < n; ++p) {
      for (std::size_t q = 0; q < p; ++q) {
        const double apq = matrix[p * n + q];
        if (apq == 0) continue;
        const double theta = (matrix[q * n + q] - matrix[p * n + p]) / (2 * apq);
        const double t = std::copysign(1.0, theta) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1);
        const double s = t * c;
        for (std::size_t k = 0; k < n; ++k) {
          const double kp = matrix[k * n + p];
          const double kq = matrix[k * n + q];
          matrix[k * n + p] = c * kp - s * kq;
          matrix[k * n + q] = s * kp + c * kq;
          const double vp = vectors[k * n + p];
          const double vq = vectors[k * n + q];
          vectors[k * n + p] = c * vp - s * vq;
          vectors[k * n + q] = s * vp + c * vq;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const double pk = matrix[p * n + k];
          const double qk = matrix[q * n + k];
          matrix[p * n + k] = c * pk - s * qk;
          matrix[q * n + k] = s * pk + c * qk;
        }
      }
    }
  }
  return vectors;
}

}  // namespace

PcaResidual::PcaResidual(const SecondMoments& baseline, double retained) : features_(baseline.features()) {
  std::vector<double> matrix = CorrelationMatrix(baseline);
  if (matrix.empty()) return;
  const std::vector<double> vectors = Diagonalize(matrix, features_);
  std::vector<std::size_t> order(features_);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, std::greater<>(), [&](std::size_t i) { return matrix[i * features_ + i]; });
  projection_.assign(features_ * features_, 0);
  for (std::size_t i = 0; i < features_; ++i) projection_[i * features_ + i] = 1;
  double held = 0;
  for (const std::size_t column : order) {
    if (held >= retained * static_cast<double>(features_)) break;
    held += matrix[column * features_ + column];
    ++components_;
    for (std::size_t i = 0; i < features_; ++i)
      for (std::size_t k = 0; k < features_; ++k)
        projection_[i * features_ + k] -= vectors[i * features_ + column] * vectors[k * features_ + column];
  }
}

std::optional<double> PcaResidual::Of(const SecondMoments& step) const {
  if (projection_.empty() || step.features() != features_) return std::nullopt;
  const std::vector<double> matrix = CorrelationMatrix(step);
  if (matrix.empty()) return std::nullopt;
  const double trace = std::inner_product(projection_.begin(), projection_.end(), matrix.begin(), 0.0);
  return trace / static_cast<double>(features_);
}

std::optional<double> PcaResidual::VarianceOfRecord(const SecondMoments& moments) const {
  if (projection_.empty() || moments.features() != features_) return std::nullopt;
  const std::vector<double> matrix = CorrelationMatrix(moments);
  if (matrix.empty()) return std::nullopt;
  const std::size_t n = features_;
  std::vector<double> product(n * n);  // P·R
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) {
      for (std::size_t j = 0; j < n; ++j) product[i * n + j] += projection_[i * n + k] * matrix[k * n + j];
    }
  }
  double trace = 0;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < n; ++k) trace += product[i * n + k] * product[k * n + i];
  }
  return 2 * trace / static_cast<double>(n * n);
}

}  // namespace detectors
