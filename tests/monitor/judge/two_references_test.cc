// The second reference: live traffic beside the training baseline. A standing drift does not hide the next change, what
// was accepted is the reference, and every alarm can be computed again from its account.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>

#include "monitor/judge/evidence/evidence_book.h"
#include "monitor/judge/evidence/live_reference.h"
#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

using nlohmann::json;

constexpr std::int64_t kHour = 3'600 * kSecond;
constexpr std::int64_t kStart = 1'357'000'000 / 86'400 * 86'400 * kSecond;

// 50,000 rows of a standard normal feature x and a three-way category c.
std::shared_ptr<const baselines::Profile> TwoColumns() {
  static const auto profile = [] {
    const auto file = tests::Temporary("two-columns.csv");
    std::mt19937_64 random(11);
    std::normal_distribution<> normal;
    std::ofstream out(file);
    out << "x,c\n";
    for (int i = 0; i < 50'000; ++i)
      out << normal(random) << ","
          << "rgb"[random() % 3] << "\n";
    out.close();
    return std::make_shared<const baselines::Profile>(baselines::BuildProfile(file, {}));
  }();
  return profile;
}

class TwoReferences : public ::testing::Test {
 protected:
  // An hour of `records` with x shifted, and the first category this often.
  PaneSummary Step(std::size_t records, double shift, double red = 1.0 / 3) {
    std::normal_distribution<> normal(shift);
    PaneSummary step = PaneSummary::Empty(frame);
    std::vector<double> values(records);
    for (double& value : values) value = normal(random);
    step.columns[0].AddNumeric(values, 0, 0);
    std::vector<detectors::CategoryId> ids(records);
    for (auto& id : ids) {
      id = std::bernoulli_distribution(red)(random) ? 0U : static_cast<detectors::CategoryId>(1 + random() % 2);
    }
    step.columns[1].AddCategorical(ids, {}, 0, 0);
    step.records = records;
    return step;
  }
  void Add(const PaneSummary& step) {
    const PaneSummary* const versions[] = {&step};
    book.AddStep({.settings = settings,
                  .start_ns = kStart + hour++ * kHour,
                  .step_ns = kHour,
                  .variants = 1,
                  .cover_ns = 24 * kHour,
                  .learn_only = false,
                  .versions = versions,
                  .faults = nullptr});
  }
  void Hours(int count, double shift, double red = 1.0 / 3, std::size_t records = 400) {
    for (int i = 0; i < count; ++i) Add(Step(records, shift, red));
  }
  EvidenceFinding Of(const char* column = "x") const { return *book.Of(column, Quantity::kDistribution); }
  std::string Bytes() const {
    detectors::Encoder out;
    book.Encode(out);
    return out.Take();
  }
  void Restart() {
    const std::string bytes = Bytes();
    detectors::Decoder in(bytes);
    book = EvidenceBook::Decode(in);
  }

  EvidenceSettings settings;  // one false alarm a month
  std::shared_ptr<const Frame> frame = std::make_shared<const Frame>(TwoColumns());
  std::mt19937_64 random{23};
  EvidenceBook book;
  std::int64_t hour = 0;
};

TEST_F(TwoReferences, AStandingDriftDoesNotHideTheNextChange) {
  Hours(48, 0);
  ASSERT_FALSE(Of().firing);
  Hours(100, 0.5);
  EvidenceFinding finding = Of();
  ASSERT_TRUE(finding.firing);
  EXPECT_EQ(finding.changes, 0U) << "it is as it was when it fired";
  EXPECT_EQ(finding.changed_ns, 0);
  EXPECT_NEAR(static_cast<double>(finding.stable_since_ns - kStart) / kHour, 48, 3);
  const std::int64_t change = hour;
  Hours(6, 1.0);
  finding = Of();
  EXPECT_EQ(finding.changes, 1U);
  EXPECT_NEAR(static_cast<double>(finding.changed_ns - kStart) / kHour, static_cast<double>(change), 1);
  EXPECT_FALSE(finding.toward_training);
  EXPECT_EQ(finding.change_words, "its values have become larger");
  EXPECT_EQ(finding.stable_since_ns, 0) << "there is not a day of the new traffic yet";
  Hours(60, 1.0);
  EXPECT_EQ(Of().changes, 1U) << "one change is told once";
  Hours(10, 0.2);
  EXPECT_TRUE(Of().toward_training);
  EXPECT_EQ(Of().changes, 1U) << "less drift is no news to wake somebody for";
}

TEST_F(TwoReferences, AStandingDriftStaysWithinTheBudget) {
  // 12 months of an hour each step beside a drift of half a standard deviation. The monitor of x has 0.24 of one false
  // alarm a month, so at most 2.9 further changes are expected; ten and more have a chance of 0.1 % even then.
  Hours(48, 0);
  Hours(12 * 720, 0.5, 1.0 / 3, 100);
  ASSERT_TRUE(Of().firing);
  EXPECT_LT(Of().changes, 10U);
}

TEST_F(TwoReferences, StoredInTheMiddleItGoesOnToTheSameBytes) {
  EvidenceBook other;
  for (int i = 0; i < 150; ++i) {
    const double shift = i < 30 ? 0 : i < 110 ? 0.5 : 0.9;
    const PaneSummary step = Step(300, shift, i < 60 ? 0.33 : 0.5);
    Add(step);
    std::swap(book, other);
    --hour;
    Restart();
    Add(step);
    ASSERT_EQ(Bytes(), [&] {
      detectors::Encoder out;
      other.Encode(out);
      return out.Take();
    }()) << i;
    std::swap(book, other);
  }
  EXPECT_GT(Of().changes, 0U);
}

TEST_F(TwoReferences, WhatIsAcceptedIsTheReferenceUntilItIsTakenBack) {
  EXPECT_FALSE(book.Accept("x", Quantity::kDistribution)) << "there is no such monitor yet";
  for (const auto& [column, shift, red] : {std::tuple{"x", 0.6, 1.0 / 3}, std::tuple{"c", 0.0, 0.6}}) {
    book = {};
    Hours(48, 0);
    Hours(60, shift, red);
    ASSERT_TRUE(Of(column).firing) << column;
    EXPECT_TRUE(book.Accept(column, Quantity::kDistribution));
    EXPECT_FALSE(Of(column).firing);
    Restart();
    EXPECT_GT(Of(column).accepted_since_ns, kStart);
    Hours(300, shift, red);
    EXPECT_FALSE(Of(column).firing) << column << " is as it was when it was accepted";
    const EvidenceBook accepted = book;
    Hours(12, 0);
    EXPECT_TRUE(Of(column).firing) << column << " returned to what training saw";
    EXPECT_EQ(json::parse(Of(column).account)[0]["alarm"], "accepted");
    book = accepted;
    Hours(12, 2 * shift, std::max(1.0 / 3, 1.4 * red));
    EXPECT_TRUE(Of(column).firing) << column << " changed further";
    book = accepted;
    EXPECT_TRUE(book.UndoAccept(column, Quantity::kDistribution));
    EXPECT_FALSE(book.UndoAccept(column, Quantity::kDistribution));
    Hours(12, shift, red);
    EXPECT_TRUE(Of(column).firing) << column << " differs from training as before";
    EXPECT_EQ(json::parse(Of(column).account)[0]["alarm"], "training");
  }
}

TEST_F(TwoReferences, StatesOfTheVersionBeforeAreRead) {
  // They end before the account, the path and what was accepted, all of which are empty while only design effects are
  // learnt.
  EvidenceMonitor monitor(Quantity::kDistribution);
  const std::string digest = "d";
  const detectors::StepLadder unknown;
  for (int i = 0; i < 12; ++i) {
    const PaneSummary step = Step(400, 0);
    const EvidencePart part{
        .digest = &digest, .baseline = &frame->column(0).summary, .step = &step.columns[0], .ladder = &unknown};
    monitor.AddStep({.start_ns = kStart + i * kHour,
                     .step_ns = kHour,
                     .parts = {&part, 1},
                     .min_effect = 0.1,
                     .budget = {},
                     .threshold = 100,
                     .cover_ns = 0,
                     .learn_only = true});
  }
  detectors::Encoder now;
  monitor.Encode(now);
  std::string before = now.bytes();
  ASSERT_EQ(before.substr(before.size() - 3), std::string(3, '\0'));
  before.resize(before.size() - 3);
  before[0] = 2;
  detectors::Decoder in(before);
  detectors::Encoder read;
  EvidenceMonitor::Decode(in, Quantity::kDistribution).Encode(read);
  EXPECT_EQ(read.bytes(), now.bytes());
  detectors::Decoder empty(std::string_view("\1\0", 2));
  EXPECT_FALSE(EvidenceBook::Decode(empty).Of("x", Quantity::kDistribution).has_value());
}

TEST_F(TwoReferences, AReturnIsSeenFromAnAcceptedReferenceOfOneBin) {
  Hours(30, 0);
  Hours(40, 1000);  // a unit has changed: all values lie above the largest of training
  ASSERT_TRUE(Of().firing);
  ASSERT_TRUE(book.Accept("x", Quantity::kDistribution));
  Hours(200, 1000);
  EXPECT_FALSE(Of().firing);
  Hours(6, 0);
  EXPECT_TRUE(Of().firing);
}

// ------------------------------------------------------------------------------------------------ accounts

double Legendre(int degree, double v) {
  return degree == 1 ? v : degree == 2 ? (3 * v * v - 1) / 2 : (5 * v * v - 3) * v / 2;
}

// The mean of P_degree(2u − 1) over ranks u from `from` to `to`, by Simpson's rule (exact for cubics).
double MeanScore(int degree, double from, double to) {
  const auto at = [degree](double u) { return Legendre(degree, 2 * u - 1); };
  return (at(from) + 4 * at((from + to) / 2) + at(to)) / 6;
}

// log e of a part, from its counts and the formula's inputs alone.
double LogE(const json& part, double design_effect) {
  const std::string form = part["form"];
  if (form == "rate" || form == "burst") {
    const double n = part["step"]["records"], events = part["step"]["events"], q0 = part["null_share"];
    const double k = part["non_events"].get<bool>() ? n - events : events, rho = part["factor"];
    if (form == "burst") return std::log(1 - rho + rho * k / (n * q0));
    const double phi = part["dispersion"], v = phi - 1, ratio = (1 + rho * v) / phi;
    if (std::abs(v) < 1e-9) return k * std::log(rho) + n * q0 * (1 - rho);
    return k * std::log(rho / ratio) - n * q0 * std::log(ratio) / v;
  }
  double rows = 0, below = 0, sum = 0;
  for (const json& cell : part["cells"]) rows += cell["reference"].get<double>();
  const double side = part["up"].get<bool>() ? 1 : -1;
  for (const json& cell : part["cells"]) {
    const double share = cell["reference"].get<double>() / rows, step = cell["step"];
    if (form == "bet") {
      const double score = MeanScore(part["degree"], below, below + share);
      sum += step * std::log1p(part["size"].get<double>() * (side * score - part["tolerance"].get<double>()));
    } else {
      const double q0 = part["null_share"], q1 = part["alternative_share"];
      sum += step * (cell["score"] == 1 ? std::log(q1 / q0) : std::log((1 - q1) / (1 - q0)));
    }
    below += share;
  }
  return sum / design_effect;
}

void CheckAccount(const json& alarm) {
  const json &budget = alarm["budget"], &component = alarm["component"];
  const double c = budget["period_seconds"].get<double>() / budget["step_seconds"].get<double>() /
                   (budget["expected_false_alarms"].get<double>() * budget["weight"].get<double>());
  EXPECT_NEAR(budget["threshold"].get<double>(), c, 1e-9 * c);
  double log_e = 0;
  for (const json& part : alarm["parts"]) log_e += LogE(part, alarm["design_effect"]);
  EXPECT_NEAR(component["log_e"].get<double>(), log_e, 1e-3 * std::max(1.0, std::abs(log_e))) << alarm.dump(1);
  const double mass = (1 + component["mass_before"].get<double>()) * std::exp(std::min(60.0, log_e));
  EXPECT_NEAR(std::log(component["mass"].get<double>()), std::log(mass), 2e-3 * std::max(1.0, std::abs(log_e)));
  const double part = component["weight"].get<double>() * component["mass"].get<double>() / c;
  EXPECT_NEAR(alarm["evidence"].get<double>() * component["part"].get<double>(), part, 1e-6 * part);
  ASSERT_FALSE(alarm["path"].empty());
  EXPECT_EQ(alarm["path"].back()["evidence"], alarm["evidence"]);
  for (std::size_t i = 0; i + 1 < alarm["path"].size(); ++i) EXPECT_LT(alarm["path"][i]["evidence"].get<double>(), 1);
}

TEST_F(TwoReferences, EveryAlarmIsComputedAgainFromItsAccount) {
  Hours(48, 0);
  Hours(60, 0.4, 0.45);
  Hours(10, 0.9, 0.3);
  for (const char* column : {"x", "c"}) {
    SCOPED_TRACE(column);
    const json account = json::parse(Of(column).account);
    ASSERT_EQ(account.size(), column[0] == 'x' ? 2U : account.size());
    EXPECT_EQ(account[0]["alarm"], "training");
    for (const json& alarm : account) CheckAccount(alarm);
  }
  EXPECT_EQ(json::parse(Of("x").account)[1]["alarm"], "live");
}

// ------------------------------------------------------------------------------------------------ live reference

TEST_F(TwoReferences, GenerationsWeighHalfAsMuchAWeekLater) {
  LiveReference live;
  const auto& shape = frame->column(0).summary.shared_shape();
  std::vector<std::uint64_t> by_week(8);
  for (int day = 0; day < 50; ++day) {
    const PaneSummary step = Step(10 + static_cast<std::size_t>(day), 0);
    live.Add(kStart + day * kDay, kStart + (day + 1) * kDay, 3 * kDay, step.columns[0]);
    // The first generation has three days, then come weeks; the 50th day is the fifth of the eighth generation.
    by_week[day < 3 ? 0 : static_cast<std::size_t>(1 + (day - 3) / 7)] += step.records;
    EXPECT_EQ(live.ready(), day >= 2);
  }
  const auto weighted = live.Sum(shape);
  EXPECT_EQ(weighted->scale, 8);
  EXPECT_EQ(weighted->sum.records(), 8 * by_week[6] + 4 * by_week[5] + 2 * by_week[4] + by_week[3]);
  EXPECT_EQ(live.until_ns(), kStart + (3 + 6 * 7) * kDay);
  detectors::Encoder out;
  live.Encode(out);
  detectors::Decoder in(out.bytes());
  detectors::Encoder again;
  LiveReference::Decode(in).Encode(again);
  EXPECT_EQ(out.bytes(), again.bytes());
}

}  // namespace
}  // namespace monitor::testing
