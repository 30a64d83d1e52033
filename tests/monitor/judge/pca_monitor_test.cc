// The principal components as one monitor: many small changes of correlations are found, stable features stay quiet.
#include "monitor/judge/evidence/pca_monitor.h"

#include <gtest/gtest.h>

#include "tests/monitor/judge/joint_world.h"

namespace monitor::testing {
namespace {

constexpr double kThreshold = 720 / kPcaShare;  // one false alarm a month, hourly steps

template <class Monitor>
void Add(Monitor& monitor, std::int64_t hour, const PaneSummary& step, double threshold) {
  const PaneSummary* const versions[] = {&step};
  monitor.AddStep({hour * kHour, versions, 0.1, threshold, false, nullptr});
  monitor.Settle(monitor.Of(step));
}

std::string Bytes(const PcaMonitor& monitor) {
  detectors::Encoder out;
  monitor.Encode(out);
  return out.Take();
}

// 20 features whose correlations all fall from 0.3 to 0.2: on Fisher's scale 0.107, for each pair hardly beyond what
// counts as none.
TEST(PcaMonitor, FindsManySmallChangesThatNoPairShows) {
  std::mt19937_64 random(1);
  const World before{.features = 20, .common = 0.3}, after{.features = 20, .common = 0.2};
  const auto frame = FrameOf(before, 100'000, random);
  PcaMonitor components;
  CorrelationMonitor pairs;
  for (int hour = 0; hour < 168; ++hour) {
    const PaneSummary step = Step(frame, before, 1000, random);
    Add(components, hour, step, kThreshold);
    Add(pairs, hour, step, 720 / kCorrelationShare);
  }
  ASSERT_FALSE(components.detector().firing());
  int hour = 168;
  for (; hour < 200 && !components.detector().firing(); ++hour) {
    const PaneSummary step = Step(frame, after, 1000, random);
    Add(components, hour, step, kThreshold);
    Add(pairs, hour, step, 720 / kCorrelationShare);
  }
  ASSERT_TRUE(components.detector().firing());
  EXPECT_LE(hour - 168, 8);
  EXPECT_GE(components.detector().began_ns(), 166 * kHour);
  EXPECT_FALSE(pairs.detector().firing());
  // By the eigenvalues: 0.3 makes one of 6.7 and nineteen of 0.7.
  const auto change = components.Of(Step(frame, after, 100'000, random));
  ASSERT_TRUE(change);
  EXPECT_GT(change->now, change->baseline);
  const auto found = components.Observe({}, change);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->monitor, "pca_residual");
  EXPECT_EQ(found->verdict, alerts::Observation::Verdict::kViolated) << found->summary;
}

// Ten features that all hang together, in sessions of three records, a finite baseline: by the share of 0.005 of the
// budget 0.05 alarms are expected in ten months at most.
TEST(PcaMonitor, CorrelatedButStableFeaturesKeepTheBudget) {
  std::mt19937_64 random(2);
  const World world{.features = 10, .common = 0.5, .repeats = 3};
  int alarms = 0;
  for (int month = 0; month < 10; ++month) {
    const auto frame = FrameOf(world, 20'000, random);
    PcaMonitor monitor;
    bool firing = false;
    for (int hour = 0; hour < 720; ++hour) {
      Add(monitor, hour, Step(frame, world, 150, random), kThreshold);
      alarms += monitor.detector().firing() && !firing ? 1 : 0;
      firing = monitor.detector().firing();
    }
  }
  EXPECT_LE(alarms, 1);
}

TEST(PcaMonitor, StoredInTheMiddleItGoesOnToTheSameBytes) {
  std::mt19937_64 random(3);
  const World before{.features = 6, .common = 0.5}, after{.features = 6, .common = 0.1};
  const auto frame = FrameOf(before, 20'000, random);
  PcaMonitor whole, shaken;
  for (int hour = 0; hour < 80; ++hour) {
    const PaneSummary step = Step(frame, hour < 40 || hour > 60 ? before : after, 300, random);
    Add(whole, hour, step, kThreshold);
    Add(shaken, hour, step, kThreshold);
    const std::string stored = Bytes(shaken);
    detectors::Decoder in(stored);
    shaken = PcaMonitor::Decode(in);
    EXPECT_TRUE(in.AtEnd());
    ASSERT_EQ(Bytes(shaken), Bytes(whole)) << hour;
    if (hour == 60) {
      EXPECT_TRUE(whole.detector().firing());
    }
  }
  EXPECT_FALSE(whole.detector().firing());
}

TEST(PcaMonitor, WithoutAReferenceOrDataItSaysNothing) {
  std::mt19937_64 random(4);
  const World world{.features = 3, .common = 0.5};
  const auto frame = FrameOf(world, 1000, random);
  PcaMonitor monitor;
  Add(monitor, 0, PaneSummary::Empty(frame), kThreshold);
  EXPECT_FALSE(monitor.Of(PaneSummary::Empty(frame)));
  EXPECT_FALSE(monitor.Observe({}, std::nullopt));
}

}  // namespace
}  // namespace monitor::testing
