#include "detectors/quality/regression_counts.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;

// a·b without rounding, as two summands.
void AddProduct(ExactSum& sum, double a, double b) {
  const double product = a * b;
  sum.Add(product);
  if (std::isfinite(product)) sum.Add(std::fma(a, b, -product));
}

}  // namespace

RegressionCounts::RegressionCounts(std::optional<double> reference_mean) : reference_mean_(reference_mean) {
  if (reference_mean && !std::isfinite(*reference_mean))
    throw std::invalid_argument("regression counts: the mean label of the reference must be finite");
}

void RegressionCounts::AddPrediction(double predicted) {
  ++predictions_;
  sums_[kPredicted].Add(predicted);
}

void RegressionCounts::AddLabel(double predicted, double label) {
  ++labels_;
  Label(predicted, label, true);
}

void RegressionCounts::RemoveLabel(double predicted, double label) {
  if (labels_ == 0) throw std::logic_error("regression counts: a label is removed that was not added");
  --labels_;
  Label(predicted, label, false);
}

void RegressionCounts::Label(double predicted, double label, bool add) {
  const double error = predicted - label;
  const double size = std::abs(error);
  const double squared = error * error;
  const double z = label - reference_mean_.value_or(0);
  const double z_squared = z * z;
  const auto take = [&](Sum which, double value) { add ? sums_[which].Add(value) : sums_[which].Subtract(value); };
  take(kError, error);
  take(kAbsoluteError, size);
  take(kSquaredError, squared);
  take(kErrorToFourth, squared * squared);
  take(kAbsoluteLabel, std::abs(label));
  take(kAbsoluteErrorTimesLabel, size * std::abs(label));
  take(kAbsoluteCentred, std::abs(z));
  take(kCentred, z);
  take(kCentredSquared, z_squared);
  if (std::isfinite(z_squared)) take(kCentredSquared, std::fma(z, z, -z_squared));
  take(kCentredCubed, z_squared * z);
  take(kCentredToFourth, z_squared * z_squared);
  take(kSquaredErrorTimesCentred, squared * z);
  take(kSquaredErrorTimesCentredSquared, squared * z_squared);
}

void RegressionCounts::Check(const RegressionCounts& other) const {
  if (other.reference_mean_ != reference_mean_)
    throw std::invalid_argument("regression counts: different means of the reference");
}

void RegressionCounts::Merge(const RegressionCounts& other) {
  Check(other);
  predictions_ += other.predictions_;
  labels_ += other.labels_;
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i].Merge(other.sums_[i]);
}

void RegressionCounts::Subtract(const RegressionCounts& other) {
  Check(other);
  if (other.predictions_ > predictions_ || other.labels_ > labels_)
    throw std::logic_error("regression counts: more is taken out than was put in");
  predictions_ -= other.predictions_;
  labels_ -= other.labels_;
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i].Subtract(other.sums_[i]);
}

// Σ(z−m)² = Σz² − 2mΣz + nm² with m the rounded mean, less the n·(mean−m)² that rounding m adds.
double RegressionCounts::SquaresAroundMean() const {
  if (labels_ == 0) return 0;
  const auto n = static_cast<double>(labels_);
  const double sum = sums_[kCentred].Value();
  ExactSum rest = sums_[kCentred];
  rest.Subtract(sum);
  const double mean = sum / n;
  const double mean_squared = mean * mean;
  if (!std::isfinite(mean_squared)) return std::numeric_limits<double>::quiet_NaN();
  ExactSum squares = sums_[kCentredSquared];
  AddProduct(squares, -2 * mean, sum);
  AddProduct(squares, -2 * mean, rest.Value());
  AddProduct(squares, n, mean_squared);
  AddProduct(squares, n, std::fma(mean, mean, -mean_squared));
  ExactSum off = sums_[kCentred];
  AddProduct(off, -n, mean);
  const double added = off.Value() * off.Value() / n;
  const double value = squares.Value();
  // Nothing but the rounding of m: all labels are equal.
  return value <= added * (1 + 1e-9) ? 0 : value - added;
}

void RegressionCounts::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Byte(reference_mean_ ? 1 : 0);
  if (reference_mean_) out.Double(*reference_mean_);
  out.Varint(predictions_);
  out.Varint(labels_);
  for (const ExactSum& sum : sums_) sum.Encode(out);
}

RegressionCounts RegressionCounts::Decode(Decoder& in) {
  in.Version(kVersion, "regression counts");
  RegressionCounts counts;
  const std::uint8_t has_mean = in.Byte();
  if (has_mean > 1) throw DecodeError("regression counts: malformed");
  if (has_mean == 1) counts.reference_mean_ = in.Double();
  if (counts.reference_mean_ && !std::isfinite(*counts.reference_mean_))
    throw DecodeError("regression counts: a malformed mean");
  counts.predictions_ = in.Varint();
  counts.labels_ = in.Varint();
  for (ExactSum& sum : counts.sums_) sum = ExactSum::Decode(in);
  return counts;
}

}  // namespace detectors
