// RegressionCounts: what is kept of numeric predictions and their labels, as exact sums.
//
// e = predicted − label; z = label − reference mean, or the label itself where that mean is not known. Sums are
// ExactSum, so any order, split and later removal gives the same state and the same bytes. Numbers that are not finite,
// or whose powers are not, spoil the sums that they take part in until they are removed. Not thread-safe. Cost:
// AddLabel about 100 ns; 1 to 2 KB, encoded about 250 bytes. Errors: std::logic_error when more labels are removed than
// were added, std::invalid_argument when counts with different reference means meet.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "detectors/counts/exact_sum.h"
#include "detectors/encoding.h"

namespace detectors {

class RegressionCounts {
 public:
  enum Sum : std::size_t {
    kPredicted,  // over all predictions; the others over labels
    kError,
    kAbsoluteError,
    kSquaredError,
    kErrorToFourth,
    kAbsoluteLabel,
    kAbsoluteErrorTimesLabel,  // |e|·|label|
    kAbsoluteCentred,          // |z|
    kCentred,                  // z and its powers
    kCentredSquared,           // without any rounding of z²
    kCentredCubed,
    kCentredToFourth,
    kSquaredErrorTimesCentred,         // e²z
    kSquaredErrorTimesCentredSquared,  // e²z²
    kSums
  };

  // The mean label of the reference, finite; the floor of quality predicts it.
  explicit RegressionCounts(std::optional<double> reference_mean = {});

  void AddPrediction(double predicted);
  void AddLabel(double predicted, double label);  // of a prediction that AddPrediction counted
  void RemoveLabel(double predicted, double label);
  void Merge(const RegressionCounts& other);
  void Subtract(const RegressionCounts& other);  // takes out what Merge(other) put in

  std::uint64_t predictions() const { return predictions_; }
  std::uint64_t labels() const { return labels_; }
  std::optional<double> reference_mean() const { return reference_mean_; }
  double sum(Sum which) const { return sums_[which].Value(); }  // NaN: not finite
  // Σ(label − mean label)², from the exact sums: no cancellation however far the labels are from 0. NaN: not finite.
  double SquaresAroundMean() const;

  void Encode(Encoder& out) const;
  static RegressionCounts Decode(Decoder& in);

 private:
  void Label(double predicted, double label, bool add);
  void Check(const RegressionCounts& other) const;

  std::optional<double> reference_mean_;
  std::uint64_t predictions_ = 0;
  std::uint64_t labels_ = 0;
  std::array<ExactSum, kSums> sums_;
};

}  // namespace detectors
