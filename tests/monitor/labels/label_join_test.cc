// The join against a dictionary that knows everything beforehand: any order of topics gives its counters and its
// confusion matrix.
#include "monitor/labels/label_join.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "detectors/quality/classification.h"

#include "tests/monitor/pipeline.h"

namespace monitor::testing {
namespace {

constexpr std::int64_t kHour = 3600 * kSecond;
constexpr std::int64_t kStart = 1'700'006'400 * kSecond;  // a midnight
const char* const kClasses[] = {"late", "ontime"};

struct Prediction {
  int id, variant, predicted;
  float score;
  std::int64_t time_ns;
};
struct Label {
  int id, label;
  std::int64_t time_ns, watermark_ns;
};
struct Log {
  std::vector<Prediction> predictions;
  std::vector<Label> labels;
};

// Delays, duplicates, corrections, orphans, labels that are too late or too early; champion and challenger score the
// same ids.
Log MakeLog(int ids, unsigned seed, const ModelPlan& plan) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  Log log;
  for (int id = 0; id < ids; ++id) {
    const std::int64_t time = kStart + static_cast<std::int64_t>(uniform(random) * 20 * 24) * kHour +
                              static_cast<std::int64_t>(random() % kHour);
    const bool orphan = uniform(random) < 0.05;  // a label without a prediction
    for (int variant = 0; variant < 2 && !orphan; ++variant) {
      const Prediction prediction{id, variant, static_cast<int>(random() % 2), static_cast<float>(uniform(random)),
                                  time};
      log.predictions.push_back(prediction);
      if (uniform(random) < 0.03) log.predictions.push_back(prediction);
    }
    if (uniform(random) < 0.2) continue;  // never labelled
    const double kind = uniform(random);
    const double hours = kind < 0.05   ? -30 - 20 * uniform(random)
                         : kind < 0.15 ? -20 * uniform(random)
                         : kind < 0.9  ? 300 * uniform(random)
                                       : 336 + 100 * uniform(random);
    const int label = static_cast<int>(random() % 2);
    const std::int64_t when = time + static_cast<std::int64_t>(hours * static_cast<double>(kHour));
    log.labels.push_back({id, label, when, 0});
    if (uniform(random) < 0.1) log.labels.push_back({id, label, when + kHour, 0});
    if (uniform(random) < 0.1) log.labels.push_back({id, 1 - label, when + 2 * kHour, 0});
  }
  // Topics are in the order of time, but for some disorder.
  const auto roughly = [&](std::int64_t ns) { return ns + static_cast<std::int64_t>(uniform(random) * 4e11); };
  const auto sorted = [&](auto& items) {
    std::vector<std::pair<std::int64_t, std::size_t>> order;
    for (std::size_t i = 0; i < items.size(); ++i) order.emplace_back(roughly(items[i].time_ns), i);
    std::sort(order.begin(), order.end());
    auto copy = items;
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = copy[order[i].second];
  };
  sorted(log.predictions);
  sorted(log.labels);
  std::int64_t largest = INT64_MIN;
  for (Label& label : log.labels) {
    label.watermark_ns = largest == INT64_MIN ? INT64_MIN : largest - plan.lateness_ns;
    largest = std::max(largest, label.time_ns);
  }
  return log;
}

struct Outcome {
  std::uint64_t joined = 0, corrected = 0, duplicate = 0, unmatched = 0, late = 0, duplicates = 0;
  std::map<std::tuple<int, int, int>, std::uint64_t> confusion;  // variant, predicted, label (-1: none)
  bool operator==(const Outcome&) const = default;
};

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << "joined " << outcome.joined << " corrected " << outcome.corrected << " duplicate " << outcome.duplicate
       << " unmatched " << outcome.unmatched << " late " << outcome.late << " duplicates " << outcome.duplicates;
  for (const auto& [key, count] : outcome.confusion) {
    *out << " [" << std::get<0>(key) << std::get<1>(key) << std::get<2>(key) << "]=" << count;
  }
}

Outcome ByDictionary(const Log& log, const ModelPlan& plan) {
  struct Known {
    std::map<int, Prediction> by_variant;
    std::map<int, int> label;
  };
  std::map<int, Known> known;
  Outcome outcome;
  for (const Prediction& prediction : log.predictions) {
    outcome.duplicates += known[prediction.id].by_variant.emplace(prediction.variant, prediction).second ? 0 : 1;
  }
  for (const Label& label : log.labels) {
    Known& id = known[label.id];
    bool fits = false, late = false, labelled = false, changed = false;
    for (const auto& [variant, prediction] : id.by_variant) {
      const bool kept = label.watermark_ns <= prediction.time_ns + plan.max_delay_ns + plan.lateness_ns;
      if (!kept || label.time_ns < prediction.time_ns - plan.early_ttl_ns) continue;
      if (label.time_ns > prediction.time_ns + plan.max_delay_ns) {
        late = true;
        continue;
      }
      fits = true;
      const auto [slot, fresh] = id.label.try_emplace(variant, label.label);
      labelled = labelled || !fresh;
      changed = changed || slot->second != label.label;
      slot->second = label.label;
    }
    ++(!fits       ? (late ? outcome.late : outcome.unmatched)
       : !labelled ? outcome.joined
       : changed   ? outcome.corrected
                   : outcome.duplicate);
  }
  for (const auto& [id, entry] : known) {
    for (const auto& [variant, prediction] : entry.by_variant) {
      const auto label = entry.label.find(variant);
      ++outcome.confusion[{variant, prediction.predicted, label == entry.label.end() ? -1 : label->second}];
    }
  }
  return outcome;
}

class Joined {
 public:
  explicit Joined(std::shared_ptr<const ModelPlan> plan, PredictionIndex* index = nullptr, StateStore* store = nullptr)
      : own_store_(StateStore::InMemory()),
        own_index_(std::filesystem::path()),
        index_(index ? *index : own_index_),
        join(index_, store ? *store : *own_store_, plan) {}

  void Add(const Prediction& prediction) {
    PredictionBatch& batch = predictions_[prediction.variant];
    batch.seen.push_back({IdentityOf(IdentityScope("flights"), std::to_string(prediction.id)), prediction.time_ns,
                          prediction.score, batch.classes.Code(kClasses[prediction.predicted]), CodeBook::kNone});
    if (batch.seen.size() == 512) Flush();
  }
  void Add(const Label& label) {
    labels_.seen.push_back({IdentityOf(IdentityScope("flights"), std::to_string(label.id)), label.time_ns,
                            label.watermark_ns, 0, labels_.classes.Code(kClasses[label.label])});
    if (labels_.seen.size() == 512) Flush();
  }
  void Flush() {
    for (auto& [variant, batch] : predictions_)
      duplicates += join.AddPredictions({"flights", 0, "1", variant == 0 ? "" : "challenger"}, batch);
    predictions_.clear();
    join.AddLabels(labels_);
    labels_ = {};
  }
  Outcome Take() {
    Flush();
    join.Expire(INT64_MAX, INT64_MIN);
    const LabelCounters& counters = join.counters();
    EXPECT_EQ(counters.waiting, 0u);
    Outcome outcome{
        counters.joined, counters.corrected, counters.duplicate, counters.unmatched, counters.late, duplicates, {}};
    for (const auto& [key, cohort] : join.cohorts().cohorts()) {
      const int variant = join.cohorts().stream(key.second).variant.empty() ? 0 : 1;
      cohort.Sum().classes.ForEach([&](const detectors::ClassificationCounts::Cell& cell) {
        const auto code = [&](std::uint16_t number) {
          return number == detectors::kNone ? -1 : join.cohorts().classes().names()[number] == "late" ? 0 : 1;
        };
        outcome.confusion[{variant, code(cell.predicted), code(cell.label)}] += cell.count;
      });
    }
    return outcome;
  }

  std::uint64_t duplicates = 0;

 private:
  std::unique_ptr<StateStore> own_store_;
  PredictionIndex own_index_;
  PredictionIndex& index_;
  std::map<int, PredictionBatch> predictions_;
  LabelBatch labels_;

 public:
  LabelJoin join;
};

std::shared_ptr<const ModelPlan> Plan() {
  static const Pipeline pipeline;
  return pipeline.plan->topics.at("flights.requests")->models[0];
}

TEST(LabelJoin, AMillionPredictionsAndLabelsInAnyOrderEqualADictionary) {
  const auto plan = Plan();
  const Log log = MakeLog(380'000, 11, *plan);
  ASSERT_GT(log.predictions.size() + log.labels.size(), 1'000'000u);
  const Outcome expected = ByDictionary(log, *plan);
  ASSERT_GT(expected.joined, 100'000u);
  ASSERT_GT(expected.corrected, 5'000u);
  ASSERT_GT(expected.late, 50u);
  ASSERT_GT(expected.unmatched, 10'000u);
  {
    Joined joined(plan);
    for (const Prediction& prediction : log.predictions) joined.Add(prediction);
    joined.Flush();
    for (const Label& label : log.labels) joined.Add(label);
    EXPECT_EQ(joined.Take(), expected) << "requests first";
  }
  {
    Joined joined(plan);
    for (const Label& label : log.labels) joined.Add(label);
    joined.Flush();
    for (const Prediction& prediction : log.predictions) joined.Add(prediction);
    EXPECT_EQ(joined.Take(), expected) << "labels first";
  }
  {
    Joined joined(plan);
    std::mt19937_64 random(3);
    std::size_t p = 0, l = 0;
    while (p < log.predictions.size() || l < log.labels.size()) {
      const bool prediction = l == log.labels.size() || (p < log.predictions.size() && random() % 2 == 0);
      for (std::size_t run = random() % 3000; run > 0; --run) {
        if (prediction && p < log.predictions.size()) joined.Add(log.predictions[p++]);
        if (!prediction && l < log.labels.size()) joined.Add(log.labels[l++]);
      }
    }
    EXPECT_EQ(joined.Take(), expected) << "mixed";
  }
}

TEST(LabelJoin, ALabelWaitsUntilEveryPredictionThatItCouldBelongToWouldBeLate) {
  const auto plan = Plan();
  Joined joined(plan);
  joined.Add(Label{1, 0, kStart, INT64_MIN});
  joined.Flush();
  EXPECT_EQ(joined.join.counters().waiting, 1u);
  const std::int64_t last = kStart + plan->early_ttl_ns;
  joined.join.Expire(last, INT64_MIN);  // a prediction at `last` is in an open pane
  EXPECT_EQ(joined.join.counters().waiting, 1u);
  joined.join.Expire(last + 300 * kSecond, INT64_MIN);
  EXPECT_EQ(joined.join.counters().waiting, 0u);
  EXPECT_EQ(joined.join.counters().unmatched, 1u);
}

// A prediction and its label, far from the edges of anything.
struct Case {
  double delay_hours;
  std::uint64_t LabelCounters::*expected;
};
TEST(LabelJoin, TimesDecide) {
  const auto plan = Plan();
  const double days = 24;
  for (const Case& each :
       {Case{-24, &LabelCounters::joined}, Case{-24.001, &LabelCounters::unmatched}, Case{0, &LabelCounters::joined},
        Case{14 * days, &LabelCounters::joined}, Case{14 * days + 0.001, &LabelCounters::late}}) {
    for (const bool label_first : {false, true}) {
      Joined joined(plan);
      const Prediction prediction{1, 0, 0, 0.5f, kStart};
      const Label label{1, 0, kStart + static_cast<std::int64_t>(each.delay_hours * 3600e9), INT64_MIN};
      if (label_first) joined.Add(label), joined.Flush();
      joined.Add(prediction);
      joined.Flush();
      if (!label_first) joined.Add(label);
      joined.Take();
      EXPECT_EQ(joined.join.counters().*each.expected, 1u)
          << each.delay_hours << (label_first ? " label first" : " prediction first");
    }
  }
}

TEST(LabelJoin, ABoundedIndexGivesUnbiasedAccuracyWithItsInterval) {
  const auto plan = Plan();
  std::mt19937_64 random(17);
  std::uniform_real_distribution<double> uniform(0, 1);
  int covered = 0;
  constexpr int kRuns = 200, kIds = 4000;
  for (int run = 0; run < kRuns; ++run) {
    PredictionIndex index({});
    Joined joined(plan, &index);
    struct Pending {
      Label label;
      bool operator<(const Pending& other) const { return label.time_ns < other.label.time_ns; }
    };
    std::vector<Pending> labels;
    std::uint64_t right = 0;
    // Positives take days longer, and accuracy differs between the classes.
    for (int i = 0; i < kIds; ++i) {
      const int id = run * kIds + i, truth = uniform(random) < 0.3 ? 0 : 1;
      const int predicted = uniform(random) < (truth == 0 ? 0.6 : 0.9) ? truth : 1 - truth;
      right += predicted == truth ? 1 : 0;
      const std::int64_t time = kStart + i * kSecond;
      labels.push_back({{id, truth,
                         time + static_cast<std::int64_t>((truth == 0 ? 100 : 1) * (1 + uniform(random)) *
                                                          static_cast<double>(kHour)),
                         INT64_MIN}});
      joined.Add(Prediction{id, 0, predicted, 0.5f, time});
      if (i % 1000 == 999) {
        joined.Flush();
        while (index.bytes() > 60'000) {
          index.RaiseLevel([](const PredictionIndex::SegmentId&, std::int64_t) {});
          joined.join.cohorts().SampleAllAt(index.level());
        }
      }
    }
    std::sort(labels.begin(), labels.end());
    for (const Pending& pending : labels) joined.Add(pending.label);
    joined.Flush();
    ASSERT_GE(index.level(), 1u);
    const LabelCounters& counters = joined.join.counters();
    ASSERT_EQ(counters.joined + counters.unsampled, static_cast<std::uint64_t>(kIds));
    ASSERT_EQ(joined.join.cohorts().cohorts().size(), 1u);
    const CohortCounts sum = joined.join.cohorts().cohorts().begin()->second.Sum();
    ASSERT_EQ(sum.labels(), sum.predictions());
    const auto metrics = detectors::BinaryMetrics(sum.classes, joined.join.cohorts().classes().Find("late"));
    const detectors::Estimate& accuracy = metrics.at("accuracy");
    const double truth = static_cast<double>(right) / kIds;
    covered += accuracy.low <= truth && truth <= accuracy.high ? 1 : 0;
  }
  EXPECT_GE(covered, 188) << "of " << kRuns;  // 95 % less two standard errors; a finite population covers more
}

}  // namespace
}  // namespace monitor::testing
