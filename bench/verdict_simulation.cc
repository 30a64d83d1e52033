#include "bench/verdict_simulation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "baselines/build/step_ladders.h"
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
using detectors::StepLadder;
using detectors::Tally;

constexpr double kMissing = 0.02, kTypeFaults = 0.0005;
// monitor/judge/evidence/alarm_shares.h
constexpr double kColumns = 0.9, kDistributionShare = 0.75, kRateShare = 0.05;
constexpr std::size_t kCalibration = DesignEffect::kSteps;

double Threshold(const Scenario& scenario, double share) {
  const detectors::AlarmBudget budget{.expected_false_alarms = scenario.budget,
                                      .period_ns = static_cast<std::int64_t>(scenario.steps)};
  return budget.Threshold(1, kColumns * share / static_cast<double>(scenario.features));
}

constexpr std::int64_t kStepSeconds = 3'600;
constexpr std::size_t kBaselineHours = 720;

// Of hours with these means, as `baseline build` makes it.
StepLadder LadderOfHours(const std::vector<std::uint64_t>& records, const std::vector<double>& means,
                         std::vector<double> variances) {
  baselines::SlotScores scores{.first_s = 0, .slot_s = kStepSeconds, .directions = variances.size()};
  scores.variances = std::move(variances);
  std::vector<double> centre(scores.directions);
  double all = 0;
  for (std::size_t hour = 0; hour < records.size(); ++hour) {
    const auto count = static_cast<double>(records[hour]);
    all += count;
    scores.records.push_back(count);
    for (std::size_t d = 0; d < centre.size(); ++d) centre[d] += count * means[hour * centre.size() + d];
  }
  for (std::size_t i = 0; i < means.size(); ++i)
    scores.sums.push_back(scores.records[i / centre.size()] * (means[i] - centre[i % centre.size()] / all));
  return baselines::LadderOf(scores);
}

class DistributionMonitor {
 public:
  DistributionMonitor(const Scenario& scenario, Random& random)
      : scenario_(scenario),
        baseline_(DrawBaseline(scenario.baseline_rows, scenario.baseline_rho,
                               scenario.order == BaselineOrder::kTime ? kBaselineHours : 0, random)),
        plan_(baseline_.counts, DeadBand{.min_effect = scenario.min_effect, .baseline_design_effect = 1}),
        traffic_effect_(plan_.directions()),
        evidence_(NumericPlan::kComponents),
        threshold_(Threshold(scenario, kDistributionShare)),
        traffic_(baseline_.edges, scenario.traffic_rho, random),
        counts_(baseline_.counts.size()) {
    if (scenario.order == BaselineOrder::kTime) {
      std::vector<std::uint64_t> records;
      std::vector<double> means, variances;
      for (const auto& block : baseline_.blocks) {
        const auto scores = plan_.Scores(block);
        records.push_back(scores.records);
        means.insert(means.end(), scores.means.begin(), scores.means.end());
      }
      for (const auto& direction : plan_.directions()) variances.push_back(direction.variance);
      ladder_ = LadderOfHours(records, means, variances);
    }
  }

  EvidenceStep Step(std::uint32_t step, std::uint64_t records, const Change& change) {
    traffic_.Draw(records, change, counts_);
    // Where nothing is known of the baseline's order, its design effect follows what is learnt of live traffic.
    if (scenario_.order != BaselineOrder::kIndependent && traffic_effect_.steps() % DesignEffect::kBlockSteps == 0)
      Rebuild(std::max(DeadBand::kUnknownDesignEffect, traffic_effect_.Largest(0)));
    std::array<double, NumericPlan::kScores> effects{};
    for (std::size_t k = 0; k < NumericPlan::kScores; ++k) {
      effects[k] = detectors::StepEffect(
          ladder_, k,
          {.step_s = kStepSeconds, .records = static_cast<double>(records), .min_effect = scenario_.min_effect},
          traffic_effect_, k);
    }
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
  StepLadder ladder_;  // known for BaselineOrder::kTime
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
    if (baseline) {
      baseline_ = *baseline;
    } else {
      DrawBaselineEvents(truth, random);
    }
    Rebuild(1);
  }

  EvidenceStep Step(std::uint32_t step, std::uint64_t records) {
    if (scenario_.order != BaselineOrder::kIndependent && traffic_effect_.steps() % DesignEffect::kBlockSteps == 0)
      Rebuild(std::max(DeadBand::kUnknownDesignEffect, traffic_effect_.Largest(0)));
    const Tally tally{.events = events_.Count(records), .records = records};
    const double effect = detectors::StepEffect(ladder_, 0,
                                                {.step_s = kStepSeconds,
                                                 .records = static_cast<double>(records),
                                                 .events = direction_.events,
                                                 .min_effect = scenario_.min_effect},
                                                traffic_effect_, 0);
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
  void DrawBaselineEvents(double truth, Random& random) {
    EventChain events(truth, scenario_.baseline_rho, random);
    std::vector<std::uint64_t> rows;
    std::vector<double> means;
    for (std::size_t hour = 0; hour < kBaselineHours; ++hour) {
      rows.push_back(scenario_.baseline_rows * (hour + 1) / kBaselineHours -
                     scenario_.baseline_rows * hour / kBaselineHours);
      const std::uint64_t found = events.Count(rows.back());
      means.push_back(rows.back() == 0 ? 0 : static_cast<double>(found) / static_cast<double>(rows.back()));
      baseline_.events += found;
      baseline_.records += rows.back();
    }
    if (scenario_.order == BaselineOrder::kTime) ladder_ = LadderOfHours(rows, means, {direction_.variance});
  }
  void Rebuild(double design_effect) {
    plan_.emplace(std::span(&baseline_, 1),
                  DeadBand{.min_effect = scenario_.min_effect, .baseline_design_effect = design_effect});
  }

  const Scenario& scenario_;
  DesignEffect::Direction direction_;
  Tally baseline_;
  std::optional<RatePlan> plan_;
  StepLadder ladder_;
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
