// Merge laws of what crosses from counting to judging: any split and order of the same records gives the same counts.
#include "monitor/ingest/shard_counter.h"

#include <gtest/gtest.h>

#include <random>

#include "alerts/messages/time_text.h"
#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

// Counts of every pane, encoded, moments left out; and the moments of each column.
struct Counts {
  std::map<PaneKey, std::string> bytes;
  std::map<PaneKey, std::vector<double>> moments;
  ModelCounters counters;
};

void Add(std::map<PaneKey, PaneSummary>& panes, Counts& counts, ShardDelta delta) {
  delta.CountRows();
  for (auto& [key, pane] : delta.panes) {
    const auto [slot, fresh] = panes.try_emplace(key, pane);
    if (!fresh) slot->second.Merge(pane);
  }
  for (const auto& [model, counters] : delta.counters) counts.counters.Add(counters);
}

Counts Finish(const std::map<PaneKey, PaneSummary>& panes, Counts counts) {
  for (const auto& [key, pane] : panes) {
    detectors::Encoder out;
    out.Varint(pane.records);
    out.Varint(pane.extra);
    for (const auto& column : pane.columns) {
      column.EncodeCounts(out);
      counts.moments[key].push_back(column.moments().mean());
      counts.moments[key].push_back(column.moments().standard_deviation());
    }
    counts.bytes[key] = out.Take();
  }
  return counts;
}

TEST(ShardCounterTest, AnySplitAndOrderOfTheSameRecordsGivesTheSameCounts) {
  ModelConfig model = FlightsConfig();
  model.pane = model.step = model.window = std::chrono::hours(24 * 365);
  model.allowed_lateness = std::chrono::hours(24 * 3650);  // order is not to matter here
  Pipeline pipeline(model);
  auto lines = Lines(Unpack(std::filesystem::path(TEST_DATA) / "flights/requests.jsonl.gz", "counter-requests.jsonl"));
  std::mt19937 random(9);
  std::optional<Counts> first;
  for (int trial = 0; trial < 6; ++trial) {
    std::map<PaneKey, PaneSummary> panes;
    Counts counts;
    std::vector<std::unique_ptr<ShardCounter>> shards;
    for (int s = 0; s < 1 + trial; ++s) shards.push_back(pipeline.Counter({"flights.requests", s}));
    std::int64_t offset = 0;
    for (const std::string& line : lines) {
      ShardCounter& shard = *shards[random() % shards.size()];
      shard.Add({line, offset++, std::nullopt});
      if (random() % 700 == 0) {
        shard.EndBatch();
        Add(panes, counts, shard.Take());
      }
    }
    for (auto& shard : shards) {
      shard->EndBatch();
      Add(panes, counts, shard->Take());
    }
    const Counts done = Finish(panes, counts);
    if (!first) {
      first = done;
    } else {
      EXPECT_EQ(done.bytes, first->bytes);
      for (const auto& [key, moments] : first->moments) {
        for (std::size_t i = 0; i < moments.size(); ++i) {
          if (std::isnan(moments[i])) continue;
          EXPECT_NEAR(done.moments.at(key)[i], moments[i], 1e-12 * std::max(1.0, std::abs(moments[i])));
        }
      }
    }
    std::shuffle(lines.begin(), lines.end(), random);
  }
}

// What a delta takes must grow with its records, not with the bins of the panes that they fall into.
TEST(ShardCounterTest, FewRecordsOfAPaneStayRowsAndManyBecomeASummary) {
  Pipeline pipeline;
  auto shard = pipeline.Counter({"flights.requests", 0});
  const auto lines =
      Lines(Unpack(std::filesystem::path(TEST_DATA) / "flights/requests.jsonl.gz", "rows-requests.jsonl"));
  const auto count = [&](std::size_t records) {
    for (std::size_t i = 0; i < records; ++i) shard->Add({lines[0], shard->next_offset(), std::nullopt});  // one pane
    shard->EndBatch();
    return shard->Take();
  };
  for (const std::size_t records : {std::size_t{1}, std::size_t{17}, RecordBlock::kRows - 1}) {
    ShardDelta few = count(records);
    ASSERT_EQ(few.panes.size(), 1u);
    EXPECT_TRUE(few.panes.begin()->second.columns.empty());
    ASSERT_EQ(few.rows.size(), 1u);
    ASSERT_EQ(few.rows.begin()->second.size(), 1u);
    EXPECT_EQ(few.rows.begin()->second.front().rows(), records);
    // Doubling leaves half of the room empty at most; 100 bytes are the column's own.
    const std::size_t columns = few.panes.begin()->second.frame->columns();
    EXPECT_LE(few.rows.begin()->second.front().bytes(), columns * (100 + 2 * 9 * std::max<std::size_t>(records, 4)));
    EXPECT_FALSE(few.many_rows());
    few.CountManyRows();
    ASSERT_EQ(few.rows.size(), 1u);
    few.CountRows();
    EXPECT_TRUE(few.rows.empty());
    EXPECT_EQ(few.panes.begin()->second.columns.front().records(), records);
  }
  for (const std::size_t records : {RecordBlock::kRows, 3 * RecordBlock::kRows + 7}) {
    ShardDelta many = count(records);
    ASSERT_EQ(many.rows.size(), 1u);
    EXPECT_EQ(many.rows.begin()->second.size(), (records + RecordBlock::kRows - 1) / RecordBlock::kRows);
    EXPECT_TRUE(many.many_rows());
    many.CountManyRows();
    EXPECT_TRUE(many.rows.empty());
    EXPECT_EQ(many.panes.begin()->second.columns.front().records(), records);
  }
}

// What the judge counts as rows anyway must not be handed over early: that only makes more deltas.
TEST(ShardCounterTest, WorthCountingAreFullBlocksAlone) {
  Pipeline pipeline;
  auto shard = pipeline.Counter({"flights.requests", 0});
  const auto add = [&](std::int64_t minute) {
    const auto time = alerts::FormatTime(1'362'400'000'000'000'000 + minute * 60'000'000'000);
    const std::string line =
        R"({"id":")" + std::to_string(minute) + R"(","timestamp":")" + time + R"(","features":{}})";
    shard->Add({line, shard->next_offset(), std::nullopt});
    shard->EndBatch();
  };
  for (std::int64_t minute = 0; minute < 6'000; minute += 60) add(minute);  // a pane each
  EXPECT_EQ(shard->Take().rows.size(), 100u);
  for (std::int64_t minute = 6'000; minute < 6'000 + 60 * 4'000; minute += 60) add(minute);
  EXPECT_GT(shard->bytes(), 4u << 20);
  EXPECT_FALSE(shard->worth_counting());
  shard->Take();
  std::size_t records = 0;
  for (; !shard->worth_counting(); ++records) add(300'000);
  EXPECT_GT(records, 5'000u);
  EXPECT_LT(records, 100'000u);
  EXPECT_TRUE(shard->Take().many_rows());
  EXPECT_FALSE(shard->worth_counting());
}

// Records that come to two panes in turn make no block each time.
TEST(ShardCounterTest, APaneThatIsLeftAndComeBackToIsCountedWhole) {
  Pipeline pipeline;
  auto shard = pipeline.Counter({"flights.requests", 0});
  for (int i = 0; i < 100; ++i) {
    const std::string line = R"({"id":")" + std::to_string(i) + R"(","timestamp":"2013-03-04T12:)" +
                             (i % 2 == 0 ? "00" : "10") + R"(:00Z","features":{}})";
    shard->Add({line, i, std::nullopt});
    shard->EndBatch();
  }
  ShardDelta delta = shard->Take();
  ASSERT_EQ(delta.rows.size(), 2u);
  for (const auto& [key, blocks] : delta.rows) EXPECT_EQ(blocks.size(), 1u);
  delta.CountRows();
  ASSERT_EQ(delta.panes.size(), 2u);
  for (const auto& [key, pane] : delta.panes) {
    EXPECT_EQ(pane.records, 50u);
    EXPECT_EQ(pane.columns.front().records(), 50u);
  }
}

TEST(ShardCounterTest, EncodedPanesComeBackAndDamagedOnesAreRefused) {
  Pipeline pipeline;
  auto shard = pipeline.Counter({"flights.requests", 0});
  const auto lines =
      Lines(Unpack(std::filesystem::path(TEST_DATA) / "flights/requests.jsonl.gz", "encode-requests.jsonl"));
  for (std::size_t i = 0; i < 200; ++i) shard->Add({lines[i], static_cast<std::int64_t>(i), std::nullopt});
  shard->EndBatch();
  ShardDelta delta = shard->Take();
  delta.CountRows();
  for (const auto& [key, pane] : delta.panes) {
    const std::string bytes = pane.Encode();
    EXPECT_EQ(PaneSummary::Decode(bytes, pane.frame).Encode(), bytes);
    EXPECT_THROW(PaneSummary::Decode(bytes.substr(0, bytes.size() / 2), pane.frame), detectors::DecodeError);
    // What version 1 stored had no displaced records, no duplicates and no second moments.
    detectors::Encoder old;
    old.Byte(1);
    old.Varint(pane.records);
    old.Varint(pane.extra);
    old.Signed(pane.last_event_ns);
    old.Varint(pane.columns.size());
    for (const detectors::FeatureSummary& column : pane.columns) column.Encode(old);
    PaneSummary without = pane;
    if (without.joint) without.joint.emplace(without.joint->features());
    EXPECT_EQ(PaneSummary::Decode(old.bytes(), pane.frame).Encode(), without.Encode());
  }
}

TEST(ShardCounterTest, TellsHowFarBehindLateRecordsAreWhereTheNewestOnesWere) {
  Pipeline pipeline;
  auto shard = pipeline.Counter({"flights.requests", 0});
  const auto add = [&](const std::string& time, std::int64_t offset, std::optional<std::int64_t> arrival) {
    const std::string line =
        R"({"id":")" + std::to_string(offset) + R"(","timestamp":")" + time + R"(","features":{}})";
    shard->Add({line, offset, arrival});
    shard->EndBatch();
  };
  constexpr std::int64_t kNoon = 1'362'398'400 * kSecond;  // 2013-03-04T12:00:00Z
  add("2013-03-04T12:00:00Z", 0, kNoon);
  add("2013-03-04T07:00:00Z", 1, kNoon);
  add("2013-03-04T09:00:00Z", 2, kNoon);
  add("2013-03-04T17:00:00Z", 3, kNoon);
  const ShardDelta delta = shard->Take();
  ASSERT_EQ(delta.panes.size(), 1u);
  const PaneSummary& pane = delta.panes.begin()->second;
  EXPECT_EQ(delta.panes.begin()->first.start_ns, kNoon);
  EXPECT_EQ(pane.records, 1u);
  EXPECT_EQ(pane.late, 2u);
  EXPECT_EQ(pane.late_seconds, 5u * 3600);
  EXPECT_EQ(pane.future, 1u);
}

}  // namespace
}  // namespace monitor::testing
