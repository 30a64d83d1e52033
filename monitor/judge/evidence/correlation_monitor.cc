#include "monitor/judge/evidence/correlation_monitor.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "monitor/judge/evidence/evidence_monitor.h"

namespace monitor {
namespace {

using detectors::CorrelationPlan;
using detectors::DesignEffect;
using detectors::SecondMoments;

constexpr std::uint8_t kVersion = 1;
constexpr double kBound = 1.645;  // one-sided 95 %

FeaturePair NamesOf(const Frame& frame, std::size_t first, std::size_t second) {
  const auto& joint = *frame.profile().joint;
  return {frame.column(joint.features[first]).name, frame.column(joint.features[second]).name};
}

// Records behind a step: of the feature that most of them have.
std::uint64_t RecordsOf(const SecondMoments& moments) {
  std::uint64_t records = 0;
  for (std::size_t f = 0; f < moments.features(); ++f) records = std::max(records, moments.rows(f, f));
  return records;
}

}  // namespace

double CorrelationMonitor::Change::low() const { return std::max(0.0, change.effect - kBound * change.standard_error); }
double CorrelationMonitor::Change::high() const { return change.effect + kBound * change.standard_error; }

// Nothing is known of the order of a baseline's rows, so its design effect is taken as that of live traffic, at
// least 4.
double CorrelationMonitor::BaselineEffect() const {
  const bool learnt = scatter_ && scatter_->state() != DesignEffect::State::kConservative;
  return std::max(detectors::DeadBand::kUnknownDesignEffect, learnt ? scatter_->Largest(0) : 0);
}

const CorrelationPlan& CorrelationMonitor::PlanOf(const Frame& frame, double min_effect) {
  const double design_effect = BaselineEffect();
  auto& prepared = plans_[frame.profile().digest];
  if (prepared == nullptr || prepared->design_effect != design_effect || prepared->min_effect != min_effect) {
    prepared = std::make_unique<const Prepared>(
        Prepared{design_effect, min_effect,
                 CorrelationPlan(frame.profile().joint->moments,
                                 {.min_effect = min_effect, .baseline_design_effect = design_effect})});
  }
  return prepared->plan;
}

// The versions of a step by baseline: those with the same one are one traffic.
std::vector<CorrelationMonitor::Part> CorrelationMonitor::PartsOf(const Input& input) {
  std::vector<Part> parts;
  for (const PaneSummary* version : input.versions) {
    if (!version->joint) continue;
    const std::string& digest = version->frame->profile().digest;
    const auto same =
        std::ranges::find_if(parts, [&](const Part& part) { return part.frame->profile().digest == digest; });
    if (same != parts.end()) {
      same->moments.Merge(*version->joint);
    } else {
      parts.push_back({version->frame.get(), *version->joint, nullptr, {}});
    }
  }
  std::erase_if(plans_, [&](const auto& entry) {
    return std::ranges::none_of(parts, [&](const Part& part) { return part.frame->profile().digest == entry.first; });
  });
  for (Part& part : parts) part.plan = &PlanOf(*part.frame, input.min_effect);
  std::erase_if(parts, [](const Part& part) { return part.plan->pairs().empty() || RecordsOf(part.moments) == 0; });
  return parts;
}

// Of a version with other features than those that were learnt from, all is new.
void CorrelationMonitor::ChoosePairs(const Part& part) {
  const auto pairs = part.plan->pairs();
  const bool known = std::ranges::any_of(
      pairs, [&](const auto& pair) { return learnt_.contains(NamesOf(*part.frame, pair.first, pair.second)); });
  if (scatter_ && known) return;
  std::vector<std::size_t> order(pairs.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return std::abs(pairs[i].z); });
  order.resize(std::min(order.size(), kLearnt));
  learnt_.clear();
  for (const std::size_t i : order)
    learnt_.emplace(NamesOf(*part.frame, pairs[i].first, pairs[i].second), learnt_.size());
  scatter_.emplace(std::vector<DesignEffect::Direction>(learnt_.size(), {.variance = 1}));
}

std::vector<double> CorrelationMonitor::EffectsOf(const Frame& frame, const CorrelationPlan& plan,
                                                  std::uint64_t records, const GrossFaults* faults) const {
  const auto& joint = *frame.profile().joint;
  std::vector<bool> resting(joint.features.size());
  for (std::size_t f = 0; f < resting.size(); ++f)
    resting[f] = faults != nullptr && !faults->Firing(frame.column(joint.features[f]).name).empty();
  const double largest = scatter_ ? scatter_->Largest(records) : 1;
  std::vector<double> effects;
  for (const CorrelationPlan::Pair& pair : plan.pairs()) {
    const auto learnt = learnt_.find(NamesOf(frame, pair.first, pair.second));
    effects.push_back(resting[pair.first] || resting[pair.second] ? std::numeric_limits<double>::quiet_NaN()
                      : learnt == learnt_.end()                   ? largest
                                                                  : scatter_->Value(learnt->second, records));
  }
  return effects;
}

void CorrelationMonitor::AddStep(const Input& input) {
  min_effect_ = input.min_effect;
  std::vector<Part> parts = PartsOf(input);
  std::uint64_t records = 0, compared = 0;
  std::vector<double> log_e(CorrelationPlan::kComponents);
  if (!parts.empty()) ChoosePairs(parts.front());
  for (const Part& part : parts) records += RecordsOf(part.moments);
  for (Part& part : parts) {
    part.effects = EffectsOf(*part.frame, *part.plan, records, input.faults);
    compared += part.plan->Accumulate(part.moments, part.effects, log_e);
  }
  const bool fired_before = detector_.firing();
  detector_.AddStep(input.start_ns, compared == 0 || input.learn_only ? 0 : records, log_e, CorrelationPlan::weights(),
                    input.threshold);
  if (compared == 0) return;
  known_ = true;
  if (detector_.firing() && !fired_before) NamePair(parts);
  Learn(parts, records);
}

void CorrelationMonitor::NamePair(std::span<const Part> parts) {
  double most = 0;  // standard errors
  for (const Part& part : parts) {
    const auto largest = part.plan->Largest(part.moments, part.effects);
    if (!largest || largest->effect <= most * largest->standard_error) continue;
    most = largest->effect / largest->standard_error;
    fired_ = NamesOf(*part.frame, largest->first, largest->second);
  }
}

void CorrelationMonitor::Learn(std::span<const Part> parts, std::uint64_t records) {
  std::vector<double> changes(learnt_.size());
  for (const Part& part : parts) {
    const double share = static_cast<double>(RecordsOf(part.moments)) / static_cast<double>(records);
    const auto pairs = part.plan->pairs();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const auto learnt = learnt_.find(NamesOf(*part.frame, pairs[i].first, pairs[i].second));
      if (learnt != learnt_.end()) changes[learnt->second] += share * part.plan->Change(i, part.moments).value_or(0);
    }
  }
  scatter_->Add(records, changes);
}

std::optional<CorrelationMonitor::Change> CorrelationMonitor::Of(const PaneSummary& window) {
  if (!window.joint) return std::nullopt;
  const CorrelationPlan& plan = PlanOf(*window.frame, min_effect_);
  const auto effects = EffectsOf(*window.frame, plan, RecordsOf(*window.joint), nullptr);
  const auto pairs = plan.pairs();
  const auto fired = std::ranges::find_if(pairs, [&](const CorrelationPlan::Pair& pair) {
    return detector_.firing() && NamesOf(*window.frame, pair.first, pair.second) == fired_;
  });
  // A new version may not have the pair any more: then what has changed most decides whether all is well again.
  const auto number = static_cast<std::size_t>(fired - pairs.begin());
  const auto change = fired == pairs.end() ? plan.Largest(*window.joint, effects)
                                           : plan.ChangeOf(number, *window.joint, effects[number]);
  if (!change) return std::nullopt;
  return Change{NamesOf(*window.frame, change->first, change->second), *change};
}

void CorrelationMonitor::Settle(const std::optional<Change>& change) {
  if (change) detector_.Settle(change->high() < kClearEffect);
}

void CorrelationMonitor::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Byte(static_cast<std::uint8_t>((scatter_ ? 1 : 0) | (known_ ? 2 : 0)));
  detector_.Encode(out);
  out.Double(min_effect_);
  out.Text(fired_.first);
  out.Text(fired_.second);
  if (!scatter_) return;
  scatter_->Encode(out);
  for (const auto& [names, direction] : learnt_) {
    out.Text(names.first);
    out.Text(names.second);
    out.Varint(direction);
  }
}

CorrelationMonitor CorrelationMonitor::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "correlation monitor");
  CorrelationMonitor monitor;
  const std::uint8_t has = in.Byte();
  monitor.known_ = (has & 2) != 0;
  monitor.detector_ = StepDetector::Decode(in);
  monitor.min_effect_ = in.Double();
  monitor.fired_.first = in.Text();
  monitor.fired_.second = in.Text();
  if ((has & 1) == 0) return monitor;
  monitor.scatter_ = DesignEffect::Decode(in);
  const std::size_t directions = monitor.scatter_->directions();
  for (std::size_t left = directions; left > 0; --left) {
    FeaturePair names;
    names.first = in.Text();
    names.second = in.Text();
    const std::uint64_t direction = in.Varint();
    if (direction >= directions) throw detectors::DecodeError("correlation monitor: a pair without a direction");
    monitor.learnt_.emplace(std::move(names), direction);
  }
  return monitor;
}

}  // namespace monitor
