#include "bench/verdict_simulation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "detectors/evidence/alarm_budget.h"
#include "detectors/evidence/design_effect.h"
#include "detectors/evidence/numeric_plan.h"
#include "detectors/evidence/rate_plan.h"
#include "detectors/evidence/shiryaev_roberts.h"

namespace bench {
namespace {

using detectors::DeadBand;
using detectors::DesignEffect;
using detectors::EvidenceStep;
using detectors::NumericPlan;
using detectors::RatePlan;
using detectors::ShiryaevRoberts;
using detectors::Tally;

constexpr double kMissing = 0.02, kTypeFaults = 0.0005;
// monitor/judge/alarm_shares.h
constexpr double kColumns = 0.9, kDistributionShare = 0.75, kRateShare = 0.05;
constexpr std::size_t kCalibration = DesignEffect::kSteps;

double Threshold(const Scenario& scenario, double share) {
  const detectors::AlarmBudget budget{.expected_false_alarms = scenario.budget,
                                      .period_ns = static_cast<std::int64_t>(scenario.steps)};
  return budget.Threshold(1, kColumns * share / static_cast<double>(scenario.features));
}

class DistributionMonitor {
 public:
  DistributionMonitor(const Scenario& scenario, Random& random)
      : scenario_(scenario),
        baseline_(DrawBaseline(
            scenario.baseline_rows, scenario.baseline_rho,
            scenario.order == BaselineOrder::kTime ? DesignEffect::BaselineBlocks(scenario.baseline_rows) : 0, random)),
        plan_(baseline_.counts, DeadBand{.min_effect = scenario.min_effect, .baseline_design_effect = 1}),
        traffic_effect_(plan_.directions()),
        evidence_(NumericPlan::kComponents),
        threshold_(Threshold(scenario, kDistributionShare)),
        traffic_(baseline_.edges, scenario.traffic_rho, random),
        counts_(baseline_.counts.size()) {
    if (scenario.order == BaselineOrder::kTime) {
      DesignEffect of_baseline(plan_.directions());
      for (const auto& block : baseline_.blocks) {
        const auto scores = plan_.Scores(block);
        of_baseline.Add(scores.records, scores.means);
      }
      Rebuild(of_baseline.Largest(0));
    }
  }

  EvidenceStep Step(std::uint32_t step, std::uint64_t records, const Change& change) {
    traffic_.Draw(records, change, counts_);
    // Where nothing is known of the baseline's order, its design effect follows what is learnt of live traffic.
    if (scenario_.order == BaselineOrder::kUnknown && traffic_effect_.steps() % DesignEffect::kBlockSteps == 0)
      Rebuild(std::max(DeadBand::kUnknownDesignEffect, traffic_effect_.Largest(0)));
    std::array<double, NumericPlan::kScores> effects{};
    for (std::size_t k = 0; k < NumericPlan::kScores; ++k) effects[k] = traffic_effect_.Value(k, records);
    std::array<double, NumericPlan::kComponents> log_e{};
    plan_.Accumulate(counts_, effects, log_e);
    const EvidenceStep result = evidence_.Update(step, records, log_e, plan_.weights(), threshold_);
    const auto scores = plan_.Scores(counts_);
    traffic_effect_.Add(scores.records, scores.means);
    return result;
  }

 private:
  void Rebuild(double design_effect) {
    if (design_effect == built_for_) return;
    built_for_ = design_effect;
    plan_ = NumericPlan(baseline_.counts,
                        DeadBand{.min_effect = scenario_.min_effect, .baseline_design_effect = design_effect});
  }

  const Scenario& scenario_;
  Baseline baseline_;
  NumericPlan plan_;
  double built_for_ = 1;
  DesignEffect traffic_effect_;
  ShiryaevRoberts evidence_;
  double threshold_;
  Traffic traffic_;
  std::vector<std::uint64_t> counts_;
};

// One of the rates of a feature: `truth` is the share of its events among the records of baseline and traffic.
class RateMonitor {
 public:
  RateMonitor(const Scenario& scenario, double truth, std::optional<Tally> baseline, Random& random)
      : scenario_(scenario),
        direction_{.variance = truth * (1 - truth), .events = truth},
        traffic_effect_({direction_}),
        evidence_(RatePlan::kPerRate),
        threshold_(Threshold(scenario, kRateShare)),
        events_(truth, scenario.traffic_rho, random) {
    DesignEffect of_baseline({direction_});
    if (baseline) {
      baseline_ = *baseline;
    } else {
      DrawBaselineEvents(truth, of_baseline, random);
    }
    Rebuild(scenario.order == BaselineOrder::kTime ? of_baseline.Largest(0) : 1);
  }

  EvidenceStep Step(std::uint32_t step, std::uint64_t records) {
    if (scenario_.order == BaselineOrder::kUnknown && traffic_effect_.steps() % DesignEffect::kBlockSteps == 0)
      Rebuild(std::max(DeadBand::kUnknownDesignEffect, traffic_effect_.Largest(0)));
    const Tally tally{.events = events_.Count(records), .records = records};
    const double effect = traffic_effect_.Value(0, records);
    std::array<double, RatePlan::kPerRate> log_e{};
    plan_->Accumulate({&tally, 1}, {&effect, 1}, log_e);
    const EvidenceStep result = evidence_.Update(step, records, log_e, plan_->weights(), threshold_);
    if (records > 0) {
      const double mean = static_cast<double>(tally.events) / static_cast<double>(records);
      traffic_effect_.Add(records, {&mean, 1});
    }
    return result;
  }

 private:
  void DrawBaselineEvents(double truth, DesignEffect& of_baseline, Random& random) {
    EventChain events(truth, scenario_.baseline_rho, random);
    const std::size_t blocks = DesignEffect::BaselineBlocks(scenario_.baseline_rows);
    for (std::size_t block = 0; block < blocks; ++block) {
      const std::uint64_t rows =
          scenario_.baseline_rows * (block + 1) / blocks - scenario_.baseline_rows * block / blocks;
      const std::uint64_t found = events.Count(rows);
      const double mean = static_cast<double>(found) / static_cast<double>(rows);
      of_baseline.Add(rows, {&mean, 1});
      baseline_.events += found;
      baseline_.records += rows;
    }
  }
  void Rebuild(double design_effect) {
    plan_.emplace(std::span(&baseline_, 1),
                  DeadBand{.min_effect = scenario_.min_effect, .baseline_design_effect = design_effect});
  }

  const Scenario& scenario_;
  DesignEffect::Direction direction_;
  Tally baseline_;
  std::optional<RatePlan> plan_;
  DesignEffect traffic_effect_;
  ShiryaevRoberts evidence_;
  double threshold_;
  EventChain events_;
};

// The share of values beyond the largest of a baseline: exponential with mean one over its rows, of which
// autocorrelation leaves fewer that count.
double BeyondTheLargest(const Scenario& scenario, Random& random) {
  const double rows =
      static_cast<double>(scenario.baseline_rows) * (1 - scenario.baseline_rho) / (1 + scenario.baseline_rho);
  return std::min(0.5, -std::log1p(-random.Uniform()) / rows);
}

std::uint64_t RecordsOf(const Scenario& scenario, Random& random) {
  if (!scenario.gaps) return scenario.records;
  if (random.Uniform() < 0.3) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(scenario.records) * (0.1 + 1.8 * random.Uniform()));
}

Change ChangeOf(const Scenario& scenario, Random& random) {
  Change change{.shift = scenario.standing};
  if (scenario.wobble > 0) change.shift += scenario.wobble * random.Normal();
  return change;
}

}  // namespace

Alarms SimulateMonth(const Scenario& scenario, std::uint64_t seed) {
  Random random(seed);
  Alarms alarms;
  for (std::size_t feature = 0; feature < scenario.features; ++feature) {
    DistributionMonitor distribution(scenario, random);
    const Tally none{.events = 0, .records = scenario.baseline_rows};
    std::array<RateMonitor, 3> rates = {RateMonitor(scenario, kMissing, std::nullopt, random),
                                        RateMonitor(scenario, kTypeFaults, std::nullopt, random),
                                        RateMonitor(scenario, BeyondTheLargest(scenario, random), none, random)};
    for (std::uint32_t step = 0; step < scenario.steps; ++step) {
      const std::uint64_t records = RecordsOf(scenario, random);
      const bool drift = distribution.Step(step, records, ChangeOf(scenario, random)).alarm;
      std::uint64_t faults = 0;
      for (RateMonitor& rate : rates) faults += rate.Step(step, records).alarm;
      alarms.distribution += drift;
      alarms.rates += faults;
      if (step < kCalibration) alarms.calibrating += static_cast<std::uint64_t>(drift) + faults;
    }
  }
  return alarms;
}

Detection SimulateChange(const Scenario& scenario, const Change& change, std::size_t clean, std::size_t limit,
                         std::uint64_t seed) {
  Random random(seed);
  DistributionMonitor monitor(scenario, random);
  for (std::uint32_t step = 0; step < clean; ++step)
    monitor.Step(step, RecordsOf(scenario, random), ChangeOf(scenario, random));
  for (std::size_t delay = 1; delay <= limit; ++delay) {
    Change now = ChangeOf(scenario, random);
    now.shift += change.shift;
    now.scale = change.scale;
    const EvidenceStep result =
        monitor.Step(static_cast<std::uint32_t>(clean + delay - 1), RecordsOf(scenario, random), now);
    if (result.alarm)
      return {.detected = true,
              .delay = delay,
              .began_error = static_cast<std::int64_t>(result.began) - static_cast<std::int64_t>(clean)};
  }
  return {};
}

}  // namespace bench
