#include "monitor/judge/evidence/change_watch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "detectors/distances/distance.h"
#include "monitor/judge/evidence/evidence_account.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::int64_t kSecondNs = 1'000'000'000;

double ShareOf(const detectors::Tally& tally) {
  return static_cast<double>(tally.events) / static_cast<double>(std::max<std::uint64_t>(1, tally.records));
}

// How far a summary lies from training, in a unit of the quantity's own.
double DistanceOf(const detectors::FeatureSummary& baseline, const detectors::FeatureSummary& live, Quantity quantity) {
  if (quantity == Quantity::kDistribution) {
    const detectors::Estimate effect = detectors::Compare(baseline, live).effect;
    return effect.ok() ? effect.value : 0;
  }
  const std::vector<detectors::Tally> before = TalliesOf(baseline, quantity), now = TalliesOf(live, quantity);
  double distance = 0;
  for (std::size_t i = 0; i < now.size(); ++i) distance += std::abs(ShareOf(now[i]) - ShareOf(before[i]));
  return distance;
}

}  // namespace

std::uint32_t StepNumber(std::int64_t start_ns) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(start_ns / kSecondNs, 0, std::numeric_limits<std::uint32_t>::max()));
}

const ChangeWatch::Prepared* ChangeWatch::PlanOf(const EvidencePart& part, const Input& input) {
  if (part.live == nullptr || !part.live->ready()) return nullptr;
  Prepared& prepared = plans_[*part.digest];
  const SeasonOfStep season{part.seasons, input.start_ns, input.step_ns};
  const auto effect = [&] {
    return input.scatter->Largest(prepared.step_records) * (season.known() ? 1 : prepared.scale);
  };
  if (prepared.plan == nullptr || prepared.until_ns != part.live->until_ns()) {
    auto weighted = part.live->Sum(part.baseline->shared_shape());
    const double records = static_cast<double>(weighted->sum.records()) / weighted->scale;
    prepared.until_ns = part.live->until_ns();
    prepared.step_records = static_cast<std::uint64_t>(records / weighted->steps);
    prepared.scale = weighted->scale;
    prepared.plan = nullptr;
    AddContrast(weighted->sum, *part.baseline);
    prepared.live = std::make_shared<const detectors::FeatureSummary>(std::move(weighted->sum));
  }
  // The design effect changes only when a block of steps is complete.
  if (prepared.plan == nullptr || prepared.min_effect != input.min_effect || prepared.design_effect != effect() ||
      prepared.season != season.OfWeek() || prepared.slots != input.slots->size()) {
    prepared.slots = input.slots->size();
    prepared.min_effect = input.min_effect;
    prepared.design_effect = effect();
    prepared.season = season.OfWeek();
    prepared.reference = season.known() ? std::make_shared<const detectors::FeatureSummary>(SeasonalReference(
                                              *part.baseline, season, prepared.live.get(), prepared.scale))
                                        : prepared.live;
    const detectors::DeadBand band{.min_effect = input.min_effect, .baseline_design_effect = prepared.design_effect};
    prepared.plan =
        std::make_shared<const EvidencePlan>(*part.baseline, *prepared.reference, quantity_, band, *input.slots);
  }
  return prepared.plan->usable() ? &prepared : nullptr;
}

bool ChangeWatch::AddStep(const Input& input) {
  std::erase_if(plans_, [&](const auto& entry) {
    return std::ranges::none_of(input.parts, [&](const EvidencePart& part) { return *part.digest == entry.first; });
  });
  std::vector<AccountedPart> parts;
  std::vector<const EvidencePart*> sources;
  std::vector<const Prepared*> plans;
  std::uint64_t records = 0;
  for (const EvidencePart& part : input.parts) {
    const Prepared* const prepared = PlanOf(part, input);
    const std::uint64_t of_part = prepared == nullptr ? 0 : prepared->plan->Means(*part.step).records;
    if (of_part == 0) continue;
    records += of_part;
    sources.push_back(&part);
    plans.push_back(prepared);
    parts.push_back({*part.digest, prepared->plan.get(), prepared->reference.get(), part.step});
  }
  if (records == 0) return false;
  const std::size_t components = plans.front()->plan->weights().size();
  if (!detector_ || detector_->components() > components) detector_.emplace(components);
  detector_->Grow(components);
  std::vector<double> effects, log_e(components);
  std::vector<float> weights(components);
  for (std::size_t d = 0; d < input.scatter->directions(); ++d) effects.push_back(input.scatter->Value(d, records));
  for (const AccountedPart& part : parts) {
    part.plan->Accumulate(*part.step, effects, log_e);
    const auto of_plan = part.plan->weights();
    for (std::size_t j = 0; j < components; ++j) weights[j] += of_plan[j] / static_cast<float>(parts.size());
  }
  const detectors::EvidenceStep step =
      detector_->Update(StepNumber(input.start_ns), records, log_e, weights, input.threshold);
  evidence_ = step.evidence;
  path_.Add({input.start_ns, records, step.evidence});
  if (!step.alarm) return false;
  Note(step, *sources.front(), *plans.front());
  account_ = AccountOf({.compared_with = "live",
                        .compared_until_ns = sources.front()->live->until_ns(),
                        .budget = input.budget,
                        .step_ns = input.step_ns,
                        .threshold = input.threshold,
                        .alarm = step,
                        .weight = static_cast<double>(weights[step.component]),
                        .words = words_,
                        .min_effect = input.min_effect,
                        .reference_design_effect = plans.front()->design_effect,
                        .design_effects = effects,
                        .parts = parts,
                        .path = &path_})
                 .dump();
  path_.Clear();
  plans_.clear();
  return true;
}

void ChangeWatch::Note(const detectors::EvidenceStep& alarm, const EvidencePart& part, const Prepared& prepared) {
  changed_ns_ = static_cast<std::int64_t>(alarm.began) * kSecondNs;
  words_ = prepared.plan->Words(alarm.component, *part.baseline);
  const double before = DistanceOf(*part.baseline, *prepared.reference, quantity_);
  toward_training_ = DistanceOf(*part.baseline, *part.step, quantity_) < before / 2;
  changes_ += toward_training_ ? 0 : 1;
}

void ChangeWatch::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Byte(static_cast<std::uint8_t>((detector_ ? 1 : 0) | (toward_training_ ? 2 : 0)));
  if (detector_) detector_->Encode(out);
  out.Double(evidence_);
  out.Varint(changes_);
  out.Signed(changed_ns_);
  out.Text(words_);
  out.Text(account_);
  path_.Encode(out);
}

ChangeWatch ChangeWatch::Decode(detectors::Decoder& in, Quantity quantity) {
  in.Version(kVersion, "watch for further changes");
  ChangeWatch watch(quantity);
  const std::uint8_t has = in.Byte();
  watch.toward_training_ = (has & 2) != 0;
  if ((has & 1) != 0) watch.detector_ = detectors::ShiryaevRoberts::Decode(in);
  watch.evidence_ = in.Double();
  watch.changes_ = static_cast<std::uint32_t>(in.Count(std::numeric_limits<std::uint32_t>::max()));
  watch.changed_ns_ = in.Signed();
  watch.words_ = in.Text();
  watch.account_ = in.Text();
  watch.path_ = EvidencePath::Decode(in);
  return watch;
}

}  // namespace monitor
