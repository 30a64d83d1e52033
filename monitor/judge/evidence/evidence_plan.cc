#include "monitor/judge/evidence/evidence_plan.h"

#include <algorithm>
#include <array>

#include "baselines/build/time_table.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using detectors::CategoryPlan;
using detectors::FeatureSummary;
using detectors::NumericPlan;
using detectors::RatePlan;
using detectors::Tally;

std::variant<NumericPlan, CategoryPlan, RatePlan> Make(const FeatureSummary& baseline, const FeatureSummary& reference,
                                                       Quantity quantity, const detectors::DeadBand& dead_band,
                                                       const CategorySlots& slots) {
  if (quantity != Quantity::kDistribution) return RatePlan(TalliesOf(reference, quantity), dead_band);
  if (baseline.kind() == detectors::FeatureKind::kNumeric) return NumericPlan(reference.bins(), dead_band);
  return CategoryPlan(slots.In(baseline), reference.categories(), dead_band);
}

// The subject of "… more often".
std::string RateWords(Quantity quantity, std::size_t rate) {
  if (quantity == Quantity::kMissing) return "values are missing ";
  if (quantity == Quantity::kTypeFaults) return "values are of the wrong type ";
  if (quantity == Quantity::kUnseen) return "values unknown to training come ";
  return rate == 0 ? "values fall below the training range " : "values rise above the training range ";
}

}  // namespace

std::vector<Tally> TalliesOf(const FeatureSummary& summary, Quantity quantity) {
  switch (quantity) {
    case Quantity::kDistribution:
      return {};
    case Quantity::kMissing:
      return {{.events = summary.missing(), .records = summary.records()}};
    case Quantity::kTypeFaults:
      return {{.events = summary.type_faults(), .records = summary.records()}};
    case Quantity::kOutOfRange:
      return {{.events = summary.below_min(), .records = summary.values()},
              {.events = summary.above_max(), .records = summary.values()}};
    case Quantity::kUnseen:
      return {{.events = summary.unseen(), .records = summary.values()}};
  }
  return {};
}

EvidencePlan::EvidencePlan(const FeatureSummary& baseline, const FeatureSummary& reference, Quantity quantity,
                           const detectors::DeadBand& dead_band, const CategorySlots& slots)
    : quantity_(quantity), plan_(Make(baseline, reference, quantity, dead_band, slots)) {}

const RatePlan* EvidencePlan::rates() const {
  if (const auto* category = std::get_if<CategoryPlan>(&plan_)) return &category->rates();
  return std::get_if<RatePlan>(&plan_);
}

bool EvidencePlan::usable() const {
  const RatePlan* const of_rates = rates();
  return of_rates != nullptr ? of_rates->usable() : std::get<NumericPlan>(plan_).usable();
}

std::span<const float> EvidencePlan::weights() const {
  const RatePlan* const of_rates = rates();
  return of_rates != nullptr ? of_rates->weights() : std::get<NumericPlan>(plan_).weights();
}

std::vector<detectors::DesignEffect::Direction> EvidencePlan::directions() const {
  const RatePlan* const of_rates = rates();
  return of_rates != nullptr ? of_rates->directions() : std::get<NumericPlan>(plan_).directions();
}

std::size_t EvidencePlan::LadderDirection(std::size_t direction) const {
  const auto* category = std::get_if<CategoryPlan>(&plan_);
  if (category == nullptr) return direction;
  return std::min<std::size_t>(category->CategoryOf(direction), baselines::TimeTable::kNames);
}

std::vector<Tally> EvidencePlan::Tallies(const FeatureSummary& step) const {
  if (const auto* category = std::get_if<CategoryPlan>(&plan_)) return category->Tallies(step.categories());
  return TalliesOf(step, quantity_);
}

EvidencePlan::StepMeans EvidencePlan::Means(const FeatureSummary& step) const {
  StepMeans result;
  if (const auto* numeric = std::get_if<NumericPlan>(&plan_)) {
    const NumericPlan::StepScores scores = numeric->Scores(step.bins());
    result.records = scores.records;
    result.means.assign(scores.means.begin(), scores.means.end());
    return result;
  }
  for (const Tally& tally : Tallies(step)) {
    result.records = std::max(result.records, tally.records);
    result.means.push_back(tally.records == 0 ? 0
                                              : static_cast<double>(tally.events) / static_cast<double>(tally.records));
  }
  return result;
}

std::uint64_t EvidencePlan::Accumulate(const FeatureSummary& step, std::span<const double> design_effects,
                                       std::span<double> log_e) const {
  if (const auto* numeric = std::get_if<NumericPlan>(&plan_)) {
    return numeric->Accumulate(step.bins(), design_effects.first<NumericPlan::kScores>(), log_e);
  }
  return rates()->Accumulate(Tallies(step), design_effects, log_e);
}

std::string EvidencePlan::Words(std::size_t component, const FeatureSummary& baseline) const {
  if (const auto* numeric = std::get_if<NumericPlan>(&plan_)) {
    const NumericPlan::Meaning meaning = numeric->MeaningOf(component);
    if (meaning.degree == 1) return meaning.up ? "its values have become larger" : "its values have become smaller";
    if (meaning.degree == 2) return meaning.up ? "its values have spread" : "its values have drawn together";
    if (meaning.degree == 3) return "the shape of its distribution has changed";
    const auto edges = baseline.shape().binning.edges();
    const std::string limit =
        meaning.last_bin < edges.size() ? Number(edges[meaning.last_bin]) : "the largest known value";
    return std::string(meaning.up ? "more" : "fewer") + " values than the " + Percent(meaning.share) +
           " of training lie at or below " + limit;
  }
  const RatePlan::Meaning meaning = RatePlan::MeaningOf(component);
  const std::string more = meaning.up ? "more often" : "less often";
  const auto* category = std::get_if<CategoryPlan>(&plan_);
  if (category == nullptr) return RateWords(quantity_, meaning.rate) + more;
  const std::size_t id = category->CategoryOf(meaning.rate);
  if (id != CategoryPlan::kNoCategory)
    return "\"" + baseline.shape().dictionary.name(static_cast<detectors::CategoryId>(id)) + "\" comes " + more;
  return "rare values come " + more;
}

}  // namespace monitor
