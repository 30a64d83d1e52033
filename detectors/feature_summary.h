// FeatureSummary: everything that is counted about one feature, and the type that both a baseline and live traffic are
// kept in.
//
// A FeatureShape is the frozen frame (bins or dictionary, from the baseline); summaries over the same shape merge by
// adding integers, so any split and order of the same records gives the same encoded counts (moments and tail sums: to
// 1e-12 relative). Every record offers each feature exactly once: as a value, as missing, or as a type fault (a value
// that cannot be what the feature is). Not thread-safe; the shape is immutable and shared. Memory: about 2 KiB numeric,
// 8 B per known category.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "detectors/counts/binning.h"
#include "detectors/counts/category_counts.h"
#include "detectors/counts/moments.h"
#include "detectors/encoding.h"

namespace detectors {

enum class FeatureKind : std::uint8_t { kNumeric = 0, kCategorical = 1 };

struct FeatureShape {
  FeatureKind kind;
  Binning binning{{}, {}};                // numeric only
  CategoryDictionary dictionary{{}, {}};  // categorical only

  static std::shared_ptr<const FeatureShape> Numeric(Binning binning);
  static std::shared_ptr<const FeatureShape> Categorical(CategoryDictionary dictionary);

  void Encode(Encoder& out) const;
  static std::shared_ptr<const FeatureShape> Decode(Decoder& in);
  bool operator==(const FeatureShape&) const = default;
};

class FeatureSummary {
 public:
  explicit FeatureSummary(std::shared_ptr<const FeatureShape> shape);
  // Of counts alone, one per bin of a numeric shape: without moments, tail sums or missing values.
  static FeatureSummary OfBins(std::shared_ptr<const FeatureShape> shape, std::vector<std::uint64_t> bins);

  // A block of a numeric feature: NaN stands for the records without a value, which are `missing` or `type_faults`.
  // Where `bins` is given (values.size() elements), it takes the bin of every value (Binning::Count).
  void AddNumeric(std::span<const double> values, std::uint64_t missing, std::uint64_t type_faults,
                  std::uint8_t* bins = nullptr);
  // A block of a categorical feature: kNoValue stands for the records without a value; kUnseen takes its names from
  // `unseen_names` in order.
  void AddCategorical(std::span<const CategoryId> ids, std::span<const std::string_view> unseen_names,
                      std::uint64_t missing, std::uint64_t type_faults);
  void Merge(const FeatureSummary& other);  // throws std::logic_error if the shapes differ

  const FeatureShape& shape() const { return *shape_; }
  const std::shared_ptr<const FeatureShape>& shared_shape() const { return shape_; }
  FeatureKind kind() const { return shape_->kind; }

  std::uint64_t records() const { return values() + missing_ + type_faults_; }
  std::uint64_t values() const;  // records with a usable value
  std::uint64_t missing() const { return missing_; }
  std::uint64_t type_faults() const { return type_faults_; }

  // Numeric only.
  std::span<const std::uint64_t> bins() const { return bins_; }
  const Moments& moments() const { return moments_; }
  std::uint64_t below_min() const;  // values below the baseline's minimum, above its maximum
  std::uint64_t above_max() const;
  double below_sum() const {
    return below_sum_;
  }  // Σ(min − x) and Σ(x − max) over those values; extremes (Moments::kExtreme) left out
  double above_sum() const { return above_sum_; }

  // Categorical only.
  const CategoryCounts& categories() const { return categories_; }
  std::uint64_t unseen() const { return categories_.unseen(); }  // 0 for numeric features

  void Encode(Encoder& out) const;  // sparse: runs of empty bins take two bytes
  static FeatureSummary Decode(Decoder& in, std::shared_ptr<const FeatureShape> shape);
  // The integer part of Encode, without moments and tail sums: equal for any split and order of the same records.
  void EncodeCounts(Encoder& out) const;

 private:
  std::shared_ptr<const FeatureShape> shape_;
  std::uint64_t missing_ = 0;
  std::uint64_t type_faults_ = 0;
  std::vector<std::uint64_t> bins_;
  Moments moments_;
  double below_sum_ = 0;
  double above_sum_ = 0;
  CategoryCounts categories_;
};

}  // namespace detectors
