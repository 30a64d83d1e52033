// States of earlier programs: what they hold is taken up, and a copy of them stays.
#include <gtest/gtest.h>

#include <filesystem>

#include "monitor/judge/judge.h"
#include "monitor/store/schema.h"
#include "monitor/store/state_store.h"
#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

class StateMigration : public ::testing::Test {
 protected:
  StateMigration() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~StateMigration() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_ = tests::Temporary("migration");
  const std::filesystem::path file_ = folder_ / "monitord.db";
};

// Version 1 knew neither labels nor evidence, and its segments held identities alone.
TEST_F(StateMigration, TakesUpVersionOne) {
  ModelCounters unknown;
  unknown.rejects[static_cast<std::size_t>(Reject::kModel)] = 7;
  {
    StateStore store(file_);
    detectors::Encoder out;
    unknown.Encode(out);
    store.Begin();
    store.PutModel("", out.bytes());
    store.PutSegment("0000000000000001-0-0-3600-1.ids", 4096);
    store.PutShard({{"requests", 0}, {12, -1, 0, {}}, 0});
    store.Commit();
    store.Run(
        "ALTER TABLE reject DROP COLUMN hint; DROP TABLE evidence; DROP TABLE labels; DROP TABLE cohort; PRAGMA "
        "user_version=1");
  }
  std::filesystem::create_directories(folder_ / "index");
  StateStore store(file_);
  EXPECT_EQ(store.db().Number("PRAGMA user_version"), kSchemaVersion);
  SnapshotBoard board;
  const std::int64_t now = 1'700'000'000 * kSecond;
  Judge judge(store, folder_ / "index", board, {[] { return 0; }, [now] { return now; }});
  const auto snapshot = board.Read();
  ASSERT_EQ(snapshot->shards.size(), 1u);
  EXPECT_EQ(snapshot->shards[0].next_offset, 12);
  ASSERT_EQ(snapshot->models.size(), 1u);
  EXPECT_EQ(snapshot->models[0].counters.rejects, unknown.rejects);
  EXPECT_TRUE(store.Segments().empty());

  // The copy is as it was.
  Sqlite copy(file_.string() + ".version-1", Sqlite::Mode::kReadWrite);
  EXPECT_EQ(copy.Number("PRAGMA user_version"), 1);
  EXPECT_EQ(copy.Number("SELECT count(*) FROM segment"), 1);
}

}  // namespace
}  // namespace monitor::testing
