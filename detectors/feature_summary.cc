#include "detectors/feature_summary.h"

#include <cmath>
#include <stdexcept>

#include "detectors/counts/sparse_counts.h"

namespace detectors {
namespace {

constexpr std::uint8_t kShapeVersion = 1;
constexpr std::uint8_t kSummaryVersion = 1;
constexpr std::uint8_t kCountsVersion = 1;

FeatureKind DecodeKind(Decoder& in) {
  const std::uint8_t kind = in.Byte();
  if (kind > static_cast<std::uint8_t>(FeatureKind::kCategorical)) throw DecodeError("feature: unknown kind");
  return static_cast<FeatureKind>(kind);
}

}  // namespace

std::shared_ptr<const FeatureShape> FeatureShape::Numeric(Binning binning) {
  auto shape = std::make_shared<FeatureShape>(FeatureShape{.kind = FeatureKind::kNumeric});
  shape->binning = std::move(binning);
  return shape;
}

std::shared_ptr<const FeatureShape> FeatureShape::Categorical(CategoryDictionary dictionary) {
  auto shape = std::make_shared<FeatureShape>(FeatureShape{.kind = FeatureKind::kCategorical});
  shape->dictionary = std::move(dictionary);
  return shape;
}

void FeatureShape::Encode(Encoder& out) const {
  out.Byte(kShapeVersion);
  out.Byte(static_cast<std::uint8_t>(kind));
  if (kind == FeatureKind::kNumeric) {
    binning.Encode(out);
  } else {
    dictionary.Encode(out);
  }
}

std::shared_ptr<const FeatureShape> FeatureShape::Decode(Decoder& in) {
  in.Version(kShapeVersion, "feature shape");
  if (DecodeKind(in) == FeatureKind::kNumeric) return Numeric(Binning::Decode(in));
  return Categorical(CategoryDictionary::Decode(in));
}

FeatureSummary::FeatureSummary(std::shared_ptr<const FeatureShape> shape)
    : shape_(std::move(shape)), categories_(shape_->dictionary.size()) {
  if (kind() == FeatureKind::kNumeric) bins_.resize(shape_->binning.bins());
}

FeatureSummary FeatureSummary::OfBins(std::shared_ptr<const FeatureShape> shape, std::vector<std::uint64_t> bins) {
  if (shape->kind != FeatureKind::kNumeric || bins.size() != shape->binning.bins())
    throw std::logic_error("summary of bins: another number of bins than its shape has");
  FeatureSummary summary(std::move(shape));
  summary.bins_ = std::move(bins);
  return summary;
}

void FeatureSummary::AddNumeric(std::span<const double> values, std::uint64_t missing, std::uint64_t type_faults,
                                std::uint8_t* bins) {
  missing_ += missing;
  type_faults_ += type_faults;
  moments_.Add(values);
  const std::uint64_t below = below_min();
  const std::uint64_t above = above_max();
  if (bins == nullptr) {
    shape_->binning.Count(values, bins_);
  } else {
    shape_->binning.Count(values, bins_, bins);
  }
  if (below_min() == below && above_max() == above) return;  // the usual case needs no second look at the values

  const double low = shape_->binning.edges().front();
  const double high = shape_->binning.edges().back();
  double below_here = 0;
  double above_here = 0;
  for (const double value : values) {
    if (value <= low && value >= -Moments::kExtreme) below_here += low - value;
    if (value > high && value <= Moments::kExtreme) above_here += value - high;
  }
  below_sum_ += below_here;
  above_sum_ += above_here;
}

void FeatureSummary::AddCategorical(std::span<const CategoryId> ids, std::span<const std::string_view> unseen_names,
                                    std::uint64_t missing, std::uint64_t type_faults) {
  missing_ += missing;
  type_faults_ += type_faults;
  categories_.Add(ids, unseen_names);
}

void FeatureSummary::Merge(const FeatureSummary& other) {
  if (shape_ != other.shape_ && !(*shape_ == *other.shape_))
    throw std::logic_error("summaries of different shapes cannot be merged");
  missing_ += other.missing_;
  type_faults_ += other.type_faults_;
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) bins_[bin] += other.bins_[bin];
  moments_.Merge(other.moments_);
  below_sum_ += other.below_sum_;
  above_sum_ += other.above_sum_;
  categories_.Merge(other.categories_);
}

std::uint64_t FeatureSummary::values() const {
  return kind() == FeatureKind::kNumeric ? moments_.count() + moments_.extreme() : categories_.total();
}

// A single bin, of a baseline without values, is neither below nor above anything.
std::uint64_t FeatureSummary::below_min() const { return bins_.size() > 1 ? bins_.front() : 0; }
std::uint64_t FeatureSummary::above_max() const { return bins_.size() > 1 ? bins_.back() : 0; }

void FeatureSummary::EncodeCounts(Encoder& out) const {
  out.Byte(kCountsVersion);
  out.Byte(static_cast<std::uint8_t>(kind()));
  out.Varint(missing_);
  out.Varint(type_faults_);
  if (kind() == FeatureKind::kNumeric) {
    EncodeSparse(bins_, out);
  } else {
    categories_.Encode(out);
  }
}

void FeatureSummary::Encode(Encoder& out) const {
  out.Byte(kSummaryVersion);
  EncodeCounts(out);
  if (kind() != FeatureKind::kNumeric) return;
  moments_.Encode(out);
  out.Double(below_sum_);
  out.Double(above_sum_);
}

FeatureSummary FeatureSummary::Decode(Decoder& in, std::shared_ptr<const FeatureShape> shape) {
  in.Version(kSummaryVersion, "feature summary");
  in.Version(kCountsVersion, "feature counts");
  FeatureSummary summary(std::move(shape));
  if (DecodeKind(in) != summary.kind()) throw DecodeError("feature summary: not of the kind of its shape");
  summary.missing_ = in.Varint();
  summary.type_faults_ = in.Varint();
  const std::uint64_t without = AddStored(summary.missing_, summary.type_faults_);
  if (summary.kind() == FeatureKind::kCategorical) {
    summary.categories_ = CategoryCounts::Decode(in, summary.shape_->dictionary.size());
    AddStored(without, summary.values());
    return summary;
  }
  const std::uint64_t values = DecodeSparse(in, summary.bins_);
  AddStored(without, values);
  summary.moments_ = Moments::Decode(in);
  if (summary.values() != values) throw DecodeError("feature summary: bins and moments count differently");
  summary.below_sum_ = in.Double();
  summary.above_sum_ = in.Double();
  if (!(summary.below_sum_ >= 0 && summary.above_sum_ >= 0)) throw DecodeError("feature summary: malformed tail sums");
  return summary;
}

}  // namespace detectors
