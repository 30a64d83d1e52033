#include "monitor/judge/history_keeper.h"

#include <gtest/gtest.h>

#include "monitor/ingest/timestamp.h"
#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

TEST(HistoryKeeperTest, OldStepsBecomeDaysAndVeryOldOnesGo) {
  ModelConfig model = FlightsConfig();
  model.step = model.window = std::chrono::hours(6);
  Pipeline pipeline(model);
  auto counter = pipeline.Counter({"flights.requests", 0});
  const auto lines =
      Lines(Unpack(std::filesystem::path(TEST_DATA) / "flights/requests.jsonl.gz", "history-requests.jsonl"));
  for (std::size_t i = 0; i < lines.size(); ++i) counter->Add({lines[i], static_cast<std::int64_t>(i), std::nullopt});
  counter->EndBatch();
  pipeline.judge->Apply(counter->Take());
  pipeline.judge->FinishInput();
  pipeline.judge->Checkpoint();
  const auto records = [&] {
    std::uint64_t sum = 0;
    const auto& epochs = pipeline.plan->topics.at("flights.requests")->models[0]->epochs;
    for (const StoredSummary& step : pipeline.store->ClosedSteps("flights", INT64_MIN)) {
      const auto bytes = pipeline.store->StepBytes("flights", step.start_ns, step.version, step.variant);
      sum += PaneSummary::Decode(bytes.value(), epochs[0].newest).records;
    }
    return sum;
  };
  const std::size_t windows = pipeline.Windows().size();
  ASSERT_GT(windows, 900u);
  ASSERT_EQ(records(), lines.size());

  const std::int64_t end_of_year = 1'388'534'400 * kSecond;  // 2014-01-01T00:00Z
  const auto& epochs = pipeline.plan->topics.at("flights.requests")->models[0]->epochs;
  KeepModelHistory(*pipeline.store, "flights", end_of_year, 90 * kDay, epochs);
  EXPECT_EQ(records(), lines.size()) << "merging to days loses nothing";
  const auto steps = pipeline.store->ClosedSteps("flights", INT64_MIN);
  EXPECT_LT(steps.size(), 90u * 4 + 220u);
  for (const StoredSummary& step : steps) {
    if (step.end_ns <= end_of_year - 91 * kDay) {
      EXPECT_EQ(step.end_ns - FloorTo(step.start_ns, kDay), kDay);
    }
  }
  EXPECT_LT(pipeline.Windows().size(), windows / 2 + 10);

  KeepModelHistory(*pipeline.store, "flights", end_of_year + 365 * kDay, 90 * kDay, epochs);
  for (const StoredSummary& step : pipeline.store->ClosedSteps("flights", INT64_MIN))
    EXPECT_GE(step.end_ns, end_of_year - 35 * kDay);
}

}  // namespace
}  // namespace monitor::testing
