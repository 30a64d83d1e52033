// Design effects by time: against a direct computation on the rows, whatever their order; and what cannot be known.
#include "baselines/build/step_ladders.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "baselines/build/profile_builder.h"
#include "baselines/profile_file.h"
#include "tests/baselines/temporary_file.h"

namespace baselines {
namespace {

using detectors::StepLadder;

constexpr std::int64_t kStart = 1'361'923'200;  // 2013-02-27T00:00Z

struct Row {
  std::int64_t seconds;
  double value;
  bool missing;
  char name;
};

// A row a minute for 30 days: an AR(1) chain of standard normal values, names by sign and missing values in sessions.
std::vector<Row> Rows(double rho) {
  std::mt19937_64 random(3);
  std::normal_distribution<> normal;
  std::vector<Row> rows;
  double x = normal(random), gone = normal(random);
  for (int i = 0; i < 30 * 1440; ++i) {
    x = rho * x + std::sqrt(1 - rho * rho) * normal(random);
    gone = rho * gone + std::sqrt(1 - rho * rho) * normal(random);
    rows.push_back({kStart + 60 * i, x, gone > 1.6, x > 0.3 ? 'a' : 'b'});
  }
  return rows;
}

Profile Build(const std::vector<Row>& rows, const char* time = "t") {
  std::string text = std::string(time) + ",x,c\n";
  for (const Row& row : rows) {
    text += std::to_string(row.seconds) + "," + (row.missing ? "" : std::to_string(row.value)) + "," + row.name + "\n";
  }
  const TemporaryFile csv(text);
  BuildOptions options;
  options.time = time;
  options.model = "m";
  Profile profile = BuildProfile(csv.path(), options);
  profile.source = "train.csv";
  return profile;
}

// n·Var of the means of `score` over blocks of `step_s`, in units of the variance of one row.
template <class Score>
double Direct(const std::vector<Row>& rows, std::int64_t step_s, const Score& score) {
  std::map<std::int64_t, std::pair<double, double>> blocks;
  double n = 0, sum = 0, square = 0;
  for (const Row& row : rows) {
    const auto value = score(row);
    if (std::isnan(value)) continue;
    auto& [count, total] = blocks[row.seconds / step_s];
    ++count;
    total += value;
    ++n;
    sum += value;
    square += value * value;
  }
  const double mean = sum / n;
  double between = 0;
  for (const auto& [start, block] : blocks) between += block.first * std::pow(block.second / block.first - mean, 2);
  return between / static_cast<double>(blocks.size() - 1) / (square / n - mean * mean);
}

TEST(StepLadders, AgreeWithADirectComputationAtEveryRung) {
  const auto rows = Rows(0.9);
  const Profile profile = Build(rows);
  const ProfileColumn& x = *profile.Find("x");
  const ProfileColumn& c = *profile.Find("c");
  ASSERT_EQ(x.value_steps.rungs().size(), 5u);  // 30 days hold five weeks at most, fewer than eight
  std::vector<double> sorted;
  for (const Row& row : rows)
    if (!row.missing) sorted.push_back(row.value);
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < 5; ++i) {
    const auto& rung = x.value_steps.rungs()[i];
    EXPECT_EQ(rung.step_s, StepLadder::kSteps[i]);
    EXPECT_EQ(c.value_steps.rungs()[i].blocks, 30 * 86'400 / rung.step_s);
    EXPECT_LE(rung.blocks, c.value_steps.rungs()[i].blocks);  // those with values
    const double rank = Direct(rows, rung.step_s, [&](const Row& row) {
      if (row.missing) return std::nan("");
      return static_cast<double>(std::ranges::lower_bound(sorted, row.value) - sorted.begin());
    });
    EXPECT_NEAR(static_cast<double>(rung.effects[0]), rank, 0.01 * rank);  // twentieths instead of ranks
    const double missing = Direct(rows, rung.step_s, [](const Row& row) { return row.missing ? 1.0 : 0.0; });
    EXPECT_NEAR(static_cast<double>(x.missing_steps.rungs()[i].effects[0]), missing, 1e-4 * missing);
    const double share = Direct(rows, rung.step_s, [](const Row& row) { return row.name == 'b' ? 1.0 : 0.0; });
    ASSERT_EQ(c.summary.shape().dictionary.name(0), "b");
    EXPECT_NEAR(static_cast<double>(c.value_steps.rungs()[i].effects[0]), share, 1e-4 * share);
  }
}

TEST(StepLadders, IndependentRowsHaveADesignEffectOfOne) {
  const Profile profile = Build(Rows(0));
  for (const auto& rung : profile.Find("x")->value_steps.rungs())
    for (const float effect : rung.effects)
      EXPECT_NEAR(static_cast<double>(effect), 1, 4 * std::sqrt(2.0 / rung.blocks)) << rung.step_s;
}

TEST(StepLadders, DoNotDependOnTheOrderOfTheRows) {
  auto rows = Rows(0.6);
  const Profile sorted = Build(rows);
  std::ranges::shuffle(rows, std::mt19937_64(9));
  const Profile shuffled = Build(rows);
  for (const char* name : {"x", "c"}) {
    EXPECT_EQ(sorted.Find(name)->value_steps, shuffled.Find(name)->value_steps);
    EXPECT_EQ(sorted.Find(name)->missing_steps, shuffled.Find(name)->missing_steps);
  }
}

TEST(StepLadders, AreKeptInTheFileAndInTheDigest) {
  const Profile profile = Build(Rows(0.6));
  const Profile read = ProfileFromJson(ProfileToJson(profile), "test");
  EXPECT_EQ(read.Find("x")->value_steps, profile.Find("x")->value_steps);
  EXPECT_EQ(read.Find("x")->missing_steps, profile.Find("x")->missing_steps);
  EXPECT_EQ(Digest(read), profile.digest);
  Profile without = read;
  without.features[0].value_steps = {};
  EXPECT_NE(Digest(without), profile.digest);
}

TEST(StepLadders, WrongClocksNeitherStretchTheSpanNorCount) {
  auto rows = Rows(0);
  const Profile clean = Build(rows);
  rows[5].seconds = 4'000'000'000;  // 2096
  rows[6].seconds = 0;              // 1970
  const Profile profile = Build(rows);
  EXPECT_EQ(profile.Find("x")->value_steps.rungs().front().step_s, 300);
  EXPECT_EQ(profile.Find("x")->value_steps.rungs().back().blocks, clean.Find("x")->value_steps.rungs().back().blocks);
  EXPECT_TRUE(std::ranges::any_of(profile.assumptions, [](const std::string& assumption) {
    return assumption.find("tells no time since 2000") != std::string::npos &&
           assumption.find(" 1 row") != std::string::npos;
  }));
}

TEST(StepLadders, TooFewBlocksTellNothing) {
  auto rows = Rows(0);
  rows.resize(7 * 5);  // 35 minutes
  EXPECT_FALSE(Build(rows).Find("x")->value_steps.known());
}

TEST(TimeTable, TakesLongerSlotsWhereShortOnesWouldNotFit) {
  std::vector<TimeTable::Column> columns(28);
  for (auto& column : columns) column.edges.resize(19);
  const auto slot_of_years = [&](double years) {
    const TimeTable table(kStart, kStart + static_cast<std::int64_t>(years * 31'557'600), columns);
    EXPECT_LE(table.slots() * 28 * 21 * 4, TimeTable::kMemory);
    return table.slot_s();
  };
  EXPECT_EQ(slot_of_years(0.25), 300);
  EXPECT_EQ(slot_of_years(0.75), 900);
  EXPECT_EQ(slot_of_years(3), 3'600);
  EXPECT_EQ(slot_of_years(10), 21'600);
}

}  // namespace
}  // namespace baselines
