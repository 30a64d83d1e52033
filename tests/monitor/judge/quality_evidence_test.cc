// Evidence from matured cohorts: within its budget while nothing changes, and each figure fires for its own reason.
#include "monitor/judge/quality/quality_evidence.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "baselines/build/profile_builder.h"
#include "monitor/judge/quality/quality_watch.h"
#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

using Figure = QualityEvidence::Figure;

constexpr std::int64_t kHour = 3'600 * kSecond;
constexpr std::uint16_t kNo = 0, kYes = 1;

// 20,000 predictions with uniform scores that are worth what they say: accuracy 0.75.
const baselines::Profile& Calibrated() {
  static const baselines::Profile profile = [] {
    const auto file = tests::Temporary("calibrated.csv");
    std::mt19937_64 random(7);
    std::uniform_real_distribution<> uniform;
    std::ofstream out(file);
    out << "x,prediction,score,label\n";
    for (int i = 0; i < 20'000; ++i) {
      const double score = uniform(random);
      out << i % 7 << "," << (score > 0.5 ? "yes" : "no") << "," << score << ","
          << (uniform(random) < score ? "yes" : "no") << "\n";
    }
    out.close();
    baselines::BuildOptions options;
    options.positive = "yes";
    return baselines::BuildProfile(file, options);
  }();
  return profile;
}

class Cohorts {
 public:
  explicit Cohorts(std::uint64_t seed) : random_(seed) {
    facts_.task = baselines::Task::kBinary;
    facts_.classes = {"no", "yes"};
    facts_.positive = "yes";
  }

  // `wrong`: share of labels that are turned round. Scores lie in low..1.
  void Add(int records, double wrong = 0, double coverage = 0.9, double low = 0) {
    std::uniform_real_distribution<> uniform;
    CohortCounts counts;
    counts.classes = detectors::ClassificationCounts(kYes);
    for (int i = 0; i < records; ++i) {
      const double score = low + (1 - low) * uniform(random_);
      const bool positive = (uniform(random_) < score) != (uniform(random_) < wrong);
      detectors::Outcome outcome{.bin = bins_.BinOf(score),
                                 .predicted = score > 0.5 ? kYes : kNo,
                                 .label = positive ? kYes : kNo,
                                 .score = static_cast<float>(score)};
      if (uniform(random_) >= coverage) outcome.label = detectors::kNone;
      counts.classes.Add(outcome);
    }
    evidence.AddCohort({.start_ns = hour_++ * kHour,
                        .counts = counts,
                        .facts = facts_,
                        .reference = reference_,
                        .absent_counts = false,
                        .predictions_before = predictions_,
                        .labels_before = labels_,
                        .min_effect = 0.1,
                        .budget = {.expected_false_alarms = 10},
                        .step_ns = kHour,
                        .sharers = 1});
    predictions_ += counts.predictions();
    labels_ += counts.labels();
    newest_.push_back(counts);
  }
  // An operator accepts what the newest cohorts show, all figures; through stored bytes.
  void Accept(std::size_t cohorts) {
    CohortCounts window = newest_.back();
    for (std::size_t i = 1; i < cohorts; ++i) window.Merge(newest_[newest_.size() - 1 - i]);
    AcceptedQuality accepted;
    for (const Figure figure : {Figure::kQuality, Figure::kGap, Figure::kCoverage}) {
      accepted.Accept(figure, hour_ * kHour, window);
      evidence.StartAnew(figure);
    }
    detectors::Encoder out;
    accepted.Encode(out);
    detectors::Decoder in(out.bytes());
    const AcceptedQuality stored = AcceptedQuality::Decode(in);
    EXPECT_TRUE(in.AtEnd());
    reference_ = stored.Reference(QualityReference(Calibrated()), facts_);
    predictions_ = stored.Coverage()->predictions();
    labels_ = stored.Coverage()->labels();
  }
  bool Firing(Figure figure) const { return evidence.Of(figure).firing(); }

  const QualityReference& reference() const { return reference_; }

  QualityEvidence evidence;

 private:
  std::mt19937_64 random_;
  QualityFacts facts_;
  QualityReference reference_{Calibrated()};
  detectors::ScoreBins bins_ = baselines::ScoreBinsOf(Calibrated());
  std::uint64_t predictions_ = 0, labels_ = 0;
  std::vector<CohortCounts> newest_;
  std::int64_t hour_ = 400'000;
};

// Ten expected alarms a month, of which these three figures have 0.6. 20 streams of 120 hours are 3.3 months: at most
// 2 alarms expected, and a Poisson count of that mean is above 7 once in 1,000 times.
TEST(QualityEvidenceTest, KeepsItsBudgetWhileOnlyTheMixOfPredictionsVaries) {
  int alarms = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Cohorts cohorts(seed);
    for (int hour = 0; hour < 120; ++hour) cohorts.Add(100);
    for (const Figure figure : {Figure::kQuality, Figure::kGap, Figure::kCoverage})
      alarms += cohorts.Firing(figure) ? 1 : 0;
  }
  EXPECT_LE(alarms, 7);
}

TEST(QualityEvidenceTest, ConceptDriftIsALossThatTheScoresDidNotExpect) {
  Cohorts cohorts(1);
  for (int hour = 0; hour < 30; ++hour) cohorts.Add(1000);
  // Every fifth label turned round: accuracy 0.65, while the scores still promise 0.75.
  for (int hour = 0; hour < 10; ++hour) cohorts.Add(1000, 0.2);
  ASSERT_TRUE(cohorts.Firing(Figure::kQuality));
  EXPECT_TRUE(cohorts.evidence.Worse(Figure::kQuality));
  EXPECT_LE(cohorts.evidence.Of(Figure::kQuality).took(), 6u);
  EXPECT_FALSE(cohorts.evidence.Of(Figure::kQuality).standing());
  ASSERT_TRUE(cohorts.Firing(Figure::kGap));
  EXPECT_TRUE(cohorts.evidence.Worse(Figure::kGap));
  EXPECT_FALSE(cohorts.Firing(Figure::kCoverage));
}

TEST(QualityEvidenceTest, AnotherMixOfPredictionsOfTheSameWorthIsNothing) {
  Cohorts cohorts(2);
  for (int hour = 0; hour < 30; ++hour) cohorts.Add(1000);
  for (int hour = 0; hour < 10; ++hour) cohorts.Add(1000, 0, 0.9, 0.5);  // scores in ½..1 are as sure as those in 0..½
  EXPECT_FALSE(cohorts.Firing(Figure::kQuality));
  EXPECT_FALSE(cohorts.Firing(Figure::kGap));
}

TEST(QualityEvidenceTest, LabelsThatStayAwayAreTold) {
  Cohorts cohorts(3);
  for (int hour = 0; hour < 30; ++hour) cohorts.Add(1000);
  for (int hour = 0; hour < 6; ++hour) cohorts.Add(1000, 0, 0.6);
  ASSERT_TRUE(cohorts.Firing(Figure::kCoverage));
  EXPECT_TRUE(cohorts.evidence.Worse(Figure::kCoverage));
  EXPECT_FALSE(cohorts.Firing(Figure::kQuality));
}

TEST(QualityEvidenceTest, WhatAnOperatorAcceptsIsUsualFromThenOn) {
  Cohorts cohorts(5);
  for (int hour = 0; hour < 30; ++hour) cohorts.Add(1000);
  for (int hour = 0; hour < 10; ++hour) cohorts.Add(1000, 0.2, 0.6);
  for (const Figure figure : {Figure::kQuality, Figure::kGap, Figure::kCoverage}) ASSERT_TRUE(cohorts.Firing(figure));
  cohorts.Accept(10);
  EXPECT_NEAR(cohorts.reference().metrics.at("accuracy").value, 0.65, 0.02);
  EXPECT_NEAR(cohorts.reference().gap, 0.1, 0.02);
  for (int hour = 0; hour < 30; ++hour) cohorts.Add(1000, 0.2, 0.6);
  for (const Figure figure : {Figure::kQuality, Figure::kGap, Figure::kCoverage}) EXPECT_FALSE(cohorts.Firing(figure));
  // A further loss is one again, and so is the way back.
  Cohorts worse = cohorts, fewer = cohorts;
  for (int hour = 0; hour < 15; ++hour) {
    worse.Add(1000, 0.5, 0.6);
    fewer.Add(1000, 0.2, 0.3);
    cohorts.Add(1000, 0, 0.9);
  }
  for (const Figure figure : {Figure::kQuality, Figure::kGap, Figure::kCoverage}) {
    SCOPED_TRACE(static_cast<int>(figure));
    const Cohorts& lost = figure == Figure::kCoverage ? fewer : worse;
    EXPECT_TRUE(lost.Firing(figure)) << lost.evidence.Of(figure).evidence();
    EXPECT_TRUE(lost.evidence.Worse(figure));
    EXPECT_TRUE(cohorts.Firing(figure));
    EXPECT_FALSE(cohorts.evidence.Worse(figure));
  }
}

TEST(QualityEvidenceTest, StoredInTheMiddleItGoesOnToTheSameBytes) {
  const auto bytes = [](const QualityEvidence& evidence) {
    detectors::Encoder out;
    evidence.Encode(out);
    return out.Take();
  };
  Cohorts whole(4), shaken(4);
  for (int hour = 0; hour < 40; ++hour) {
    whole.Add(500, hour < 25 ? 0 : 0.3);
    shaken.Add(500, hour < 25 ? 0 : 0.3);
    const std::string stored = bytes(shaken.evidence);
    detectors::Decoder in(stored);
    shaken.evidence = QualityEvidence::Decode(in);
    EXPECT_TRUE(in.AtEnd());
    ASSERT_EQ(bytes(shaken.evidence), bytes(whole.evidence)) << hour;
  }
}

TEST(QualityWatchTest, AStateOfVersionOneGoesOnWithoutEvidence) {
  detectors::Encoder out;
  out.Byte(1);
  DelayHistogram().Encode(out);
  for (const std::int64_t ns : {4, 3, 2}) out.Signed(ns * kHour);  // complete, judged, longest lag
  out.Byte(0);
  out.Varint(0);  // coverage
  out.Varint(0);  // newest
  detectors::Decoder in(out.bytes());
  QualityWatch watch;
  watch.Decode(in);
  EXPECT_TRUE(in.AtEnd());
  EXPECT_EQ(watch.judged_up_to_ns(), 3 * kHour);
}

}  // namespace
}  // namespace monitor::testing
