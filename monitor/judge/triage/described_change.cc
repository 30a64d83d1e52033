#include "monitor/judge/triage/described_change.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "monitor/judge/triage/change_shape.h"

namespace monitor {
namespace {

constexpr std::uint64_t kEnough = 100;  // values of the newest step that are looked at alone

std::optional<double> Finite(double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; }

// The step in which a change began holds what came before it too, so the newest one is asked first.
const detectors::FeatureSummary& Clearest(const CountsSince& counts) {
  return counts.newest.values() >= kEnough ? counts.newest : counts.all;
}

DescribedChange Describe(const baselines::ProfileColumn& base, const CountsSince& counts, bool is_feature) {
  DescribedChange described;
  described.distances = detectors::Compare(base.summary, counts.all);
  described.values = counts.all.values();
  if (is_feature) {
    described.change = NameChange(base, Clearest(counts));
    if (!alerts::IsFault(described.change.kind)) described.change = NameChange(base, counts.all);
  }
  described.change.where = WhereChanged(base.summary, counts.all);
  const detectors::Estimate &effect = described.distances.effect, &psi = described.distances.psi;
  if (effect.ok()) {
    described.change.effect_low = Finite(effect.low);
    described.change.effect_high = Finite(effect.high);
  }
  if (psi.ok()) {
    described.change.psi = std::max(0.0, psi.value - psi.bias);
    described.change.psi_low = Finite(psi.low);
  }
  return described;
}

}  // namespace

alerts::Change DescribeRate(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live,
                            Quantity quantity, const detectors::Estimate& effect, std::uint32_t steps) {
  alerts::Change change;
  if (quantity == Quantity::kUnseen) {
    change = NameChange(base, live);
    if (change.kind != alerts::ChangeKind::kRenamed) change.kind = alerts::ChangeKind::kNewCategory;
  } else if (quantity == Quantity::kTypeFaults) {
    change.kind = alerts::ChangeKind::kTypes;
  }
  change.steps = steps;
  if (effect.ok()) {
    change.effect_low = Finite(effect.low);
    change.effect_high = Finite(effect.high);
  }
  return change;
}

std::map<std::size_t, DescribedChange> DescribeChanges(const Frame& frame, const ColumnsSince& since) {
  std::map<std::size_t, DescribedChange> described;
  for (const auto& [column, counts] : since)
    described[column] = Describe(frame.column(column), counts, column < frame.features());
  if (since.size() > kMostSwapSuspects) return described;
  for (auto a = since.begin(); a != since.end(); ++a) {
    for (auto b = std::next(a); b != since.end(); ++b) {
      if (b->first >= frame.features() ||
          !Swapped({&frame.column(a->first), &Clearest(a->second)}, {&frame.column(b->first), &Clearest(b->second)}))
        continue;
      for (const auto& [own, other] : {std::pair{a->first, b->first}, {b->first, a->first}}) {
        alerts::Change& change = described[own].change;
        change.kind = alerts::ChangeKind::kSwapped;
        change.name = frame.column(other).name;
        change.clues = "the values of `" + frame.column(own).name + "` are distributed as those of `" + change.name +
                       "` in training, and the other way round";
      }
    }
  }
  return described;
}

}  // namespace monitor
