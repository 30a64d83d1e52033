// Tally: nothing is lost, order is kept, and what had few rows stays rows.
#include "monitor/ingest/tally.h"

#include <gtest/gtest.h>

#include <future>

#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

class TallyTest : public ::testing::Test {
 protected:
  ShardDelta Delta(std::size_t records) {
    for (std::size_t i = 0; i < records; ++i) shard_->Add({line_, shard_->next_offset(), std::nullopt});
    shard_->EndBatch();
    return shard_->Take();
  }

  Pipeline pipeline_;
  std::unique_ptr<ShardCounter> shard_ = pipeline_.Counter({"flights.requests", 0});
  std::string line_ =
      Lines(Unpack(std::filesystem::path(TEST_DATA) / "flights/requests.jsonl.gz", "tally-requests.jsonl")).front();
};

TEST_F(TallyTest, CountsManyRowsAndKeepsTheOrderOfDeltas) {
  std::vector<ShardDelta> gone;
  Tally tally([&gone](ShardDelta delta) { gone.push_back(std::move(delta)); });
  const std::vector<std::size_t> sizes = {1, 256, 3, 700, 2, 2, 300, 1};
  std::size_t sent = 0;
  for (int round = 0; round < 20; ++round) {
    for (const std::size_t size : sizes) {
      tally.Push(Delta(size));
      sent += size;
    }
  }
  tally.Drain();
  ASSERT_EQ(gone.size(), 20 * sizes.size());
  std::int64_t next = 0;
  for (std::size_t i = 0; i < gone.size(); ++i) {
    const std::size_t size = sizes[i % sizes.size()];
    next += static_cast<std::int64_t>(size);
    EXPECT_EQ(gone[i].next_offset, next);
    EXPECT_EQ(gone[i].rows.empty(), size >= RecordBlock::kRows) << size;
    gone[i].CountRows();
    EXPECT_EQ(gone[i].panes.begin()->second.columns.front().records(), size);
  }
  EXPECT_EQ(next, static_cast<std::int64_t>(sent));
}

TEST_F(TallyTest, WhatHasNothingToCountGoesOnAtOnceOnTheCallersThread) {
  std::thread::id by;
  Tally tally([&by](ShardDelta) { by = std::this_thread::get_id(); });
  tally.Push(Delta(5));
  EXPECT_EQ(by, std::this_thread::get_id());
}

TEST_F(TallyTest, HoldsBackWhoIsTooFarAhead) {
  std::promise<void> open;
  const std::shared_future<void> opened = open.get_future().share();
  std::size_t gone = 0;
  Tally tally([&](ShardDelta) {
    opened.wait();
    ++gone;
  });
  int pushed = 0;
  for (; tally.HasRoom(); ++pushed) tally.Push(Delta(RecordBlock::kRows));
  EXPECT_GE(pushed, 4);
  EXPECT_LE(pushed, 5);  // one may be with the judge
  open.set_value();
  tally.Drain();
  EXPECT_EQ(gone, static_cast<std::size_t>(pushed));
  EXPECT_TRUE(tally.HasRoom());
}

}  // namespace
}  // namespace monitor::testing
