// What a baseline holds of its features together: correlations and the model's answers by cell, against plain sums over
// the rows, the same for any number of threads, and absent from files of before.
#include "baselines/joint_reference.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "baselines/build/profile_builder.h"
#include "baselines/profile_file.h"
#include "tests/baselines/temporary_file.h"

namespace baselines {
namespace {

constexpr std::size_t kRows = 20'000;

struct Rows {
  std::vector<double> x, y, prediction, label;
  std::string csv = "c,x,y,prediction,label\n";

  Rows() {
    std::mt19937_64 random(31);
    std::normal_distribution<> normal;
    for (std::size_t i = 0; i < kRows; ++i) {
      x.push_back(normal(random));
      y.push_back(std::exp(0.6 * x.back() + 0.8 * normal(random)));
      prediction.push_back(3 * x.back());
      label.push_back(prediction.back() + normal(random));
      csv += std::string("c") + "ab"[i % 2] + "," + std::to_string(x[i]) + "," + std::to_string(y[i]) + "," +
             std::to_string(prediction[i]) + "," + std::to_string(label[i]) + "\n";
    }
  }
};

Profile Build(const std::string& csv, unsigned threads) {
  const TemporaryFile file(csv);
  BuildOptions options;
  options.task = Task::kRegression;
  options.threads = threads;
  return BuildProfile(file.path(), options);
}

// Without what comes from the name of the file.
nlohmann::json Content(const Profile& profile) {
  auto json = nlohmann::json::parse(ProfileToJson(profile));
  for (const char* key : {"model", "source", "digest", "checksum"}) json.erase(key);
  return json;
}

TEST(JointReference, HoldsTheCorrelationOfNormalScores) {
  const Rows rows;
  const Profile profile = Build(rows.csv, 1);
  ASSERT_TRUE(profile.joint);
  EXPECT_EQ(profile.joint->features, (std::vector<std::size_t>{1, 2}));  // x and y; c is a category
  EXPECT_EQ(profile.joint->moments.rows(0, 1), kRows);
  // y is a rising function of a normal variable that has the correlation 0.6 with x.
  EXPECT_NEAR(*profile.joint->moments.Correlation(0, 1), 0.6, 3 * 0.64 / std::sqrt(double{kRows}));
  EXPECT_EQ(Content(Build(rows.csv, 3)), Content(profile));
}

TEST(OutcomeReference, HoldsTheMeanPredictionAndErrorOfEachCell) {
  const Rows rows;
  const Profile profile = Build(rows.csv, 2);
  ASSERT_TRUE(profile.outcome);
  EXPECT_EQ(profile.outcome->outcome, "prediction");
  EXPECT_NEAR(profile.outcome->deviation, 3, 0.1);
  const auto& x = profile.features[1].summary.shape();
  const auto& cells = profile.outcome->tables[1].cells();
  ASSERT_EQ(cells.size(), x.binning.coarse_bins() + 1);
  std::vector<std::uint64_t> count(cells.size());
  std::vector<double> error(cells.size());
  for (std::size_t i = 0; i < kRows; ++i) {
    // As the file has them: six decimals.
    const std::size_t cell = x.binning.coarse_of(x.binning.BinOf(std::stod(std::to_string(rows.x[i]))));
    ++count[cell];
    error[cell] += std::abs(rows.prediction[i] - rows.label[i]);
  }
  for (std::size_t cell = 0; cell < cells.size(); ++cell) {
    EXPECT_EQ(cells[cell].rows, count[cell]);
    EXPECT_EQ(cells[cell].labelled, count[cell]);
    EXPECT_NEAR(cells[cell].error, error[cell], 1e-5 * static_cast<double>(kRows));
  }
  EXPECT_LT(cells.front().outcome / static_cast<double>(cells.front().rows), -3);
}

TEST(JointReference, ComesBackFromTheFileAndOldFilesHaveNone) {
  Profile profile = Build(Rows().csv, 1);
  const Profile after = ProfileFromJson(ProfileToJson(profile), "f.json");
  EXPECT_EQ(Digest(after), profile.digest);
  EXPECT_EQ(after.joint->moments, profile.joint->moments);
  EXPECT_EQ(after.outcome->deviation, profile.outcome->deviation);
  profile.joint.reset();
  profile.outcome.reset();
  const Profile old = ProfileFromJson(ProfileToJson(profile), "old.json");
  EXPECT_FALSE(old.joint);
  EXPECT_FALSE(old.outcome);
}

TEST(JointReference, IsLeftOutForVeryManyFeaturesAndSaidSo) {
  std::string csv;
  for (std::size_t f = 0; f <= JointReference::kMost; ++f) csv += (f == 0 ? "x" : ",x") + std::to_string(f);
  for (int row = 0; row < 30; ++row) {
    csv += '\n';
    for (std::size_t f = 0; f <= JointReference::kMost; ++f)
      csv += (f == 0 ? "" : ",") + std::to_string(0.5 + row * static_cast<double>(f + 1));
  }
  const TemporaryFile file(csv + "\n");
  const Profile profile = BuildProfile(file.path(), {});
  EXPECT_FALSE(profile.joint);
  EXPECT_EQ(profile.assumptions.back(), "correlations are not watched: there are 129 numeric features, more than 128");
}

}  // namespace
}  // namespace baselines
