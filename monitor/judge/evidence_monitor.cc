#include "monitor/judge/evidence_monitor.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "detectors/evidence/detection_delay.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 2;  // 1 had no first step
constexpr std::uint32_t kClearSteps = 3;
constexpr double kLeastVariance = 1e-9;
constexpr std::int64_t kSecondNs = 1'000'000'000;

// Steps are numbered by the second that they begin in: in rising order also where their length changes.
std::uint32_t NumberOf(std::int64_t start_ns) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(start_ns / kSecondNs, 0, std::numeric_limits<std::uint32_t>::max()));
}

// The band in standard-deviation equivalents of a shift, whose first score has the slope 1/√π.
double BandOf(const detectors::DeadBand& dead_band, double rows) {
  return dead_band.OfScore(1, rows) * std::sqrt(std::numbers::pi);
}

double RowsOf(const EvidencePart& part, Quantity quantity) {
  return static_cast<double>(quantity == Quantity::kMissing || quantity == Quantity::kTypeFaults
                                 ? part.baseline->records()
                                 : part.baseline->values());
}

// A step of a week holds every season.
bool Seasonal(const EvidencePart& part, const EvidenceInput& input) {
  return part.seasons != nullptr && input.step_ns < detectors::Seasons::kWeekSeconds * kSecondNs;
}

}  // namespace

// Changes only when a block of steps is complete.
double EvidenceMonitor::BaselineEffect(const EvidencePart& part, const EvidenceInput& input) const {
  if (Seasonal(part, input)) return part.ladder->OfSeason(input.step_ns / kSecondNs);
  if (part.ladder->known()) return part.ladder->OfBaseline();
  const double live = scatter_ ? scatter_->Largest(0) : 0;
  return std::max(detectors::DeadBand::kUnknownDesignEffect, live);
}

const EvidencePlan& EvidenceMonitor::PlanOf(const EvidencePart& part, const EvidenceInput& input) {
  const double design_effect = BaselineEffect(part, input);
  const double min_effect = input.min_effect;
  const std::int64_t start_s = input.start_ns / kSecondNs;
  const std::int64_t season = Seasonal(part, input) ? start_s % detectors::Seasons::kWeekSeconds : kNoSeason;
  Prepared& prepared = plans_[*part.digest];
  if (prepared.plan == nullptr || prepared.design_effect != design_effect || prepared.min_effect != min_effect ||
      prepared.season != season) {
    const detectors::DeadBand band{.min_effect = min_effect, .baseline_design_effect = design_effect};
    prepared = {design_effect, min_effect, season, nullptr};
    if (season == kNoSeason) {
      prepared.plan = std::make_shared<const EvidencePlan>(*part.baseline, quantity_, band);
    } else {
      const auto reference =
          part.seasons->Reference(part.baseline->bins(), start_s, start_s + input.step_ns / kSecondNs);
      prepared.plan = std::make_shared<const EvidencePlan>(reference, band);
    }
  }
  return *prepared.plan;
}

// Training tells of days as well: what lasts for a night or a weekend is in the design effect, so that evidence need
// not wait for a whole week.
bool EvidenceMonitor::TellsOfDays(const EvidenceInput& input) {
  constexpr std::int64_t kDay = 86'400;
  const std::int64_t step_s = std::max(kDay, input.step_ns / kSecondNs);
  return std::ranges::all_of(input.parts, [&](const EvidencePart& part) { return part.ladder->Covers(step_s); });
}

void EvidenceMonitor::RaiseEffects(const EvidencePart& part, const EvidencePlan& plan, double records,
                                   const EvidenceInput& input, std::span<double> effects) const {
  const auto directions = plan.directions();
  for (std::size_t d = 0; d < effects.size(); ++d) {
    const detectors::StepLadder::Question question{.step_s = input.step_ns / kSecondNs,
                                                   .records = records,
                                                   .events = directions[d].events,
                                                   .min_effect = input.min_effect};
    effects[d] =
        std::max(effects[d], detectors::StepEffect(*part.ladder, plan.LadderDirection(d), question, *scatter_, d));
  }
}

void EvidenceMonitor::AddStep(const EvidenceInput& input) {
  alarmed_ = false;
  ++idle_steps_;
  std::erase_if(plans_, [&](const auto& entry) {
    return std::ranges::none_of(input.parts, [&](const EvidencePart& part) { return *part.digest == entry.first; });
  });
  if (!scatter_ && !input.parts.empty()) {
    const EvidencePlan first(*input.parts.front().baseline, quantity_, {.min_effect = input.min_effect});
    if (!first.usable()) return;
    std::vector<detectors::DesignEffect::Direction> directions = first.directions();
    for (auto& direction : directions) {
      direction.variance = std::max(direction.variance, kLeastVariance);
      variances_.push_back(direction.variance);
    }
    scatter_.emplace(std::move(directions));
  }
  std::vector<const EvidencePart*> parts;
  std::vector<const EvidencePlan*> plans;
  std::vector<EvidencePlan::StepMeans> means;
  std::uint64_t records = 0;
  for (const EvidencePart& part : input.parts) {
    const EvidencePlan& plan = PlanOf(part, input);
    if (!plan.usable()) continue;
    EvidencePlan::StepMeans of_part = plan.Means(*part.step);
    if (of_part.records == 0) continue;
    records += of_part.records;
    parts.push_back(&part);
    plans.push_back(&plan);
    means.push_back(std::move(of_part));
  }
  if (records == 0) return;
  idle_steps_ = 0;
  ++steps_;
  records_ += records;

  std::vector<double> effects(variances_.size(), 1.0);
  for (std::size_t i = 0; i < parts.size(); ++i)
    RaiseEffects(*parts[i], *plans[i], static_cast<double>(records), input, effects);
  covered_ = TellsOfDays(input);
  const std::size_t components = plans.front()->weights().size();
  if (!detector_) detector_.emplace(components);
  std::vector<double> log_e(components);
  std::vector<float> weights(components);
  double rows = RowsOf(*parts.front(), quantity_);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    plans[i]->Accumulate(*parts[i]->step, effects, log_e);
    const auto of_plan = plans[i]->weights();
    for (std::size_t j = 0; j < components; ++j) weights[j] += of_plan[j] / static_cast<float>(parts.size());
    rows = std::min(rows, RowsOf(*parts[i], quantity_));
  }
  if (!input.learn_only || covered_) {
    if (first_ns_ == kUnknown) first_ns_ = static_cast<std::int64_t>(NumberOf(input.start_ns)) * kSecondNs;
    const detectors::EvidenceStep step =
        detector_->Update(NumberOf(input.start_ns), records, log_e, weights, input.threshold);
    evidence_ = step.evidence;
    if (step.alarm) Fire(step, *plans.front(), *parts.front()->baseline);
  }
  const detectors::DeadBand band{.min_effect = input.min_effect,
                                 .baseline_design_effect = BaselineEffect(*parts.front(), input)};
  needed_steps_ =
      detectors::DetectionDelay({.effect = kWarningEffect,
                                 .band = BandOf(band, rows),
                                 .records_per_step = static_cast<double>(records_) / static_cast<double>(steps_),
                                 .design_effect = effects.front(),
                                 .threshold = input.threshold,
                                 .components = static_cast<double>(components)});
  Learn(means, plans, records);
}

void EvidenceMonitor::Learn(std::span<const EvidencePlan::StepMeans> means, std::span<const EvidencePlan* const> plans,
                            std::uint64_t records) {
  std::vector<double> together(variances_.size());
  for (std::size_t i = 0; i < means.size(); ++i) {
    const auto directions = plans[i]->directions();
    const double share = static_cast<double>(means[i].records) / static_cast<double>(records);
    for (std::size_t d = 0; d < together.size(); ++d) {
      together[d] +=
          share * means[i].means[d] * std::sqrt(variances_[d] / std::max(directions[d].variance, kLeastVariance));
    }
  }
  scatter_->Add(records, together);
}

void EvidenceMonitor::Fire(const detectors::EvidenceStep& step, const EvidencePlan& plan,
                           const detectors::FeatureSummary& baseline) {
  alarmed_ = true;
  clear_steps_ = 0;
  if (firing_) return;
  firing_ = true;
  fired_evidence_ = step.evidence;
  began_ns_ = static_cast<std::int64_t>(step.began) * kSecondNs;
  took_ = std::max<std::uint32_t>(1, step.steps);
  words_ = plan.Words(step.component, baseline);
}

void EvidenceMonitor::Settle(const std::optional<double>& effect_high) {
  if (!firing_ || alarmed_ || !effect_high) return;
  clear_steps_ = *effect_high < kClearEffect ? clear_steps_ + 1 : 0;
  if (clear_steps_ < std::max(kClearSteps, took_)) return;
  firing_ = false;
  clear_steps_ = 0;
  detector_->Reset();
  evidence_ = 0;
}

void EvidenceMonitor::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Byte(
      static_cast<std::uint8_t>((scatter_ ? 1 : 0) | (detector_ ? 2 : 0) | (firing_ ? 4 : 0) | (covered_ ? 8 : 0)));
  if (scatter_) {
    scatter_->Encode(out);
    out.Varint(variances_.size());
    for (const double variance : variances_) out.Double(variance);
  }
  if (detector_) detector_->Encode(out);
  out.Double(evidence_);
  out.Varint(steps_);
  out.Varint(records_);
  out.Double(needed_steps_);
  out.Signed(first_ns_);
  out.Varint(idle_steps_);
  out.Double(fired_evidence_);
  out.Signed(began_ns_);
  out.Varint(took_);
  out.Varint(clear_steps_);
  out.Text(words_);
}

EvidenceMonitor EvidenceMonitor::Decode(detectors::Decoder& in, Quantity quantity) {
  const std::uint8_t version = in.Byte();
  if (version == 0 || version > kVersion)
    throw detectors::DecodeError("evidence of a monitor: version " + std::to_string(version));
  EvidenceMonitor monitor(quantity);
  const std::uint8_t has = in.Byte();
  monitor.firing_ = (has & 4) != 0;
  monitor.covered_ = (has & 8) != 0;
  if ((has & 1) != 0) {
    monitor.scatter_ = detectors::DesignEffect::Decode(in);
    for (std::size_t left = in.Count(detectors::DesignEffect::kMaxDirections); left > 0; --left)
      monitor.variances_.push_back(in.Double());
    if (monitor.variances_.size() != monitor.scatter_->directions())
      throw detectors::DecodeError("evidence of a monitor: different numbers of directions");
  }
  if ((has & 2) != 0) monitor.detector_ = detectors::ShiryaevRoberts::Decode(in);
  monitor.evidence_ = in.Double();
  monitor.steps_ = in.Varint();
  monitor.records_ = in.Varint();
  monitor.needed_steps_ = in.Double();
  if (version > 1) monitor.first_ns_ = in.Signed();
  monitor.idle_steps_ = in.Varint();
  monitor.fired_evidence_ = in.Double();
  monitor.began_ns_ = in.Signed();
  monitor.took_ = static_cast<std::uint32_t>(in.Varint());
  monitor.clear_steps_ = static_cast<std::uint32_t>(in.Varint());
  monitor.words_ = in.Text();
  return monitor;
}

}  // namespace monitor
