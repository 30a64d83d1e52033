#include "baselines/build/seasonality.h"

#include <algorithm>
#include <array>

namespace baselines {
namespace {

using detectors::Seasons;
using detectors::StepLadder;

constexpr std::int64_t kHour = 3'600;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kShortWeeks = 3;
constexpr std::array<double, 6> kShrinkages = {1'000, 300, 100, 30, 10, 3};  // rows of the whole baseline added to each
constexpr double kWorthwhile = 1.5;

std::int64_t StartOf(const SlotScores& scores, std::size_t slot) {
  return scores.first_s + static_cast<std::int64_t>(slot) * scores.slot_s;
}

// Scores less the mean of their season in the other half, shrunk by `kappa` rows.
SlotScores Residuals(const SlotScores& scores, std::size_t seasons, double kappa) {
  const std::int64_t fold_s = seasons == Seasons::kHours ? Seasons::kWeekSeconds : kDay;
  const std::size_t directions = scores.directions;
  const auto at = [&](std::size_t slot, bool other) {
    const std::int64_t start_s = StartOf(scores, slot);
    const auto half = static_cast<std::size_t>(start_s / fold_s % 2) ^ (other ? 1U : 0U);
    return half * seasons + Seasons::SeasonAt(start_s, seasons);
  };
  std::vector<double> records(2 * seasons), sums(2 * seasons * directions);
  for (std::size_t slot = 0; slot < scores.records.size(); ++slot) {
    const std::size_t season = at(slot, false);
    records[season] += scores.records[slot];
    for (std::size_t d = 0; d < directions; ++d) sums[season * directions + d] += scores.sums[slot * directions + d];
  }
  SlotScores residuals = scores;
  for (std::size_t slot = 0; slot < scores.records.size(); ++slot) {
    const std::size_t season = at(slot, true);
    for (std::size_t d = 0; d < directions; ++d) {
      residuals.sums[slot * directions + d] -=
          scores.records[slot] * sums[season * directions + d] / (records[season] + kappa);
    }
  }
  return residuals;
}

const StepLadder::Rung* HourOf(const StepLadder& ladder) {
  const auto rung = std::ranges::find(ladder.rungs(), kHour, &StepLadder::Rung::step_s);
  return rung == ladder.rungs().end() ? nullptr : &*rung;
}

struct Gain {
  double without = 1, with = 1, kappa = kShrinkages.front();
  double ratio() const { return without / with; }
};
// In the direction where it is largest.
std::optional<Gain> GainOf(const SlotScores& scores, std::size_t seasons, double kappa) {
  const StepLadder plain = LadderOf(scores), rest = LadderOf(Residuals(scores, seasons, kappa));
  const StepLadder::Rung* const before = HourOf(plain);
  const StepLadder::Rung* const after = HourOf(rest);
  if (before == nullptr || after == nullptr) return std::nullopt;
  Gain best;
  for (std::size_t d = 0; d < scores.directions; ++d) {
    const auto without = static_cast<double>(before->effects[d]), with = static_cast<double>(after->effects[d]);
    if (without * best.with > best.without * with) best = {without, with, kappa};
  }
  return best;
}

Seasons CellsOf(const TimeTable& table, std::size_t column, std::size_t seasons, double kappa) {
  const TimeTable::Column& of = table.columns()[column];
  const std::size_t cells = of.cells();
  std::vector<std::vector<std::uint64_t>> counts(seasons, std::vector<std::uint64_t>(cells + 1));
  for (std::size_t slot = 0; slot < table.slots(); ++slot)
    table.AddTo(slot, column, counts[Seasons::SeasonAt(table.start_s(slot), seasons)]);
  std::vector<double> rows(seasons), whole(cells);
  double all = 0;
  for (std::size_t season = 0; season < seasons; ++season) {
    for (std::size_t cell = 0; cell < cells; ++cell) {
      rows[season] += static_cast<double>(counts[season][cell]);
      whole[cell] += static_cast<double>(counts[season][cell]);
    }
    all += rows[season];
  }
  std::vector<float> shares;
  for (std::size_t season = 0; season < seasons; ++season) {
    for (std::size_t cell = 0; cell < cells; ++cell) {
      const double shrunk =
          (static_cast<double>(counts[season][cell]) + kappa * whole[cell] / all) / (rows[season] + kappa);
      shares.push_back(static_cast<float>(std::min(1.0, shrunk)));
    }
  }
  return Seasons({of.cuts.begin(), of.cuts.end()}, std::move(rows), std::move(shares));
}

}  // namespace

std::optional<FoundSeasons> FindSeasons(const TimeTable& table, std::size_t column, const SlotScores& scores) {
  const std::int64_t known_s = static_cast<std::int64_t>(table.slots()) * table.slot_s();
  if (!table.columns()[column].numeric || table.slot_s() > kHour || known_s < Seasons::kWeekSeconds)
    return std::nullopt;
  const std::size_t seasons = known_s >= kShortWeeks * Seasons::kWeekSeconds ? Seasons::kHours : Seasons::kDayParts;
  Gain best;
  for (const double kappa : kShrinkages) {
    const auto gain = GainOf(scores, seasons, kappa);
    if (gain && gain->ratio() > best.ratio()) best = *gain;
  }
  if (best.ratio() < kWorthwhile) return std::nullopt;
  return FoundSeasons{CellsOf(table, column, seasons, best.kappa), best.without, best.with,
                      Residuals(scores, seasons, best.kappa)};
}

void TakeTimes(const TimeTable& table, std::size_t index, ProfileColumn& column) {
  const SlotScores values = ValueScores(table, index);
  auto found = FindSeasons(table, index, values);
  column.value_steps = LadderOf(found ? found->residuals : values);
  column.missing_steps = LadderOf(MissingScores(table, index));
  if (found) column.seasons.emplace(std::move(found->cells), found->effect_without, found->effect_with);
}

}  // namespace baselines
