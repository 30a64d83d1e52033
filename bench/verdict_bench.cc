// Does the alarm layer keep its budget, how fast does it see a change, and what does it cost?
//
//   verdict_bench [false-alarms|delays|cost] [MONTHS]
//
// Prints the tables of STATISTICS 3.3 and 3.4 for this implementation; without an argument all of them with 200
// simulated months a row (AR(1) and wobble: a quarter, with 10,000 records a step: a tenth). Two threads. Exit status 1
// where a target is missed: the upper 95 % confidence limit of false alarms a month above the budget, a delay above its
// limit, more than 3 µs a monitor and step.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <future>
#include <string>
#include <string_view>
#include <vector>

#include "bench/figure.h"
#include "bench/verdict_simulation.h"
#include "detectors/counts/category_counts.h"
#include "detectors/evidence/category_plan.h"
#include "detectors/evidence/design_effect.h"
#include "detectors/evidence/numeric_plan.h"
#include "detectors/evidence/shiryaev_roberts.h"

namespace {

using bench::BaselineOrder;
using bench::Change;
using bench::Scenario;

// Calls task(i) for i below `count` from two threads.
template <class Task>
void InParallel(std::size_t count, const Task& task) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) task(i);
  };
  const std::future<void> other = std::async(std::launch::async, work);
  work();
  other.wait();
}

struct Row {
  const char* name;
  Scenario scenario;
  std::size_t share = 1;  // of the months asked for, as a divisor
};

const char* OrderName(BaselineOrder order) {
  switch (order) {
    case BaselineOrder::kIndependent:
      return "stated iid";
    case BaselineOrder::kTime:
      return "learnt";
    case BaselineOrder::kUnknown:
      return "unknown";
  }
  return "";
}

bool FalseAlarms(const Row& row, std::size_t months_asked) {
  const std::size_t months = std::max<std::size_t>(4, months_asked / row.share);
  const auto begin = std::chrono::steady_clock::now();
  std::vector<bench::Alarms> results(months);
  InParallel(months, [&](std::size_t month) { results[month] = bench::SimulateMonth(row.scenario, 1000 + month); });
  double sum = 0, square = 0, rates = 0, calibrating = 0;
  for (const bench::Alarms& result : results) {
    const auto all = static_cast<double>(result.distribution + result.rates);
    sum += all;
    square += all * all;
    rates += static_cast<double>(result.rates);
    calibrating += static_cast<double>(result.calibrating);
  }
  const auto n = static_cast<double>(months);
  const double mean = sum / n;
  const double deviation = std::sqrt(std::max(0.0, square / n - mean * mean) * n / (n - 1));
  // The normal limit, but never below that of a Poisson count of as many alarms (Wilson and Hilferty; exact at 0).
  const double k = sum + 1;
  const double poisson = k * std::pow(1 - 1 / (9 * k) + 1.645 / (3 * std::sqrt(k)), 3) / n;
  const double limit = std::max(mean + 1.645 * deviation / std::sqrt(n), poisson);
  const bool kept = limit <= row.scenario.budget;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const Scenario& s = row.scenario;
  std::printf("| %s | %llu | %llu | %s | %.3g | %zu | %.3f (%.3f of rates, %.3f calibrating) | %.3f | %s | %.0f s\n",
              row.name, static_cast<unsigned long long>(s.records), static_cast<unsigned long long>(s.baseline_rows),
              OrderName(s.order), s.min_effect, months, mean, rates / n, calibrating / n, limit,
              kept ? "kept" : "BROKEN", seconds);
  std::fflush(stdout);
  return kept;
}

std::vector<Row> Rows() {
  std::vector<Row> rows;
  for (const std::uint64_t rows_of_baseline : {10'000, 100'000})
    for (const std::uint64_t records : {50, 100, 1000, 10'000})
      rows.push_back(
          {"independent", {.records = records, .baseline_rows = rows_of_baseline}, records == 10'000 ? 10U : 1U});
  rows.push_back({"independent, default band", {.min_effect = 0.1}, 4});
  rows.push_back({"independent, gaps", {.gaps = true}, 1});
  rows.push_back({"independent, gaps", {.records = 100, .gaps = true}, 1});
  for (const double rho : {0.3, 0.6, 0.9})
    for (const std::uint64_t records : {50, 100, 1000, 10'000})
      rows.push_back({rho == 0.3   ? "AR(1) 0.3"
                      : rho == 0.6 ? "AR(1) 0.6"
                                   : "AR(1) 0.9",
                      {.records = records, .traffic_rho = rho},
                      records == 10'000 ? 10U : 4U});
  rows.push_back({"AR(1) 0.9, gaps", {.traffic_rho = 0.9, .gaps = true}, 4});
  for (const std::uint64_t rows_of_baseline : {10'000, 100'000})
    for (const auto order : {BaselineOrder::kTime, BaselineOrder::kUnknown})
      for (const double rho : {0.6, 0.9})
        rows.push_back({rho == 0.6 ? "AR(1) 0.6, baseline too" : "AR(1) 0.9, baseline too",
                        {.baseline_rows = rows_of_baseline, .baseline_rho = rho, .order = order, .traffic_rho = rho},
                        4});
  for (const double wobble : {0.05, 0.1})
    for (const std::uint64_t records : {100, 1000, 10'000})
      rows.push_back({wobble == 0.05 ? "wobble 0.05" : "wobble 0.10",
                      {.records = records, .wobble = wobble},
                      records == 10'000 ? 10U : 4U});
  rows.push_back({"wobble 0.10, gaps", {.wobble = 0.1, .gaps = true}, 4});
  rows.push_back({"standing shift 0.1 at the band's edge", {.min_effect = 0.1, .standing = 0.1}, 4});
  rows.push_back({"standing shift 0.1, 10,000 records", {.records = 10'000, .min_effect = 0.1, .standing = 0.1}, 10});
  rows.push_back({"budget 10", {.budget = 10}, 4});
  return rows;
}

struct DelayRow {
  const char* name;
  Change change;
  Scenario scenario;
  double limit = INFINITY;
};

bool Delay(const DelayRow& row, std::size_t runs) {
  constexpr std::size_t kClean = 200;
  constexpr std::size_t kGiveUp = 1000;
  std::vector<bench::Detection> results(runs);
  InParallel(runs, [&](std::size_t run) {
    results[run] = bench::SimulateChange(row.scenario, row.change, kClean, kGiveUp, 1 + run);
  });
  double sum = 0, detected = 0, early = 0;
  std::vector<std::int64_t> errors;
  for (const bench::Detection& result : results) {
    if (!result.detected) continue;
    ++detected;
    sum += static_cast<double>(result.delay);
    errors.push_back(std::abs(result.began_error));
    early += result.began_error < 0;
  }
  const double mean = detected == static_cast<double>(runs) ? sum / detected : INFINITY;
  std::ranges::sort(errors);
  const bool kept = mean <= row.limit;
  std::printf("| %s | %llu | %llu | %.2f | %.2f | %.2f | %.3g | %lld / %lld | %s\n", row.name,
              static_cast<unsigned long long>(row.scenario.records),
              static_cast<unsigned long long>(row.scenario.baseline_rows), row.scenario.min_effect, row.scenario.wobble,
              mean, row.limit, errors.empty() ? -1LL : static_cast<long long>(errors[errors.size() / 2]),
              errors.empty() ? -1LL : static_cast<long long>(errors[errors.size() * 9 / 10]), kept ? "" : "MISSED");
  std::fflush(stdout);
  return kept;
}

std::vector<DelayRow> DelayRows() {
  std::vector<DelayRow> rows = {
      {"+0.10 sd", {.shift = 0.1}, {}, 6},
      {"+0.25 sd", {.shift = 0.25}, {}, 1.2},
      {"+0.50 sd", {.shift = 0.5}, {}, 1.05},
      {"sd × 1.10", {.scale = 1.1}, {}, 6},
      {"sd × 1.25", {.scale = 1.25}, {}},
      {"+0.25 sd", {.shift = 0.25}, {.min_effect = 0.1}, 2.5},
      {"+0.50 sd", {.shift = 0.5}, {.min_effect = 0.1}, 1.1},
      {"sd × 1.25", {.scale = 1.25}, {.min_effect = 0.1}},
      {"+0.10 sd", {.shift = 0.1}, {.baseline_rows = 10'000}},
      {"+0.25 sd", {.shift = 0.25}, {.baseline_rows = 10'000}},
      {"+0.50 sd", {.shift = 0.5}, {.baseline_rows = 10'000}},
      {"+0.25 sd", {.shift = 0.25}, {.baseline_rows = 10'000, .order = BaselineOrder::kUnknown, .min_effect = 0.1}},
      {"+0.50 sd", {.shift = 0.5}, {.baseline_rows = 10'000, .order = BaselineOrder::kUnknown, .min_effect = 0.1}},
  };
  for (const std::uint64_t records : {50, 100}) {
    rows.push_back({"+0.25 sd", {.shift = 0.25}, {.records = records}});
    rows.push_back({"+0.50 sd", {.shift = 0.5}, {.records = records}});
    rows.push_back({"+1.00 sd", {.shift = 1}, {.records = records}});
  }
  rows.push_back({"+0.10 sd", {.shift = 0.1}, {.wobble = 0.05}});
  rows.push_back({"+0.25 sd", {.shift = 0.25}, {.wobble = 0.05}});
  rows.push_back({"+0.50 sd", {.shift = 0.5}, {.wobble = 0.05}});
  rows.push_back({"AR(1) 0.9, +0.50 sd", {.shift = 0.5}, {.traffic_rho = 0.9}});
  return rows;
}

// CPU time, so that other work on the machine shows less.
template <class Step>
double Microseconds(const Step& step) {
  double best = INFINITY;
  for (int round = 0; round < 5; ++round) {
    constexpr int kSteps = 20'000;
    const std::clock_t begin = std::clock();
    for (int i = 0; i < kSteps; ++i) step(static_cast<std::uint32_t>(i));
    best = std::min(best, 1e6 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / kSteps);
  }
  return best;
}

// One monitor and step as the judge does it: design effects, log e, update, learning.
bool Cost() {
  using namespace detectors;
  constexpr double kLimit = 3;
  bench::Random random(1);
  std::vector<std::uint64_t> bins(248);
  for (std::uint64_t& bin : bins) bin = 400 + random() % 20;
  std::vector<std::vector<std::uint64_t>> steps(64, std::vector<std::uint64_t>(bins.size()));
  for (auto& step : steps)
    for (int i = 0; i < 1000; ++i) ++step[random() % step.size()];
  const NumericPlan numeric(bins, DeadBand{});
  DesignEffect effect(numeric.directions());
  ShiryaevRoberts evidence(NumericPlan::kComponents);
  const double of_numeric = Microseconds([&](std::uint32_t step) {
    const auto& counts = steps[step % steps.size()];
    std::array<double, NumericPlan::kScores> effects{};
    for (std::size_t k = 0; k < effects.size(); ++k) effects[k] = effect.Value(k, 1000);
    std::array<double, NumericPlan::kComponents> log_e{};
    const std::uint64_t records = numeric.Accumulate(counts, effects, log_e);
    evidence.Update(step, records, log_e, numeric.weights(), 1e12);
    const auto scores = numeric.Scores(counts);
    effect.Add(scores.records, scores.means);
  });

  constexpr std::size_t kCategories = 50;
  CategoryCounts reference(kCategories);
  std::vector<CategoryId> ids;
  for (int i = 0; i < 100'000; ++i) ids.push_back(static_cast<CategoryId>(random() % kCategories));
  reference.Add(ids, {});
  CategoryCounts current(kCategories);
  current.Add(std::span(ids).first(1000), {});
  const CategoryPlan categories(reference, DeadBand{});
  DesignEffect category_effect(categories.rates().directions());
  ShiryaevRoberts category_evidence(categories.rates().components());
  const double of_categories = Microseconds([&](std::uint32_t step) {
    const std::vector<Tally> tallies = categories.Tallies(current);
    std::vector<double> effects(tallies.size()), means(tallies.size());
    for (std::size_t r = 0; r < tallies.size(); ++r) {
      effects[r] = category_effect.Value(r, 1000);
      means[r] = static_cast<double>(tallies[r].events) / static_cast<double>(tallies[r].records);
    }
    std::vector<double> log_e(categories.rates().components());
    const std::uint64_t records = categories.rates().Accumulate(tallies, effects, log_e);
    category_evidence.Update(step, records, log_e, categories.rates().weights(), 1e12);
    category_effect.Add(records, means);
  });

  const Tally seen{.events = 100, .records = 100'000};
  const RatePlan rate({&seen, 1}, DeadBand{});
  DesignEffect rate_effect(rate.directions());
  ShiryaevRoberts rate_evidence(rate.components());
  const double of_rate = Microseconds([&](std::uint32_t step) {
    const Tally tally{.events = step % 3, .records = 1000};
    const double phi = rate_effect.Value(0, 1000);
    std::array<double, RatePlan::kPerRate> log_e{};
    rate.Accumulate({&tally, 1}, {&phi, 1}, log_e);
    rate_evidence.Update(step, 1000, log_e, rate.weights(), 1e12);
    const double mean = static_cast<double>(tally.events) / 1000;
    rate_effect.Add(1000, {&mean, 1});
  });
  const double plan = Microseconds([&](std::uint32_t) { const NumericPlan made(bins, DeadBand{}); });
  Encoder bytes;
  evidence.Encode(bytes);
  std::printf("| numeric distribution, 248 bins | %.2f µs | state %zu B encoded, plan %zu B, %.1f µs to build\n",
              of_numeric, bytes.bytes().size(), sizeof(NumericPlan) + bins.size(), plan);
  std::printf("| categorical, 50 categories, 21 rates | %.2f µs |\n| one rate | %.2f µs |\n", of_categories, of_rate);
  const double mean = (of_numeric + of_categories + of_rate) / 3;
  bench::PrintFigure("verdict", "a step of one monitor, mean of three kinds", mean, kLimit, "µs", bench::Limit::kMost);
  return mean <= kLimit;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view part = argc > 1 ? argv[1] : "";
  const std::size_t months = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 200;
  bool kept = true;
  // How many rows of a table keep their target; all should.
  const auto tell = [&kept](const char* what, const std::vector<bool>& rows) {
    const auto good = static_cast<double>(std::ranges::count(rows, true));
    bench::PrintFigure("verdict", what, good, static_cast<double>(rows.size()), "rows", bench::Limit::kLeast);
    kept = kept && good == static_cast<double>(rows.size());
  };
  if (part.empty() || part == "false-alarms") {
    std::printf(
        "| traffic | records a step | baseline rows | its design effect | min_effect | months | false alarms a month | "
        "upper 95 %% | budget | time\n");
    std::vector<bool> rows;
    for (const Row& row : Rows()) rows.push_back(FalseAlarms(row, months));
    tell("traffic whose false alarms keep the budget", rows);
  }
  if (part.empty() || part == "delays") {
    std::printf(
        "\n| change | records a step | baseline rows | min_effect | wobble | mean delay, steps | limit | error of its "
        "begin, median / 90 %% |\n");
    std::vector<bool> rows;
    for (const DelayRow& row : DelayRows()) rows.push_back(Delay(row, months * 3));
    tell("changes told within their limit", rows);
  }
  if (part.empty() || part == "cost") {
    std::printf("\n| monitor | a step |\n");
    kept = Cost() && kept;
  }
  return kept ? 0 : 1;
}
