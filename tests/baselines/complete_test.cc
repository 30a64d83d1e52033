// A baseline that lacks predictions and scores, completed by those of the same rows, is the baseline of the whole rows.
#include "baselines/complete.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "baselines/build/profile_builder.h"
#include "baselines/profile_file.h"
#include "tests/baselines/temporary_file.h"

namespace baselines {
namespace {

constexpr const char* kTraffic = "traffic of 2013-05-01 00:00 UTC to 2013-05-08 00:00 UTC";

// Rows with a number and a category; `more` are the columns that are there beside them.
Profile Rows(const std::string& more, double score_power = 1) {
  std::string text = "n,c" + more + "\n";
  for (int i = 0; i < 600; ++i) {
    const double score = std::pow((i * 37 % 600) / 600.0, score_power);
    text += std::to_string(i * 0.37) + (i % 3 == 0 ? ",a" : ",b");
    if (more.find("prediction") != std::string::npos) text += score > 0.6 ? ",yes" : ",no";
    if (more.find("score") != std::string::npos) text += "," + std::to_string(score);
    if (more.find("label") != std::string::npos) text += (i * 37 % 600 > 330 && i % 7 != 0) ? ",yes" : ",no";
    text += "\n";
  }
  const TemporaryFile csv(text);
  BuildOptions options;
  options.model = "m";
  options.version = "4";
  return BuildProfile(csv.path(), options);
}

Profile Learnt(const std::string& more) {
  Profile learnt = Rows(more);
  MarkLearnt(learnt, kTraffic);
  return learnt;
}

TEST(Complete, GivesTheBaselineOfTheWholeRows) {
  const Profile whole = Rows(",prediction,score,label"), bare = Rows("");
  ASSERT_TRUE(whole.quality.has_value());
  Profile completed = Complete(bare, Learnt(",prediction,score,label"));
  EXPECT_EQ(completed.digest, Digest(completed));
  EXPECT_NE(completed.digest, bare.digest);
  EXPECT_EQ(completed.completes, bare.digest);
  EXPECT_EQ(DigestOf(completed, completed.features[0]), bare.digest);
  EXPECT_EQ(DigestOf(completed, *completed.score), kTraffic);
  EXPECT_EQ(completed.task, Task::kBinary);
  EXPECT_EQ(completed.positive, "yes");
  EXPECT_EQ(LearntParts(completed),
            (std::map<std::string, std::string>{{"prediction", kTraffic}, {"quality", kTraffic}, {"score", kTraffic}}));
  // All but what outcomes say of features, which is not taken.
  completed.outcome = whole.outcome;
  EXPECT_EQ(Digest(completed), whole.digest);
}

TEST(Complete, LeavesWhatIsThereAndTakesOnlyWhatIsMarked) {
  const Profile scored = Rows(",score", 3);
  const Profile completed = Complete(scored, Learnt(",prediction,score,label"));
  EXPECT_EQ(LearntParts(completed), (std::map<std::string, std::string>{{"prediction", kTraffic}}))
      << "quality was counted on other bins of scores";
  detectors::Encoder before, after;
  scored.score->summary.Encode(before);
  completed.score->summary.Encode(after);
  EXPECT_EQ(after.bytes(), before.bytes());
  EXPECT_EQ(Complete(Rows(""), Rows(",prediction,score,label")).digest, Rows("").digest)
      << "the predictions of another version's training data are none of live traffic";
  EXPECT_EQ(Complete(completed, Learnt(",prediction,score,label")).digest, completed.digest) << "once is enough";
}

TEST(Complete, TakesQualityLaterOnTheSameBins) {
  const Profile first = Complete(Rows(""), Learnt(",prediction,score"));
  EXPECT_FALSE(first.quality.has_value());
  const TemporaryFile file(ProfileToJson(first), ".json");
  const Profile kept = ReadProfile(file.path());
  EXPECT_EQ(LearntParts(kept), LearntParts(first));
  const Profile second = Complete(kept, Learnt(",prediction,score,label"));
  ASSERT_TRUE(second.quality.has_value());
  EXPECT_EQ(second.completes, Rows("").digest);
  EXPECT_NE(second.digest, first.digest);
  EXPECT_EQ(DigestOf(second, *second.score), DigestOf(first, *first.score)) << "its evidence goes on";
  EXPECT_EQ(DigestOf(second, second.features[0]), Rows("").digest);
  EXPECT_EQ(second.quality->counts.labels(), 600u);
  EXPECT_EQ(LearntParts(ProfileFromJson(ProfileToJson(second), "f.json")), LearntParts(second));
}

}  // namespace
}  // namespace baselines
