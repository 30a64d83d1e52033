#include "monitor/judge/triage/change_shape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "monitor/judge/triage/cell_distribution.h"
#include "monitor/judge/triage/renamed_category.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using alerts::Change;
using alerts::ChangeKind;
using detectors::FeatureKind;
using detectors::FeatureSummary;

constexpr std::uint64_t kLeastValues = 5;  // fewer have no shape
constexpr double kDifferent = 0.15;        // KS: less is no change that needs a name
constexpr double kClose = 0.06;            // KS of a shape that fits, beside the sampling noise
constexpr double kMeanFits = 0.5;          // in deviations
constexpr double kDeviationFits = 1.6;     // ratio

// x → factor·x + offset.
struct Map {
  double factor, offset;
  std::string_view name;
};
constexpr std::array<Map, 28> kUnits{{
    {1e3, 0, "×1000"},
    {1e-3, 0, "×0.001"},
    {100, 0, "×100"},
    {0.01, 0, "×0.01"},
    {1e6, 0, "×1000000"},
    {1e-6, 0, "×0.000001"},
    {1e9, 0, "×1e9"},
    {1e-9, 0, "×1e-9"},
    {10, 0, "×10"},
    {0.1, 0, "×0.1"},
    {60, 0, "×60: minutes or hours to a unit below"},
    {1.0 / 60, 0, "÷60: seconds or minutes to a unit above"},
    {3600, 0, "×3600: hours to seconds"},
    {1.0 / 3600, 0, "÷3600: seconds to hours"},
    {24, 0, "×24: days to hours"},
    {1.0 / 24, 0, "÷24: hours to days"},
    {86400, 0, "×86400: days to seconds"},
    {1.0 / 86400, 0, "÷86400: seconds to days"},
    {1.8, 32, "×1.8+32: °C to °F"},
    {1 / 1.8, -32 / 1.8, "(x−32)÷1.8: °F to °C"},
    {1, 273.15, "+273.15: °C to K"},
    {1, -273.15, "−273.15: K to °C"},
    {1.609344, 0, "×1.609: miles to kilometres"},
    {1 / 1.609344, 0, "×0.621: kilometres to miles"},
    {3.28084, 0, "×3.281: metres to feet"},
    {0.3048, 0, "×0.305: feet to metres"},
    {2.204623, 0, "×2.205: kilograms to pounds"},
    {0.45359237, 0, "×0.454: pounds to kilograms"},
}};

double Noise(const FeatureSummary& live) { return 1.36 / std::sqrt(static_cast<double>(live.values())); }

double Mapped(const Map& map, const CellDistribution& base, double x) {
  const double from = (x - map.offset) / map.factor;
  return map.factor > 0 ? base.At(from) : 1 - base.At(std::nextafter(from, -INFINITY));
}

double KsAfter(const Map& map, const CellDistribution& base, const CellDistribution& live) {
  double distance = 0;
  for (std::size_t i = 0; i < live.edges().size(); ++i)
    distance = std::max(distance, std::abs(live.AtEdge(i) - Mapped(map, base, live.edges()[i])));
  return distance;
}

// Deviation of the live mean from the mapped one in mapped deviations, plus |ln| of the ratio of the deviations.
// Infinite where either is out of bounds.
double MomentsMisfit(const Map& map, const FeatureSummary& base, const FeatureSummary& live) {
  const double deviation = std::abs(map.factor) * base.moments().standard_deviation();
  const double mean = std::abs(live.moments().mean() - map.factor * base.moments().mean() - map.offset) / deviation;
  const double ratio = std::abs(std::log(live.moments().standard_deviation() / deviation));
  const double least = 2 / std::sqrt(static_cast<double>(live.values()));
  return mean <= kMeanFits + least && ratio <= std::log(kDeviationFits) + least ? mean + ratio : INFINITY;
}

double ShareInside(const FeatureSummary& live) {
  return 1 - static_cast<double>(live.below_min() + live.above_max()) / static_cast<double>(live.values());
}

std::string Means(const FeatureSummary& base, const FeatureSummary& live) {
  return "its mean went from " + Number(base.moments().mean()) + " to " + Number(live.moments().mean());
}

std::optional<Change> Unit(const FeatureSummary& base, const FeatureSummary& live, const CellDistribution& before,
                           const CellDistribution& now, double ks) {
  const double shift = live.moments().mean() - base.moments().mean();
  const double ks_shift = KsAfter({1, shift, ""}, before, now);
  const Map* best = nullptr;
  double least = INFINITY;
  for (const Map& map : kUnits) {
    const double distance = KsAfter(map, before, now), misfit = MomentsMisfit(map, base, live);
    if (distance > kClose + Noise(live) || distance > ks / 3 || !std::isfinite(misfit)) continue;
    // A factor below 10, or an offset, may be a real change as well: it must fit better than any plain shift.
    if (map.factor < 9 && map.factor > 1 / 9.0 && distance * 2 > ks_shift) continue;
    if (distance + misfit < least) {
      least = distance + misfit;
      best = &map;
    }
  }
  if (best == nullptr) return std::nullopt;
  return Change{.kind = ChangeKind::kUnit,
                .name = std::string(best->name),
                .clues = Means(base, live) + " and its standard deviation from " +
                         Number(base.moments().standard_deviation()) + " to " +
                         Number(live.moments().standard_deviation())};
}

std::optional<Change> Flipped(const FeatureSummary& base, const FeatureSummary& live, const CellDistribution& before,
                              const CellDistribution& now, double ks) {
  constexpr Map kFlip{-1, 0, ""};
  constexpr double kOneSign = 0.9;
  const double distance = KsAfter(kFlip, before, now);
  if (distance > kClose + Noise(live) || distance > ks / 3 || !std::isfinite(MomentsMisfit(kFlip, base, live)))
    return std::nullopt;
  const double negative_before = before.At(0), negative_now = now.At(0);
  const bool turned = (negative_before <= 1 - kOneSign && negative_now >= kOneSign) ||
                      (negative_before >= kOneSign && negative_now <= 1 - kOneSign);
  if (!turned && distance * 2 > KsAfter({1, live.moments().mean() - base.moments().mean(), ""}, before, now))
    return std::nullopt;
  return Change{.kind = ChangeKind::kSignFlip,
                .clues = "its distribution is that of training with the other sign: " + Means(base, live)};
}

// Values cut to a limit pile up there; values left out beyond it leave the rest as it was, scaled up.
std::optional<Change> Clipped(const FeatureSummary& base, const FeatureSummary& live, const CellDistribution& before,
                              const CellDistribution& now, bool high_side) {
  constexpr double kLeastCut = 0.05;  // of training beyond the limit
  const double limit = high_side ? live.moments().max() : live.moments().min();
  const double beyond = high_side ? 1 - before.At(limit) : before.At(std::nextafter(limit, -INFINITY));
  if (beyond < kLeastCut || beyond > 1 - kLeastCut) return std::nullopt;
  double cut = 0, gone = 0;
  for (std::size_t i = 0; i < now.edges().size(); ++i) {
    if (high_side ? now.edges()[i] >= limit : now.edges()[i] <= limit) continue;
    const double was = high_side ? before.AtEdge(i) : 1 - before.AtEdge(i);
    const double is = high_side ? now.AtEdge(i) : 1 - now.AtEdge(i);
    cut = std::max(cut, std::abs(is - was));
    gone = std::max(gone, std::abs(is - was / (1 - beyond)));
  }
  const double misfit = std::min(cut, gone);
  if (misfit > std::min(kClose, beyond / 2) + Noise(live)) return std::nullopt;
  // Values that have really moved, or drawn together, leave an end of the range, too.
  const double scale = live.moments().standard_deviation() / base.moments().standard_deviation();
  const double mean = live.moments().mean(), mean_before = base.moments().mean();
  if (!(2 * misfit <= KsAfter({1, mean - mean_before, ""}, before, now)) ||
      !(2 * misfit <= KsAfter({scale, mean - scale * mean_before, ""}, before, now)))
    return std::nullopt;
  return Change{.kind = ChangeKind::kClipped,
                .name = std::string(high_side ? "at most " : "at least ") + Number(limit),
                .clues = "no value lies " + std::string(high_side ? "above " : "below ") + Number(limit) +
                         ", in training " + Percent(beyond) + " did; " +
                         (cut <= gone ? "they pile up at that limit" : "they are gone") + " and the rest is as before"};
}

Change OfNumbers(const FeatureSummary& base, const FeatureSummary& live) {
  const auto& moments = live.moments();
  if (base.moments().min() == base.moments().max() &&
      !(moments.min() == base.moments().min() && moments.max() == base.moments().max())) {
    return {.kind = ChangeKind::kVaries,
            .clues = "it was " + Number(base.moments().min()) + " in all of training and is now between " +
                     Number(moments.min()) + " and " + Number(moments.max())};
  }
  if (moments.min() == moments.max()) {
    return {.kind = ChangeKind::kConstant, .clues = "all values are " + Number(moments.min())};
  }
  const CellDistribution before(base), now(live);
  const double ks = KsAfter({1, 0, ""}, before, now);
  if (ks >= kDifferent || ShareInside(live) < 0.5) {
    if (auto unit = Unit(base, live, before, now, ks)) return *unit;
    if (auto flipped = Flipped(base, live, before, now, ks)) return *flipped;
  }
  if (live.values() >= 50) {
    for (const bool high_side : {true, false}) {
      if (auto clipped = Clipped(base, live, before, now, high_side)) return *clipped;
    }
  }
  return {.kind = ShareInside(live) < 0.5 ? ChangeKind::kFarOutside : ChangeKind::kMoved, .clues = Means(base, live)};
}

// Whether `live`, counted on the edges of its own baseline, is distributed as `base` of another column.
bool LooksLike(const FeatureSummary& live, const FeatureSummary& base) {
  // Cheap, and enough to tell most pairs apart.
  if (!std::isfinite(MomentsMisfit({1, 0, ""}, base, live))) return false;
  const CellDistribution now(live), other(base);
  return KsAfter({1, 0, ""}, other, now) <= kClose + Noise(live);
}

}  // namespace

Change NameChange(const baselines::ProfileColumn& base, const FeatureSummary& live) {
  if (live.values() < kLeastValues || base.summary.values() == 0) return {};
  return live.kind() == FeatureKind::kNumeric ? OfNumbers(base.summary, live) : NameOfCategories(base.summary, live);
}

bool Swapped(const ChangedColumn& a, const ChangedColumn& b) {
  if (a.base->kind() != b.base->kind() || a.live->values() < 2 * kLeastValues || b.live->values() < 2 * kLeastValues)
    return false;
  if (a.base->kind() == FeatureKind::kCategorical) return SwappedCategories(a, b);
  for (const auto& [own, other] : {std::pair{&a, &b}, {&b, &a}}) {
    if (!LooksLike(*own->live, other->base->summary)) return false;
    const CellDistribution before(own->base->summary), now(*own->live);
    if (KsAfter({1, 0, ""}, before, now) < kDifferent) return false;
  }
  return true;
}

}  // namespace monitor
