#include "detectors/quality/confusion_measures.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "detectors/distances/proportion.h"
#include "detectors/distances/shares.h"

namespace detectors {
namespace {

constexpr double kPseudoRecords = 2;

// Shares of all records: q of each cell, t of labels, p of predictions.
struct JointShares {
  std::size_t size;
  double n;
  std::vector<double> q, t, p;

  JointShares(const ConfusionMatrix& matrix, double pseudo_records)
      : size(matrix.size()),
        n(static_cast<double>(matrix.total) + pseudo_records),
        q(size * size),
        t(size, 0.0),
        p(size, 0.0) {
    const double each = pseudo_records / static_cast<double>(q.size());
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t j = 0; j < size; ++j) {
        const double share = (static_cast<double>(matrix.at(i, j)) + each) / n;
        q[i * size + j] = share;
        t[i] += share;
        p[j] += share;
      }
    }
  }
  double right(std::size_t k) const { return q[k * size + k]; }
};

// √Var of a measure whose derivative by the share of (label, predicted) is `gradient`.
template <class Gradient>
double StandardError(const JointShares& shares, Gradient gradient) {
  DeltaVariance variance;
  for (std::size_t i = 0; i < shares.size; ++i) {
    for (std::size_t j = 0; j < shares.size; ++j) variance.Add(shares.q[i * shares.size + j], gradient(i, j));
  }
  return std::sqrt(variance.PerRecord() / shares.n);
}

Estimate Around(double value, double centre, double error) {
  return {.value = value,
          .low = std::max(0.0, std::min(value, centre - kZ975 * error)),
          .high = std::min(1.0, std::max(value, centre + kZ975 * error))};
}

struct MatthewsTerms {
  double numerator = 0;  // Σ q_kk − Σ p_k t_k
  double by_prediction = 1;
  double by_label = 1;

  explicit MatthewsTerms(const JointShares& shares) {
    for (std::size_t k = 0; k < shares.size; ++k) {
      numerator += shares.right(k) - shares.p[k] * shares.t[k];
      by_prediction -= shares.p[k] * shares.p[k];
      by_label -= shares.t[k] * shares.t[k];
    }
  }
  double Value() const { return std::clamp(numerator / std::sqrt(by_prediction * by_label), -1.0, 1.0); }
};

std::size_t ClassesIn(const ConfusionMatrix& matrix, std::uint64_t (ConfusionMatrix::*sum)(std::size_t) const) {
  std::size_t classes = 0;
  for (std::size_t k = 0; k < matrix.size(); ++k) classes += (matrix.*sum)(k) > 0 ? 1 : 0;
  return classes;
}

double F1(const JointShares& shares, std::size_t k) { return 2 * shares.right(k) / (shares.p[k] + shares.t[k]); }

double MacroF1Of(const JointShares& shares) {
  double sum = 0;
  for (std::size_t k = 0; k < shares.size; ++k) sum += F1(shares, k);
  return sum / static_cast<double>(shares.size);
}

double WeightedF1Of(const JointShares& shares) {
  double sum = 0;
  for (std::size_t k = 0; k < shares.size; ++k) sum += shares.t[k] * F1(shares, k);
  return sum;
}

struct WeightedPrecisionTerms {
  double sum = 0;
  double weight = 0;

  WeightedPrecisionTerms(const JointShares& shares, const std::vector<bool>& in) {
    for (std::size_t k = 0; k < shares.size; ++k) {
      if (!in[k]) continue;
      sum += shares.t[k] * shares.right(k) / shares.p[k];
      weight += shares.t[k];
    }
  }
};

}  // namespace

Estimate MatthewsCorrelation(const ConfusionMatrix& matrix) {
  if (ClassesIn(matrix, &ConfusionMatrix::labelled) < 2) return Estimate::None(NotComputable::kOneClass);
  if (ClassesIn(matrix, &ConfusionMatrix::predicted) < 2) return Estimate::None(NotComputable::kOnePredictedClass);
  const double value = MatthewsTerms(JointShares(matrix, 0)).Value();

  const JointShares shares(matrix, kPseudoRecords);
  const MatthewsTerms terms(shares);
  const double centre = terms.Value();
  const double root = std::sqrt(terms.by_prediction * terms.by_label);
  const double error = StandardError(shares, [&](std::size_t i, std::size_t j) {
    return ((i == j ? 1 : 0) - shares.t[j] - shares.p[i]) / root +
           centre * (shares.p[j] / terms.by_prediction + shares.t[i] / terms.by_label);
  });
  const double z = std::atanh(centre);
  const double z_error = error / (1 - centre * centre);
  return {.value = value,
          .low = std::min(value, std::tanh(z - kZ975 * z_error)),
          .high = std::max(value, std::tanh(z + kZ975 * z_error))};
}

Estimate MacroF1(const ConfusionMatrix& matrix) {
  const JointShares shares(matrix, kPseudoRecords);
  const double error = StandardError(shares, [&](std::size_t i, std::size_t j) {
    const double own = shares.p[i] + shares.t[i];
    const double other = shares.p[j] + shares.t[j];
    const double sum = (i == j ? 2 / own : 0) - F1(shares, i) / own - F1(shares, j) / other;
    return sum / static_cast<double>(shares.size);
  });
  return Around(MacroF1Of(JointShares(matrix, 0)), MacroF1Of(shares), error);
}

Estimate WeightedF1(const ConfusionMatrix& matrix) {
  const JointShares shares(matrix, kPseudoRecords);
  const auto share = [&](std::size_t k) { return shares.t[k] / (shares.p[k] + shares.t[k]); };
  const double error = StandardError(shares, [&](std::size_t i, std::size_t j) {
    return F1(shares, i) * (1 - share(i)) - F1(shares, j) * share(j) + (i == j ? 2 * share(i) : 0);
  });
  return Around(WeightedF1Of(JointShares(matrix, 0)), WeightedF1Of(shares), error);
}

Estimate WeightedPrecision(const ConfusionMatrix& matrix) {
  std::vector<bool> in(matrix.size());
  for (std::size_t k = 0; k < matrix.size(); ++k) in[k] = matrix.predicted(k) > 0 && matrix.labelled(k) > 0;
  if (std::ranges::find(in, true) == in.end()) return Estimate::None(NotComputable::kNoPositivePredictions);
  const WeightedPrecisionTerms raw(JointShares(matrix, 0), in);

  const JointShares shares(matrix, kPseudoRecords);
  const WeightedPrecisionTerms terms(shares, in);
  const double centre = terms.sum / terms.weight;
  const auto precision = [&](std::size_t k) { return shares.right(k) / shares.p[k]; };
  const double error = StandardError(shares, [&](std::size_t i, std::size_t j) {
    double slope = in[i] ? precision(i) - centre : 0;
    if (in[j]) slope += shares.t[j] / shares.p[j] * ((i == j ? 1 : 0) - precision(j));
    return slope / terms.weight;
  });
  return Around(raw.sum / raw.weight, centre, error);
}

}  // namespace detectors
