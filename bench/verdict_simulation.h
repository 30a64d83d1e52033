// Months of traffic through the evidence layer, as the daemon runs it: plans from a finite baseline, design effects
// learnt from live steps, thresholds from the budget. Shared by verdict_bench and by the test that the budget is kept.
//
// Each feature has the four monitors that the daemon gives a numeric column, with the daemon's shares: its distribution
// and three rates. Values are missing at a rate of 2 %, wrongly typed at 0.05 %, and out of range as often as the next
// values of the same source lie beyond the extremes of a baseline of that size. Every alarm counts: a monitor that has
// fired starts again at once.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/verdict_traffic.h"

namespace bench {

// What is known of the order of the baseline's rows, and so of its design effect.
enum class BaselineOrder {
  kIndependent,  // stated by the operator: 1
  kTime,         // a time column, 30 days of it: the ladder of its rows, for hourly steps
  kUnknown,      // the larger of 4 and the design effect of live traffic
};

struct Scenario {
  std::size_t features = 100;
  std::size_t steps = 720;
  std::uint64_t records = 1000;  // per step
  std::uint64_t baseline_rows = 100'000;
  double baseline_rho = 0;
  BaselineOrder order = BaselineOrder::kIndependent;
  double traffic_rho = 0;
  double wobble = 0;      // standard deviation of the step mean, in standard deviations of the feature
  bool gaps = false;      // three steps in ten are empty, the others have 0.1 to 1.9 times the records
  double min_effect = 0;  // the band that is asked for
  double standing = 0;    // a shift that has been there since the first record
  double budget = 1;      // expected false alarms per month
};

// False alarms of one month of one model.
struct Alarms {
  std::uint64_t distribution = 0;
  std::uint64_t rates = 0;
  std::uint64_t calibrating = 0;  // of all, those in the first 168 steps
};
Alarms SimulateMonth(const Scenario& scenario, std::uint64_t seed);

struct Detection {
  bool detected = false;
  std::size_t delay = 0;         // steps from the first changed one, 1 = in it
  std::int64_t began_error = 0;  // estimated first changed step less the true one
};
// One feature whose distribution changes after `clean` steps; gives up after `limit` steps.
Detection SimulateChange(const Scenario& scenario, const Change& change, std::size_t clean, std::size_t limit,
                         std::uint64_t seed);

}  // namespace bench
