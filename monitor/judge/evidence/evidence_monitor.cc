#include "monitor/judge/evidence/evidence_monitor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "detectors/evidence/detection_delay.h"
#include "monitor/judge/evidence/evidence_account.h"

namespace monitor {
namespace {

constexpr std::uint32_t kClearSteps = 3;
constexpr double kLeastVariance = 1e-9;
constexpr std::int64_t kSecondNs = 1'000'000'000;

// The band in standard-deviation equivalents of a shift, whose first score has the slope 1/√π.
double BandOf(const detectors::DeadBand& dead_band, double rows) {
  return dead_band.OfScore(1, rows) * std::sqrt(std::numbers::pi);
}

double RowsOf(const detectors::FeatureSummary& reference, Quantity quantity) {
  return static_cast<double>(quantity == Quantity::kMissing || quantity == Quantity::kTypeFaults ? reference.records()
                                                                                                 : reference.values());
}

SeasonOfStep SeasonOf(const EvidencePart& part, const EvidenceInput& input) {
  return {part.seasons, input.start_ns, input.step_ns};
}

}  // namespace

// Changes only when a block of steps is complete.
double EvidenceMonitor::BaselineEffect(const EvidencePart& part, const EvidenceInput& input) const {
  if (SeasonOf(part, input).known()) return part.ladder->OfSeason(input.step_ns / kSecondNs);
  const double live = scatter_ ? scatter_->Largest(0) : 0;
  return std::max(detectors::DeadBand::kUnknownDesignEffect, live);
}

const EvidenceMonitor::Prepared& EvidenceMonitor::PlanOf(const EvidencePart& part, const EvidenceInput& input) {
  Prepared& prepared = plans_[*part.digest];
  const LiveReference* const accepted = AcceptedOf(*part.digest);
  const std::int64_t until = accepted == nullptr ? 0 : accepted->until_ns();
  if (accepted != nullptr && (prepared.accepted == nullptr || prepared.until_ns != until)) {
    auto weighted = accepted->Sum(part.baseline->shared_shape());
    AddContrast(weighted->sum, *part.baseline);
    prepared = {};
    prepared.until_ns = until;
    prepared.scale = weighted->scale;
    prepared.accepted = std::make_shared<const detectors::FeatureSummary>(std::move(weighted->sum));
  }
  const SeasonOfStep season = SeasonOf(part, input);
  const bool scaled = prepared.accepted != nullptr && !season.known();
  const double design_effect = BaselineEffect(part, input) * (scaled ? prepared.scale : 1);
  if (prepared.plan == nullptr || prepared.design_effect != design_effect || prepared.min_effect != input.min_effect ||
      prepared.season != season.OfWeek()) {
    const detectors::DeadBand band{.min_effect = input.min_effect, .baseline_design_effect = design_effect};
    prepared.design_effect = design_effect;
    prepared.min_effect = input.min_effect;
    prepared.season = season.OfWeek();
    prepared.seasonal = season.known() ? std::make_shared<const detectors::FeatureSummary>(SeasonalReference(
                                             *part.baseline, season, prepared.accepted.get(), prepared.scale))
                                       : nullptr;
    prepared.plan = std::make_shared<const EvidencePlan>(*part.baseline, prepared.Reference(*part.baseline), quantity_,
                                                         band, slots_);
  }
  return prepared;
}

// Stays known: what was accepted, and of categories that this baseline has been met (MeetBaselines).
void EvidenceMonitor::ReleasePlans() {
  if (accepted_.empty() && slots_.size() == 0) return plans_.clear();
  for (auto& [digest, prepared] : plans_) prepared.plan.reset(), prepared.seasonal.reset();
}

// Every step is judged against its own part of the week, so that evidence need not wait for a whole one.
bool EvidenceMonitor::TellsOfDays(const EvidenceInput& input) {
  return !input.parts.empty() &&
         std::ranges::all_of(input.parts, [&](const EvidencePart& part) { return SeasonOf(part, input).known(); });
}

void EvidenceMonitor::RaiseEffects(const EvidencePart& part, const EvidencePlan& plan, double records,
                                   const EvidenceInput& input, std::span<double> effects) const {
  const auto directions = plan.directions();
  for (std::size_t d = 0; d < effects.size(); ++d) {
    if (directions[d].events == 0) {  // a category that this baseline does not know
      effects[d] = std::max(effects[d], scatter_->Value(d, static_cast<std::uint64_t>(records)));
      continue;
    }
    const detectors::StepLadder::Question question{.step_s = input.step_ns / kSecondNs,
                                                   .records = records,
                                                   .events = directions[d].events,
                                                   .min_effect = input.min_effect};
    effects[d] =
        std::max(effects[d], detectors::StepEffect(*part.ladder, plan.LadderDirection(d), question, *scatter_, d));
  }
}

void EvidenceMonitor::MeetBaselines(const EvidenceInput& input) {
  if (quantity_ != Quantity::kDistribution) return;
  const std::size_t before = slots_.size();
  for (const EvidencePart& part : input.parts) {
    if (part.baseline->kind() != detectors::FeatureKind::kCategorical || plans_.contains(*part.digest)) continue;
    if (slots_.Add(*part.baseline)) continue;
    ForgetEvidence();
    slots_ = {};
    for (const EvidencePart& present : input.parts) slots_.Add(*present.baseline);
    return;
  }
  if (slots_.size() == before) return;
  plans_.clear();
  if (!scatter_) return;
  for (const EvidencePart& part : input.parts) {
    const auto directions =
        EvidencePlan(*part.baseline, quantity_, {.min_effect = input.min_effect}, slots_).directions();
    for (std::size_t d = variances_.size(); d < directions.size() && directions[d].events > 0; ++d) {
      variances_.push_back(std::max(directions[d].variance, kLeastVariance));
      scatter_->Grow({variances_.back(), directions[d].events});
    }
  }
}

void EvidenceMonitor::AddStep(const EvidenceInput& input) {
  alarmed_ = news_ = false;
  ++idle_steps_;
  std::erase_if(plans_, [&](const auto& entry) {
    return std::ranges::none_of(input.parts, [&](const EvidencePart& part) { return *part.digest == entry.first; });
  });
  MeetBaselines(input);
  if (!scatter_ && !input.parts.empty()) {
    std::vector<detectors::DesignEffect::Direction> directions;
    for (const EvidencePart& part : input.parts) {
      const EvidencePlan plan(*part.baseline, quantity_, {.min_effect = input.min_effect}, slots_);
      if (!plan.usable()) continue;
      const auto of_plan = plan.directions();
      directions.resize(of_plan.size());
      for (std::size_t d = 0; d < of_plan.size(); ++d)
        if (directions[d].events == 0) directions[d] = of_plan[d];
    }
    if (directions.empty()) return;
    for (auto& direction : directions) {
      direction.variance = std::max(direction.variance, kLeastVariance);
      variances_.push_back(direction.variance);
    }
    scatter_.emplace(std::move(directions));
  }
  std::vector<const EvidencePart*> parts;
  std::vector<const EvidencePlan*> plans;
  std::vector<const detectors::FeatureSummary*> references;
  std::vector<EvidencePlan::StepMeans> means;
  std::uint64_t records = 0;
  double reference_effect = 1;  // the largest of the references
  for (const EvidencePart& part : input.parts) {
    const Prepared& prepared = PlanOf(part, input);
    const EvidencePlan& plan = *prepared.plan;
    if (!plan.usable()) continue;
    EvidencePlan::StepMeans of_part = plan.Means(*part.step);
    if (of_part.records == 0) continue;
    records += of_part.records;
    reference_effect = std::max(reference_effect, prepared.design_effect);
    parts.push_back(&part);
    plans.push_back(&plan);
    references.push_back(&prepared.Reference(*part.baseline));
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
  detector_->Grow(components);
  std::vector<double> log_e(components);
  std::vector<float> weights(components);
  double rows = RowsOf(*references.front(), quantity_);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    plans[i]->Accumulate(*parts[i]->step, effects, log_e);
    const auto of_plan = plans[i]->weights();
    for (std::size_t j = 0; j < components; ++j) weights[j] += of_plan[j] / static_cast<float>(parts.size());
    rows = std::min(rows, RowsOf(*references[i], quantity_));
  }
  if (!input.learn_only || covered_) {
    WatchForMore(input);
    if (first_ns_ == kUnknown) first_ns_ = static_cast<std::int64_t>(StepNumber(input.start_ns)) * kSecondNs;
    const detectors::EvidenceStep step =
        detector_->Update(StepNumber(input.start_ns), records, log_e, weights, input.threshold);
    evidence_ = step.evidence;
    path_.Add({input.start_ns, records, step.evidence});
    if (step.alarm && !firing_) {
      std::size_t found = 0;  // the first version that knows what the component speaks of
      while (found + 1 < plans.size() && plans[found]->weights()[step.component] == 0) ++found;
      Fire(step, *plans[found], *parts[found]->baseline);
      std::vector<AccountedPart> accounted;
      for (std::size_t i = 0; i < parts.size(); ++i)
        accounted.push_back({*parts[i]->digest, plans[i], references[i], parts[i]->step});
      account_ = AccountOf({.compared_with = accepted_.empty() ? "training" : "accepted",
                            .budget = input.budget,
                            .step_ns = input.step_ns,
                            .threshold = input.threshold,
                            .alarm = step,
                            .weight = static_cast<double>(weights[step.component]),
                            .words = words_,
                            .min_effect = input.min_effect,
                            .reference_design_effect = reference_effect,
                            .design_effects = effects,
                            .parts = accounted,
                            .path = &path_})
                     .dump();
    }
    if (step.alarm) {
      path_.Clear();
      alarmed_ = true;
      clear_steps_ = 0;
    }
  }
  for (auto& [digest, accepted] : accepted_) {
    const auto of = std::ranges::find_if(parts, [&](const EvidencePart* part) { return *part->digest == digest; });
    if (of != parts.end() && !firing_ && !accepted.full())
      accepted.Add(input.start_ns, input.start_ns + input.step_ns, input.cover_ns, *(*of)->step);
  }
  const detectors::DeadBand band{.min_effect = input.min_effect, .baseline_design_effect = reference_effect};
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
          directions[d].events > 0
              ? share * means[i].means[d] * std::sqrt(variances_[d] / std::max(directions[d].variance, kLeastVariance))
              : std::numeric_limits<double>::quiet_NaN();
    }
  }
  scatter_->Add(records, together);
}

void EvidenceMonitor::WatchForMore(const EvidenceInput& input) {
  if (!firing_) return;
  if (change_.empty()) change_.emplace_back(quantity_);
  news_ = change_.front().AddStep({.start_ns = input.start_ns,
                                   .step_ns = input.step_ns,
                                   .parts = input.parts,
                                   .scatter = &*scatter_,
                                   .slots = &slots_,
                                   .min_effect = input.min_effect,
                                   .budget = input.budget,
                                   .threshold = input.threshold});
}

void EvidenceMonitor::Fire(const detectors::EvidenceStep& step, const EvidencePlan& plan,
                           const detectors::FeatureSummary& baseline) {
  firing_ = news_ = true;
  fired_evidence_ = step.evidence;
  began_ns_ = static_cast<std::int64_t>(step.began) * kSecondNs;
  took_ = std::max<std::uint32_t>(1, step.steps);
  words_ = plan.Words(step.component, baseline);
}

void EvidenceMonitor::Settle(const std::optional<double>& effect_high) {
  if (!firing_ || alarmed_ || !effect_high) return;
  clear_steps_ = *effect_high < kClearEffect ? clear_steps_ + 1 : 0;
  if (clear_steps_ < std::max(kClearSteps, took_)) return;
  StartAnew();
}

void EvidenceMonitor::StartAnew() {
  firing_ = false;
  clear_steps_ = 0;
  if (detector_) detector_->Reset();
  evidence_ = 0;
  change_.clear();
  path_.Clear();
}

void EvidenceMonitor::ForgetEvidence() {
  detector_.reset();
  scatter_.reset();
  variances_.clear();
  change_.clear();
  plans_.clear();
  path_.Clear();
  evidence_ = 0;
}

bool EvidenceMonitor::Accept(const std::map<std::string, const LiveReference*>& live) {
  bool any = false;
  for (const auto& [digest, reference] : live) {
    if (reference->empty()) continue;
    accepted_[digest] = *reference;
    any = true;
  }
  if (!any || !detector_) return false;
  plans_.clear();
  StartAnew();
  return true;
}

bool EvidenceMonitor::UndoAccept() {
  if (accepted_.empty()) return false;
  accepted_.clear();
  plans_.clear();
  StartAnew();
  return true;
}

std::int64_t EvidenceMonitor::accepted_since_ns() const {
  std::int64_t since = std::numeric_limits<std::int64_t>::max();
  for (const auto& [digest, reference] : accepted_) since = std::min(since, reference.since_ns());
  return since;
}

const LiveReference* EvidenceMonitor::AcceptedOf(const std::string& digest) const {
  const auto found = accepted_.find(digest);
  return found == accepted_.end() ? nullptr : &found->second;
}

}  // namespace monitor
