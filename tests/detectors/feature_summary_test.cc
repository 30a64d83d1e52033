#include "detectors/feature_summary.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::CountBytes;
using testing::Normal;
using testing::Random;
using testing::ShapeOf;
using testing::Summarise;

TEST(FeatureSummary, OffersEveryRecordOnce) {
  FeatureSummary summary(ShapeOf({1, 2, 3, 4, 5}));
  const std::vector<double> values = {1, NAN, 7, -2, NAN, HUGE_VAL, 3};
  summary.AddNumeric(values, 1, 1);
  EXPECT_EQ(summary.records(), 7);
  EXPECT_EQ(summary.values(), 5);
  EXPECT_EQ(summary.missing(), 1);
  EXPECT_EQ(summary.type_faults(), 1);
  EXPECT_EQ(summary.below_min(), 1);
  EXPECT_EQ(summary.above_max(), 2);
  EXPECT_DOUBLE_EQ(summary.below_sum(), 3);
  EXPECT_DOUBLE_EQ(summary.above_sum(), 2) << "the infinite value is left out";
  EXPECT_EQ(summary.moments().extreme(), 1);
  EXPECT_EQ(summary.unseen(), 0);
}

TEST(FeatureSummary, OverAnEmptyBaselineHasNothingBelowOrAbove) {
  const FeatureSummary summary = Summarise(ShapeOf({}), std::vector<double>{1, 2, -3, HUGE_VAL});
  EXPECT_EQ(summary.values(), 4);
  EXPECT_EQ(summary.below_min() + summary.above_max(), 0);
  EXPECT_EQ(summary.below_sum() + summary.above_sum(), 0);
}

TEST(FeatureSummary, MinimumAndMaximumOfTheBaselineAreInside) {
  const std::vector<double> values = {1, 2, 3};
  const FeatureSummary summary = Summarise(ShapeOf(values), values);
  EXPECT_EQ(summary.below_min(), 0);
  EXPECT_EQ(summary.above_max(), 0);
}

// Any split and order of the same records: the same encoded counts; moments and tail sums to 1e-12 relative.
TEST(FeatureSummary, NumericMergeLaws) {
  Random random(1);
  const auto shape = ShapeOf(Normal(5000, random));
  std::vector<double> values = Normal(4000, random, 0.5, 3);
  for (std::size_t i = 0; i < values.size(); i += 17) values[i] = NAN;
  values[1] = HUGE_VAL;
  values[2] = -1e200;
  values[3] = 1e15;
  const FeatureSummary whole = Summarise(shape, values);
  for (int trial = 0; trial < 100; ++trial) {
    std::ranges::shuffle(values, random);
    std::vector<FeatureSummary> parts(1 + random() % 10, FeatureSummary(shape));
    for (std::span<const double> left = values; !left.empty();) {
      const std::size_t size = std::min<std::size_t>(left.size(), 1 + random() % 600);
      parts[random() % parts.size()].Merge(Summarise(shape, left.first(size)));
      left = left.subspan(size);
    }
    FeatureSummary merged(shape);
    std::ranges::shuffle(parts, random);
    for (const FeatureSummary& part : parts) {
      const std::string bytes = Bytes(part);
      Decoder in(bytes);
      merged.Merge(FeatureSummary::Decode(in, shape));
      EXPECT_TRUE(in.AtEnd());
    }
    ASSERT_EQ(CountBytes(merged), CountBytes(whole));
    EXPECT_EQ(merged.records(), whole.records());
    EXPECT_EQ(merged.moments().extreme(), whole.moments().extreme());
    EXPECT_NEAR(merged.moments().mean(), whole.moments().mean(), 1e-12 * std::abs(whole.moments().mean()));
    EXPECT_NEAR(merged.moments().sample_variance(), whole.moments().sample_variance(),
                1e-12 * whole.moments().sample_variance());
    EXPECT_NEAR(merged.below_sum(), whole.below_sum(), 1e-12 * whole.below_sum());
    EXPECT_NEAR(merged.above_sum(), whole.above_sum(), 1e-12 * whole.above_sum());
  }
}

TEST(FeatureSummary, CategoricalMergeLaws) {
  Random random(2);
  const auto shape = FeatureShape::Categorical({{"a", "b", "c", "d"}, {5, 6}});
  struct Record {
    CategoryId id;
    std::string name;
  };
  std::vector<Record> records;
  for (int i = 0; i < 5000; ++i) {
    constexpr CategoryId kIds[] = {
        0, 1, 2, 3, CategoryDictionary::kOther, CategoryDictionary::kUnseen, CategoryDictionary::kNoValue};
    const CategoryId id = kIds[random() % std::size(kIds)];
    records.push_back({id, id == CategoryDictionary::kUnseen ? "new " + std::to_string(random() % 600) : ""});
  }
  std::string expected;
  for (int trial = 0; trial < 50; ++trial) {
    std::ranges::shuffle(records, random);
    std::vector<FeatureSummary> parts(1 + random() % 6, FeatureSummary(shape));
    for (std::size_t at = 0; at < records.size();) {
      std::vector<CategoryId> ids;
      std::vector<std::string_view> names;
      std::uint64_t missing = 0;
      for (std::size_t end = std::min(records.size(), at + 1 + random() % 400); at < end; ++at) {
        ids.push_back(records[at].id);
        if (records[at].id == CategoryDictionary::kUnseen) names.push_back(records[at].name);
        if (records[at].id == CategoryDictionary::kNoValue) ++missing;
      }
      parts[random() % parts.size()].AddCategorical(ids, names, missing, 0);
    }
    FeatureSummary merged(shape);
    for (const FeatureSummary& part : parts) {
      const std::string bytes = Bytes(part);
      Decoder in(bytes);
      merged.Merge(FeatureSummary::Decode(in, shape));
    }
    EXPECT_EQ(merged.records(), 5000);
    if (expected.empty()) expected = Bytes(merged);
    ASSERT_EQ(Bytes(merged), expected) << "everything about a categorical feature is an integer";
  }
}

TEST(FeatureSummary, MergesOverEqualShapesOnly) {
  Random random(3);
  const std::vector<double> values = Normal(100, random);
  FeatureSummary summary = Summarise(ShapeOf(values), values);
  EXPECT_NO_THROW(summary.Merge(Summarise(ShapeOf(values), values)));
  EXPECT_EQ(summary.records(), 200);
  EXPECT_THROW(summary.Merge(FeatureSummary(ShapeOf({1, 2}))), std::logic_error);
  EXPECT_THROW(summary.Merge(FeatureSummary(FeatureShape::Categorical({{"a"}, {}}))), std::logic_error);
}

TEST(FeatureSummary, AnEmptyOneTakesFewBytes) {
  Random random(4);
  const FeatureSummary summary(ShapeOf(Normal(5000, random)));
  EXPECT_LE(Bytes(summary).size(), 30);
}

TEST(FeatureShape, SurvivesEncoding) {
  Random random(5);
  for (const auto& shape : {ShapeOf(Normal(1000, random)), ShapeOf({}), FeatureShape::Categorical({{"a", "b"}, {9}})}) {
    const std::string bytes = Bytes(*shape);
    Decoder in(bytes);
    EXPECT_EQ(*FeatureShape::Decode(in), *shape);
    EXPECT_TRUE(in.AtEnd());
  }
}

}  // namespace
}  // namespace detectors
