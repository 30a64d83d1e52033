// Open panes: rows or columns, however the records came in deltas, what is kept is the same to the byte.
#include "monitor/judge/open_pane.h"

#include <gtest/gtest.h>

#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

class OpenPaneTest : public ::testing::Test {
 protected:
  // The flights' panes of a day, each in deltas of at most `records`.
  std::map<PaneKey, OpenPane> Fill(std::size_t records) {
    ModelConfig model = FlightsConfig();
    model.pane = model.step = std::chrono::hours(24);
    Pipeline pipeline(model);
    auto shard = pipeline.Counter({"flights.requests", 0});
    std::map<PaneKey, OpenPane> panes;
    const auto merge = [&] {
      shard->EndBatch();
      ShardDelta delta = shard->Take();
      for (auto& [key, pane] : delta.panes) {
        auto rows = delta.rows.extract(key);
        panes[key].Merge(std::move(pane), rows ? std::move(rows.mapped()) : std::vector<RecordBlock>());
      }
    };
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      shard->Add({lines_[i], static_cast<std::int64_t>(i), std::nullopt});
      if (i % records == records - 1) merge();
    }
    merge();
    return panes;
  }

  std::vector<std::string> lines_ =
      Lines(Unpack(std::filesystem::path(TEST_DATA) / "flights/requests.jsonl.gz", "open-pane-requests.jsonl"));
};

TEST_F(OpenPaneTest, FewRecordsGiveTheSameBytesInWhateverDeltasTheyCame) {
  const auto whole = Fill(lines_.size());
  ASSERT_GT(whole.size(), 100u);
  for (const std::size_t records : {std::size_t{1}, std::size_t{3}, std::size_t{17}}) {
    auto split = Fill(records);
    ASSERT_EQ(split.size(), whole.size());
    for (auto& [key, pane] : split) {
      const OpenPane& other = whole.at(key);
      ASSERT_LE(pane.totals().records, RecordBlock::kRows);
      EXPECT_TRUE(pane.totals().columns.empty()) << "few records have been made columns";
      const std::string bytes = pane.Encode();
      EXPECT_EQ(bytes, other.Encode());
      EXPECT_EQ(pane.Encode(), bytes) << "what is encoded stays as it is";
      const PaneSummary closed = std::move(pane).Close();
      EXPECT_EQ(closed.Encode(), bytes);
      EXPECT_EQ(closed.columns.front().records(), closed.records);
    }
  }
}

TEST_F(OpenPaneTest, ManyRecordsBecomeColumnsAndNoneIsLost) {
  for (std::string& line : lines_) line = lines_.front();
  lines_.resize(3 * RecordBlock::kRows + 11);
  const std::vector<std::string> all = lines_;
  for (const std::size_t records : {std::size_t{1}, std::size_t{100}, RecordBlock::kRows, std::size_t{700}}) {
    auto panes = Fill(records);
    ASSERT_EQ(panes.size(), 1u);
    OpenPane& pane = panes.begin()->second;
    EXPECT_FALSE(pane.totals().columns.empty());
    const PaneSummary closed = std::move(pane).Close();
    EXPECT_EQ(closed.records, all.size());
    for (const auto& column : closed.columns) EXPECT_EQ(column.records(), all.size());
  }
}

// A crash leaves an open pane in the state; it goes on from there.
TEST_F(OpenPaneTest, GoesOnAfterItWasEncoded) {
  lines_.resize(40);
  auto panes = Fill(40);
  for (auto& [key, pane] : panes) {
    const PaneSummary totals = pane.totals();
    OpenPane loaded(PaneSummary::Decode(pane.Encode(), totals.frame));
    OpenPane twice = pane;
    for (OpenPane* const into : {&loaded, &twice}) {
      PaneSummary more = totals;
      RecordBlock block(totals.frame);
      Row row;
      row.Clear(totals.frame->columns());
      block.Append(row, 1);
      more.records = 1;
      std::vector<RecordBlock> rows;
      rows.push_back(std::move(block));
      into->Merge(std::move(more), std::move(rows));
    }
    const PaneSummary after = std::move(loaded).Close(), without = std::move(twice).Close();
    EXPECT_EQ(after.columns.front().records(), totals.records + 1);
    for (std::size_t i = 0; i < after.columns.size(); ++i) {
      EXPECT_EQ(after.columns[i].missing(), without.columns[i].missing());
      EXPECT_EQ(after.columns[i].records(), without.columns[i].records());
    }
  }
}

}  // namespace
}  // namespace monitor::testing
