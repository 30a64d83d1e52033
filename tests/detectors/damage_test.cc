// Stored bytes can be damaged: decoders answer with DecodeError or with a sound summary, never with a crash or an
// endless allocation.
#include <gtest/gtest.h>

#include <functional>

#include "detectors/counts/distinct_counter.h"
#include "detectors/counts/exact_sum.h"
#include "detectors/counts/quantile_sketch.h"
#include "detectors/distances/distance.h"
#include "detectors/evidence/design_effect.h"
#include "detectors/evidence/second_moments.h"
#include "detectors/evidence/shiryaev_roberts.h"
#include "detectors/hash.h"
#include "detectors/quality/classification.h"
#include "detectors/quality/estimated_quality.h"
#include "detectors/quality/label_selection.h"
#include "detectors/quality/regression.h"
#include "tests/detectors/quality/outcomes.h"
#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Random;

struct Sample {
  const char* name;
  std::string bytes;
  std::function<void(Decoder&)> decode;  // and use
};

std::vector<Sample> Samples() {
  Random random(1);
  const std::vector<double> values = testing::Normal(3000, random);
  const auto numeric = testing::ShapeOf(values);
  const FeatureSummary numeric_summary = testing::Summarise(numeric, values);

  const auto categorical = FeatureShape::Categorical({{"a", "b", "c"}, {1, 77, 1'000'000}});
  FeatureSummary categorical_summary(categorical);
  const std::vector<CategoryId> ids = {
      0, 1, 1, CategoryDictionary::kOther, CategoryDictionary::kUnseen, CategoryDictionary::kUnseen};
  const std::vector<std::string_view> names = {"x", "y"};
  categorical_summary.AddCategorical(ids, names, 3, 1);

  DistinctCounter distinct;
  QuantileSketch sketch(50);
  for (const double value : values) {
    sketch.Add(value);
    distinct.AddHash(Hash64(std::to_string(value)));
  }
  const ScoreBins bins = ScoreBins::Make({});
  const std::vector<Outcome> outcomes = testing::DrawMany(2000, {.slope = 0.5}, bins, random);
  const ClassificationCounts counts = testing::CountsOf(outcomes);
  RegressionCounts regression(0.5);
  for (const Outcome& outcome : outcomes) {
    regression.AddPrediction(outcome.score);
    regression.AddLabel(outcome.score, outcome.label);
  }
  ExactSum sum;
  for (const double value : values) sum.Add(value * value * value);
  ShiryaevRoberts evidence(3);
  const std::vector<double> log_e = {1, -1, 0.5};
  const std::vector<float> weights = {0.5F, 0.25F, 0.25F};
  for (std::uint32_t step = 0; step < 5; ++step) evidence.Update(step, 1, log_e, weights, 1e9);
  DesignEffect design_effect(std::vector<DesignEffect::Direction>{{.variance = 1}, {.variance = 0.2}});
  for (std::size_t step = 0; step < 20; ++step)
    design_effect.Add(100, std::vector<double>{values[step], values[step + 20]});
  SecondMoments second_moments(3);
  testing::AddRows(second_moments, std::span(values).first(60));
  return {
      {"evidence", Bytes(evidence), [=](Decoder& in) { ShiryaevRoberts::Decode(in); }},
      {"design effect", Bytes(design_effect),
       [=](Decoder& in) {
         DesignEffect effect = DesignEffect::Decode(in);
         effect.Add(10, std::vector<double>(effect.directions(), 0.5));
         effect.Largest(1000);
       }},
      {"second moments", Bytes(second_moments),
       [=](Decoder& in) {
         SecondMoments decoded = SecondMoments::Decode(in);
         if (decoded.features() == 3) decoded.Merge(second_moments);
         if (decoded.features() > 1) decoded.Correlation(0, 1);
       }},
      {"moments", Bytes(numeric_summary.moments()), [](Decoder& in) { Moments::Decode(in).Merge(Moments()); }},
      {"numeric shape", Bytes(*numeric), [](Decoder& in) { FeatureShape::Decode(in)->binning.BinOf(0.5); }},
      {"categorical shape", Bytes(*categorical), [](Decoder& in) { FeatureShape::Decode(in)->dictionary.Find("b"); }},
      {"numeric summary", Bytes(numeric_summary),
       [=](Decoder& in) {
         FeatureSummary summary = FeatureSummary::Decode(in, numeric);
         summary.Merge(numeric_summary);
         Compare(numeric_summary, summary);
       }},
      {"categorical summary", Bytes(categorical_summary),
       [=](Decoder& in) {
         FeatureSummary summary = FeatureSummary::Decode(in, categorical);
         summary.Merge(categorical_summary);
         Compare(categorical_summary, summary);
       }},
      {"distinct counter", Bytes(distinct), [](Decoder& in) { DistinctCounter::Decode(in).Estimate(); }},
      {"quantile sketch", Bytes(sketch),
       [](Decoder& in) {
         QuantileSketch decoded = QuantileSketch::Decode(in);
         decoded.Quantile(0.3);
         for (int i = 0; i < 200; ++i) decoded.Add(i);
       }},
      {"exact sum", Bytes(sum),
       [](Decoder& in) {
         ExactSum decoded = ExactSum::Decode(in);
         decoded.Add(1);
         decoded.Merge(decoded);
         decoded.Value();
       }},
      {"score bins", Bytes(bins), [](Decoder& in) { ScoreBins::Decode(in).BinOf(0.4); }},
      {"classification counts", Bytes(counts),
       [=](Decoder& in) {
         ClassificationCounts decoded = ClassificationCounts::Decode(in);
         if (decoded.positive() == testing::kPositive) BinaryMetrics(decoded, testing::kPositive);
         MulticlassMetrics(decoded);
         CompareLabelled(decoded);
       }},
      {"regression counts", Bytes(regression),
       [](Decoder& in) {
         RegressionCounts decoded = RegressionCounts::Decode(in);
         RegressionMetrics(decoded);
         ConstantPredictorRegression(decoded);
       }},
      {"calibration", Bytes(Calibration::Fit(counts, bins)),
       [=](Decoder& in) {
         const Calibration decoded = Calibration::Decode(in);
         if (decoded.rates().size() == bins.size()) EstimatedQuality(counts, decoded, testing::kPositive);
       }},
  };
}

TEST(Damage, WholeBytesDecode) {
  for (const Sample& sample : Samples()) {
    Decoder in(sample.bytes);
    EXPECT_NO_THROW(sample.decode(in)) << sample.name;
    EXPECT_TRUE(in.AtEnd()) << sample.name;
  }
}

TEST(Damage, EveryTruncationIsRefused) {
  for (const Sample& sample : Samples()) {
    for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
      Decoder in(std::string_view(sample.bytes).substr(0, size));
      EXPECT_THROW(sample.decode(in), DecodeError) << sample.name << " cut at " << size;
    }
  }
}

TEST(Damage, ChangedBytesAreRefusedOrGiveASoundSummary) {
  Random random(2);
  for (const Sample& sample : Samples()) {
    for (int trial = 0; trial < 3000; ++trial) {
      std::string bytes = sample.bytes;
      for (std::uint64_t changes = 1 + random() % 3; changes > 0; --changes)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      Decoder in(bytes);
      try {
        sample.decode(in);
      } catch (const DecodeError&) {
      }
    }
  }
}

TEST(Damage, RandomBytesAreRefusedOrGiveASoundSummary) {
  Random random(3);
  for (const Sample& sample : Samples()) {
    for (int trial = 0; trial < 3000; ++trial) {
      std::string bytes(random() % 200, '\0');
      for (char& byte : bytes) byte = static_cast<char>(random());
      if (!bytes.empty()) bytes[0] = 1;  // the version, or nothing would be read
      Decoder in(bytes);
      try {
        sample.decode(in);
      } catch (const DecodeError&) {
      }
    }
  }
}

}  // namespace
}  // namespace detectors
