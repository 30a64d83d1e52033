// Traffic with a strong daily cycle in hourly steps: quiet while the cycle goes on, and both a shift and a cycle that
// comes at the wrong hours are found.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <numbers>
#include <random>

#include "monitor/judge/evidence/evidence_book.h"
#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

constexpr std::int64_t kHourSeconds = 3'600;
constexpr std::int64_t kMonday = 1'361'750'400;  // 2013-02-25T00:00Z
constexpr std::int64_t kWeek = 168;

double Cycle(std::int64_t seconds) {
  return 0.8 * std::sin(2 * std::numbers::pi * static_cast<double>(seconds % 86'400) / 86'400);
}

// Five weeks, sixty rows an hour.
const baselines::Profile& Trained() {
  static const baselines::Profile profile = [] {
    const auto file = tests::Temporary("cycle.csv");
    std::mt19937_64 random(5);
    std::normal_distribution<> normal;
    std::ofstream out(file);
    out << "timestamp,x\n";
    for (std::int64_t s = kMonday - 5 * kWeek * kHourSeconds; s < kMonday; s += 60)
      out << s << "," << normal(random) + Cycle(s) << "\n";
    out.close();
    return baselines::BuildProfile(file, {});
  }();
  return profile;
}

class Traffic {
 public:
  explicit Traffic(baselines::Profile profile)
      : frame_(std::make_shared<const Frame>(std::make_shared<const baselines::Profile>(std::move(profile)))) {}

  // One hour of 500 records; true while the column's monitor fires.
  bool Hour(std::int64_t hour, double shift, std::int64_t late_hours) {
    PaneSummary step = PaneSummary::Empty(frame_);
    std::normal_distribution<> normal;
    std::vector<double> values(500);
    const std::int64_t start_s = kMonday + hour * kHourSeconds;
    for (double& value : values)
      value = normal(random_) + shift + Cycle(start_s + kHourSeconds / 2 - late_hours * kHourSeconds);
    step.columns[0].AddNumeric(values, 0, 0);
    step.records = values.size();
    const PaneSummary* const versions[] = {&step};
    book_.AddStep({settings_, start_s * kSecond, kHourSeconds * kSecond, 1, kWeek * kHourSeconds * kSecond, true,
                   versions, nullptr});
    return book_.Of("x", Quantity::kDistribution)->firing;
  }

  // Hours until it fires, of a change after a quiet fortnight; 200 where it does not.
  std::int64_t Delay(double shift, std::int64_t late_hours) {
    for (std::int64_t hour = 0; hour < 2 * kWeek; ++hour) EXPECT_FALSE(Hour(hour, 0, 0)) << hour;
    for (std::int64_t hour = 0; hour < 200; ++hour)
      if (Hour(2 * kWeek + hour, shift, late_hours)) return hour + 1;
    return 200;
  }

 private:
  std::shared_ptr<const Frame> frame_;
  EvidenceSettings settings_;
  EvidenceBook book_;
  std::mt19937_64 random_{17};
};

TEST(SeasonalEvidence, ACycleThatGoesOnIsNoDriftForTwoMonths) {
  ASSERT_TRUE(Trained().features.front().seasons);
  Traffic traffic(Trained());
  for (std::int64_t hour = 0; hour < 8 * kWeek; ++hour) ASSERT_FALSE(traffic.Hour(hour, 0, 0)) << hour;
}

TEST(SeasonalEvidence, AShiftIsFoundWithinHalfADay) { EXPECT_LE(Traffic(Trained()).Delay(0.5, 0), 12); }

TEST(SeasonalEvidence, ACycleThatComesSixHoursLateIsFound) { EXPECT_LE(Traffic(Trained()).Delay(0, 6), 12); }

}  // namespace
}  // namespace monitor::testing
