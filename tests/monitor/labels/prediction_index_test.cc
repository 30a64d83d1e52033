#include "monitor/labels/prediction_index.h"
#include "tests/support/temporary.h"

#include <gtest/gtest.h>
#include <fstream>
#include <random>
#include <set>

namespace monitor {
namespace {

using Kind = PredictionIndex::Kind;
constexpr std::int64_t kHourNs = 3'600'000'000'000;

Identity Id(std::uint64_t n) { return IdentityOf(IdentityScope("m"), std::to_string(n)); }
PredictionIndex::SegmentId Hour(std::int64_t hour, Kind kind = Kind::kPredictions) {
  return {7, kind, hour * kHourNs, kHourNs};
}

std::vector<PredictionIndex::Ref> Find(const PredictionIndex& index, std::uint64_t n) {
  std::vector<PredictionIndex::Ref> found;
  index.ForEach(Id(n), [&](PredictionIndex::Ref ref) { found.push_back(ref); });
  return found;
}

IndexEntry Entry(std::uint16_t stream, float score) {
  IndexEntry entry;
  entry.stream = stream;
  entry.SetScore(score);
  return entry;
}

class PredictionIndexTest : public ::testing::Test {
 protected:
  std::filesystem::path folder = tests::Temporary("index");
  void SetUp() override { std::filesystem::remove_all(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  // What a checkpoint does.
  static void Commit(PredictionIndex& index, std::map<std::string, std::uint64_t>& committed) {
    const auto changes = index.Flush();
    for (const auto& [name, length] : changes.lengths) committed[name] = length;
    for (const std::string& name : changes.dropped) committed.erase(name);
    index.RemoveDropped();
  }
};

TEST_F(PredictionIndexTest, FindsWhatAMultimapFinds) {
  PredictionIndex index({});
  std::multimap<std::uint64_t, float> truth;
  std::mt19937_64 random(5);
  for (int i = 0; i < 300'000; ++i) {
    const std::uint64_t n = random() % 90'000;
    if (random() % 5 == 0) {
      const auto found = Find(index, n);
      ASSERT_EQ(found.size(), truth.count(n));
      if (found.empty()) continue;
      const float score = index.at(found.front()).score();
      index.Remove(found.front());
      const auto range = truth.equal_range(n);
      truth.erase(std::find_if(range.first, range.second, [&](const auto& entry) { return entry.second == score; }));
    } else {
      const float score = static_cast<float>(random() % 1000);
      const auto ref = index.Insert(Hour(static_cast<std::int64_t>(n % 9)), Id(n),
                                    static_cast<std::int64_t>(n % 9) * kHourNs + 5, Entry(1, score));
      ASSERT_EQ(index.time_ns(ref), static_cast<std::int64_t>(n % 9) * kHourNs + 5);
      truth.emplace(n, score);
    }
  }
  EXPECT_EQ(index.size(), truth.size());
  for (std::uint64_t n = 0; n < 90'000; ++n) {
    std::multiset<float> scores, expected;
    for (const auto ref : Find(index, n)) scores.insert(index.at(ref).score());
    for (auto [at, end] = truth.equal_range(n); at != end; ++at) expected.insert(at->second);
    ASSERT_EQ(scores, expected) << n;
  }
}

TEST_F(PredictionIndexTest, NeedsAtMostFortyBytesAnEntry) {
  PredictionIndex index({});
  for (std::uint64_t n = 0; n < 500'000; ++n) {
    index.Insert(Hour(static_cast<std::int64_t>(n / 100'000)), Id(n), static_cast<std::int64_t>(n / 100'000) * kHourNs,
                 Entry(1, 0));
    if (n <= 20'000 || n % 10'000 != 0) continue;
    EXPECT_LE(static_cast<double>(index.bytes()) / static_cast<double>(index.size()), 40.5) << n;
  }
}

TEST_F(PredictionIndexTest, ForgetsWholeSegmentsAndTheirMemory) {
  PredictionIndex index({});
  for (std::uint64_t n = 0; n < 10'000; ++n)
    index.Insert(Hour(n < 5000 ? 1 : 2), Id(n), (n < 5000 ? 1 : 2) * kHourNs, Entry(1, 0));
  const std::uint64_t before = index.bytes();
  index.Forget(7, Kind::kPredictions, 2 * kHourNs);
  EXPECT_EQ(index.size(), 5000u);
  EXPECT_LT(index.bytes(), before - 5000 * 30);
  EXPECT_TRUE(Find(index, 1).empty());
  EXPECT_EQ(Find(index, 9999).size(), 1u);
  for (std::uint64_t n = 0; n < 5000; ++n) index.Insert(Hour(3), Id(n), 3 * kHourNs, Entry(2, 0));
  for (std::uint64_t n = 0; n < 10'000; ++n) ASSERT_EQ(Find(index, n).size(), 1u) << n;
}

// What a daemon's index does for months: an hour comes, the oldest goes, and ids come again in other hours.
TEST_F(PredictionIndexTest, RollsOnInTheSameMemory) {
  constexpr std::int64_t kHours = 200, kKept = 5;
  constexpr std::uint64_t kAnHour = 3000;
  PredictionIndex index({});
  std::map<std::uint64_t, std::map<std::int64_t, float>> truth;  // id, hour, score
  std::mt19937_64 random(11);
  std::uint64_t most = 0;
  for (std::int64_t hour = 0; hour < kHours; ++hour) {
    for (std::uint64_t i = 0; i < kAnHour; ++i) {
      const std::uint64_t n = random() % 20'000;
      const float score = static_cast<float>(random() % 1000);
      if (!truth[n].try_emplace(hour, score).second) continue;
      index.Insert(Hour(hour), Id(n), hour * kHourNs, Entry(1, score));
    }
    index.Forget(7, Kind::kPredictions, (hour - kKept + 1) * kHourNs);
    std::size_t live = 0;
    for (auto& [n, hours] : truth) {
      hours.erase(hours.begin(), hours.upper_bound(hour - kKept));
      live += hours.size();
      if (hour % 20 != 0) continue;
      const auto found = Find(index, n);
      ASSERT_EQ(found.size(), hours.size()) << n << " in hour " << hour;
      std::map<std::int64_t, float> same;
      for (const auto ref : found) same[index.time_ns(ref) / kHourNs] = index.at(ref).score();
      ASSERT_EQ(same, hours);
    }
    ASSERT_EQ(index.size(), live);
    if (hour > 2 * kKept) most = std::max(most, index.bytes());
  }
  EXPECT_LE(static_cast<double>(most) / static_cast<double>(kKept * kAnHour), 50.0);
}

TEST_F(PredictionIndexTest, GivesBackTheTableOfABusyHour) {
  PredictionIndex index({});
  for (std::uint64_t n = 0; n < 300'000; ++n) index.Insert(Hour(1), Id(n), kHourNs, Entry(1, 0));
  for (std::uint64_t n = 300'000; n < 301'000; ++n) index.Insert(Hour(2), Id(n), 2 * kHourNs, Entry(1, 0));
  index.Forget(7, Kind::kPredictions, 2 * kHourNs);
  EXPECT_LT(index.bytes(), 100'000u);
  EXPECT_TRUE(Find(index, 7).empty());
  for (std::uint64_t n = 300'000; n < 301'000; ++n) ASSERT_EQ(Find(index, n).size(), 1u) << n;
}

TEST_F(PredictionIndexTest, ACrashKeepsExactlyWhatWasCommitted) {
  std::map<std::string, std::uint64_t> committed;
  {
    PredictionIndex index(folder);
    for (std::uint64_t n = 0; n < 100; ++n) index.Insert(Hour(1), Id(n), kHourNs, Entry(1, static_cast<float>(n)));
    const auto waiting = index.Insert(Hour(1, Kind::kWaiting), Id(500), kHourNs, Entry(IndexEntry::kWaiting, 0));
    Commit(index, committed);
    // A label joins, a waiting one goes: states of the same entries.
    const auto joined = Find(index, 7).front();
    index.at(joined).label = 3;
    index.Changed(joined);
    index.Remove(waiting);
    Commit(index, committed);
    index.at(joined).label = 4;
    index.Changed(joined);
    for (std::uint64_t n = 100; n < 200; ++n)
      index.Insert(Hour(1 + static_cast<std::int64_t>(n % 2)), Id(n), kHourNs * (1 + static_cast<std::int64_t>(n % 2)),
                   Entry(1, 0));
    index.Flush();  // written and synced, and then the transaction is lost
  }
  PredictionIndex index(folder);
  index.Load(committed, 0);
  EXPECT_EQ(index.size(), 100u);
  for (std::uint64_t n = 0; n < 200; ++n) {
    const auto found = Find(index, n);
    ASSERT_EQ(found.size(), n < 100 ? 1u : 0u) << n;
    if (n >= 100) continue;
    EXPECT_EQ(index.at(found[0]).score(), static_cast<float>(n));
  }
  EXPECT_EQ(index.at(Find(index, 7)[0]).label, 3u);
  EXPECT_TRUE(Find(index, 500).empty());
}

TEST_F(PredictionIndexTest, NumbersComeBack) {
  std::map<std::string, std::uint64_t> committed;
  {
    PredictionIndex index(folder);
    for (std::uint64_t n = 0; n < 1000; ++n)
      index.Insert(Hour(1, Kind::kNumbers), Id(n), kHourNs, Entry(1, 0), {static_cast<double>(n) / 7, 0});
    Commit(index, committed);
  }
  PredictionIndex index(folder);
  index.Load(committed, 0);
  for (std::uint64_t n = 0; n < 1000; ++n)
    ASSERT_EQ(index.values(Find(index, n).at(0)).predicted, static_cast<double>(n) / 7);
}

TEST_F(PredictionIndexTest, ForgottenFilesGoOnlyAfterTheCommit) {
  PredictionIndex index(folder);
  index.Insert(Hour(1), Id(1), kHourNs, Entry(1, 0));
  index.Insert(Hour(9), Id(2), 9 * kHourNs, Entry(1, 0));
  const auto lengths = index.Flush().lengths;
  ASSERT_EQ(lengths.size(), 2u);
  index.Forget(7, Kind::kPredictions, 2 * kHourNs);
  const auto changes = index.Flush();
  ASSERT_EQ(changes.dropped.size(), 1u);
  EXPECT_TRUE(std::filesystem::exists(folder / changes.dropped[0]));
  index.RemoveDropped();
  EXPECT_FALSE(std::filesystem::exists(folder / changes.dropped[0]));
}

TEST_F(PredictionIndexTest, RaisingTheLevelKeepsEverySecondIdAndTheFilesFollow) {
  std::map<std::string, std::uint64_t> committed;
  std::set<std::uint64_t> kept;
  {
    PredictionIndex index(folder);
    std::size_t told = 0;
    for (std::uint64_t n = 0; n < 20'000; ++n)
      index.Insert(Hour(static_cast<std::int64_t>(n % 3)), Id(n), static_cast<std::int64_t>(n % 3) * kHourNs,
                   Entry(1, 0));
    for (std::uint64_t n = 20'000; n < 21'000; ++n)
      index.Insert(Hour(1, Kind::kWaiting), Id(n), kHourNs, Entry(IndexEntry::kWaiting, 0));
    Commit(index, committed);
    index.RaiseLevel([&](const PredictionIndex::SegmentId& segment, std::int64_t time_ns) {
      EXPECT_EQ(segment.kind, Kind::kWaiting);
      EXPECT_EQ(time_ns, kHourNs);
      ++told;
    });
    for (std::uint64_t n = 0; n < 21'000; ++n) {
      ASSERT_EQ(Find(index, n).size(), index.Sampled(Id(n)) ? 1u : 0u);
      if (index.Sampled(Id(n))) kept.insert(n);
    }
    EXPECT_NEAR(static_cast<double>(kept.size()), 10'500, 5 * 72.5);
    EXPECT_EQ(index.size(), kept.size());
    EXPECT_NEAR(static_cast<double>(told), 500, 80);
    Commit(index, committed);
  }
  PredictionIndex index(folder);
  index.Load(committed, 1);
  EXPECT_EQ(index.size(), kept.size());
  for (std::uint64_t n = 0; n < 21'000; ++n) ASSERT_EQ(Find(index, n).size(), kept.count(n)) << n;
}

TEST_F(PredictionIndexTest, FilesOfNobodyGo) {
  PredictionIndex(folder).Load({}, 0);
  std::ofstream(folder / "0000000000000007-p-3600-3600-0.idx") << "left by a crash before the first commit";
  PredictionIndex index(folder);
  index.Load({}, 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

}  // namespace
}  // namespace monitor
