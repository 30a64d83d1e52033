#include "monitor/judge/windows/gross_faults.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "monitor/judge/evidence/alarm_shares.h"
#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

constexpr std::int64_t kPane = 300 * kSecond;
// One false alarm a month over 20 columns, panes of five minutes.
const double kFireNats = GrossFaultNats({}, kPane, 1.0 / 20, 1);

// Feeds panes of the flights frame in which `temp` is missing with a given probability; everything else is as in
// training's middle.
class Feed {
 public:
  explicit Feed(std::uint32_t seed, const std::string& feature = "temp")
      : feature_(feature), temp_(frame_->Find(feature, 0)), random_(seed) {}

  std::vector<alerts::Observation> Pane(int records, double missing, double offset = 0) {
    PaneSummary pane = PaneSummary::Empty(frame_);
    RecordBlock block(frame_);
    for (int i = 0; i < records; ++i) {
      Row row;
      row.Clear(frame_->columns());
      for (std::size_t c = 0; c < frame_->columns(); ++c) {
        Cell& cell = row.cells[c];
        cell.state = CellState::kValue;
        if (frame_->column(c).kind() == detectors::FeatureKind::kNumeric) {
          cell.number = frame_->column(c).q50 +
                        (frame_->column(c).q75 - frame_->column(c).q25) * std::normal_distribution<>(0, 0.3)(random_);
        } else {
          cell.category = static_cast<detectors::CategoryId>(random_() % 2);
        }
      }
      Cell& temp = row.cells[static_cast<std::size_t>(temp_)];
      if (std::bernoulli_distribution(missing)(random_)) temp.state = CellState::kMissing;
      temp.number += offset;
      block.Append(row, 0);
      if (block.full()) block.CountInto(pane);
    }
    block.CountInto(pane);
    pane.records = static_cast<std::uint64_t>(records);
    std::vector<alerts::Observation> out, about_temp;
    faults.AddPane(
        {"flights", at_, "1", ""}, at_ + kPane, pane, [](const std::string&) { return kFireNats; }, out);
    at_ += kPane;
    for (auto& observation : out) {
      if (observation.feature == feature_) about_temp.push_back(std::move(observation));
    }
    return about_temp;
  }

  GrossFaults faults;

 private:
  std::shared_ptr<const Frame> frame_ = std::make_shared<const Frame>(FlightsProfile());
  std::string feature_;
  int temp_;
  std::mt19937 random_;
  std::int64_t at_ = 1'362'146'400 * kSecond;
};

TEST(GrossFaultsTest, AFewRecordsInARowWithoutAValueAreEnough) {
  Feed feed(1);
  int panes = 0;
  std::vector<alerts::Observation> found;
  for (; found.empty() && panes < 50; ++panes) found = feed.Pane(1, 1.0);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(panes, std::ceil(kFireNats / GrossFaults::kNatsPerFault));
  EXPECT_EQ(found[0].monitor, "missing:temp");
  EXPECT_EQ(found[0].cause, alerts::Cause::kBrokenPipeline);
  EXPECT_EQ(found[0].verdict, alerts::Observation::Verdict::kViolated);
  EXPECT_FALSE(feed.faults.Firing("temp").empty());
  // Good records end it soon.
  for (panes = 0; panes < 50 && !feed.faults.Firing("temp").empty(); ++panes) found = feed.Pane(1, 0.0);
  EXPECT_LE(panes, 9);
  EXPECT_EQ(found.back().verdict, alerts::Observation::Verdict::kClear);
}

TEST(GrossFaultsTest, AThousandQuietDaysRaiseNothing) {
  Feed feed(2);
  int found = 0;
  for (int pane = 0; pane < 20'000; ++pane) found += static_cast<int>(feed.Pane(14, 0.005).size());
  EXPECT_EQ(found, 0);
}

TEST(GrossFaultsTest, AChangedUnitIsAFaultAndAWarmDayIsNot) {
  Feed warm(3);
  int found = 0;
  for (int pane = 0; pane < 200; ++pane)
    found += static_cast<int>(warm.Pane(20, 0, 40).size());  // 40 °F above training's median
  EXPECT_EQ(found, 0);
  Feed unit(4);
  std::vector<alerts::Observation> seen;
  for (int pane = 0; pane < 3 && seen.empty(); ++pane) seen = unit.Pane(20, 0, 10'000);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen[0].monitor, "out_of_range:temp");
}

TEST(GrossFaultsTest, StateSurvivesEncoding) {
  Feed feed(5);
  for (int pane = 0; pane < 12; ++pane) feed.Pane(1, 1.0);
  detectors::Encoder out;
  feed.faults.Encode(out);
  detectors::Decoder in(out.bytes());
  const GrossFaults copy = GrossFaults::Decode(in);
  detectors::Encoder again;
  copy.Encode(again);
  EXPECT_EQ(again.bytes(), out.bytes());
  EXPECT_EQ(copy.Firing("temp"), feed.faults.Firing("temp"));
}

TEST(GrossFaultsTest, StateOfVersionOneIsRead) {
  detectors::Encoder old;
  old.Byte(1);
  old.Varint(1);
  old.Text("temp");
  old.Byte(0);  // missing
  for (const double value : {40.0, 0.0}) old.Double(value);
  old.Byte(1);  // firing
  old.Signed(1'362'146'400 * kSecond);
  for (const std::uint64_t count : {9, 9, 0}) old.Varint(count);
  old.Double(0);
  old.Signed(0);
  old.Text("the feed is broken");
  detectors::Decoder in(old.bytes());
  EXPECT_EQ(GrossFaults::Decode(in).Firing("temp"), "the feed is broken");
  EXPECT_TRUE(in.AtEnd());
  detectors::Decoder newer("\x09");
  EXPECT_THROW(GrossFaults::Decode(newer), detectors::DecodeError);
}

TEST(GrossFaultsTest, WhatIsOftenMissingIsAFaultOnlyLongerThanItsClusters) {
  // `pressure` is missing in 12 % of training, in clusters of hours.
  Feed feed(6, "pressure");
  int told = 0;
  for (int day = 0; day < 20; ++day) {
    for (int pane = 0; pane < 288; ++pane) told += static_cast<int>(feed.Pane(4, pane < 10 ? 1.0 : 0.05).size());
  }
  EXPECT_EQ(told, 0) << "clusters of 50 minutes";
  std::vector<alerts::Observation> found;
  int panes = 0;
  for (; found.empty() && panes < 288; ++panes) found = feed.Pane(4, 1.0);
  ASSERT_FALSE(found.empty());
  EXPECT_GT(panes, 12) << "longer than an hour";
  EXPECT_LE(panes, 45) << "twice the clusters, as long as they took to be forgotten";
  EXPECT_EQ(found[0].severity, alerts::Severity::kWarning);
  for (panes = 0; panes < 72; ++panes) found = feed.Pane(4, 1.0);
  EXPECT_EQ(found[0].severity, alerts::Severity::kCritical) << "a dead feed";
}

}  // namespace
}  // namespace monitor::testing
