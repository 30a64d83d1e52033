#include "baselines/build/step_ladders.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "detectors/evidence/numeric_plan.h"

namespace baselines {
namespace {

using detectors::NumericPlan;
using detectors::StepLadder;

// What one row of each cell adds to each direction, cell by cell.
struct CellScores {
  std::size_t directions = 0;
  std::vector<double> scores;
};

CellScores NumberScores(std::span<const std::uint64_t> totals) {
  const NumericPlan plan(totals, {});
  CellScores result{NumericPlan::kScores, {}};
  std::vector<std::uint64_t> one(totals.size());
  for (std::size_t cell = 0; cell < totals.size(); ++cell) {
    one[cell] = 1;
    const auto means = plan.Scores(one).means;
    result.scores.insert(result.scores.end(), means.begin(), means.end());
    one[cell] = 0;
  }
  return result;
}

CellScores NameScores(std::size_t cells) {
  CellScores result{cells, std::vector<double>(cells * cells)};
  for (std::size_t cell = 0; cell < cells; ++cell) result.scores[cell * cells + cell] = 1;
  return result;
}

// `cells`: per slot; a row of cell i brings `rows.scores` of i.
SlotScores Scores(const TimeTable& table, const std::vector<std::vector<std::uint64_t>>& cells,
                  const CellScores& rows) {
  SlotScores result;
  result.first_s = table.start_s(0);
  result.slot_s = table.slot_s();
  result.directions = rows.directions;
  const std::size_t directions = rows.directions;
  std::vector<double> mean(directions), square(directions);
  double all = 0;
  for (const auto& slot : cells) {
    double records = 0;
    std::vector<double> sums(directions);
    for (std::size_t cell = 0; cell < slot.size(); ++cell) {
      if (slot[cell] == 0) continue;
      const auto count = static_cast<double>(slot[cell]);
      records += count;
      for (std::size_t d = 0; d < directions; ++d) {
        const double score = rows.scores[cell * directions + d];
        sums[d] += count * score;
        square[d] += count * score * score;
      }
    }
    for (std::size_t d = 0; d < directions; ++d) mean[d] += sums[d];
    all += records;
    result.records.push_back(records);
    result.sums.insert(result.sums.end(), sums.begin(), sums.end());
  }
  for (std::size_t d = 0; d < directions; ++d) {
    mean[d] /= std::max(all, 1.0);
    result.variances.push_back(std::max(0.0, square[d] / std::max(all, 1.0) - mean[d] * mean[d]));
    for (std::size_t slot = 0; slot < cells.size(); ++slot)
      result.sums[slot * directions + d] -= result.records[slot] * mean[d];
  }
  return result;
}

std::vector<std::vector<std::uint64_t>> CellsOf(const TimeTable& table, std::size_t column) {
  std::vector<std::vector<std::uint64_t>> cells(table.slots());
  for (std::size_t slot = 0; slot < cells.size(); ++slot) {
    cells[slot].resize(table.columns()[column].cells() + 1);
    table.AddTo(slot, column, cells[slot]);
  }
  return cells;
}

std::optional<StepLadder::Rung> RungOf(const SlotScores& scores, std::int64_t step_s) {
  StepLadder::Rung rung{step_s, 0, 0, {}};
  std::vector<double> squares(scores.directions), sums(scores.directions);
  double records = 0;
  // Blocks that the data begin or end in are no whole ones: a week of two days is unlike any other.
  const std::int64_t end_s = scores.first_s + static_cast<std::int64_t>(scores.records.size()) * scores.slot_s;
  const auto close = [&](std::int64_t block_s) {
    if (records > 0 && block_s >= scores.first_s && block_s + step_s <= end_s) {
      ++rung.blocks;
      rung.records += records;
      for (std::size_t d = 0; d < sums.size(); ++d) squares[d] += sums[d] * sums[d] / records;
    }
    records = 0;
    std::ranges::fill(sums, 0.0);
  };
  for (std::size_t slot = 0; slot < scores.records.size(); ++slot) {
    const std::int64_t start_s = scores.first_s + static_cast<std::int64_t>(slot) * scores.slot_s;
    if (slot > 0 && start_s % step_s == 0) close(start_s - step_s);
    records += scores.records[slot];
    for (std::size_t d = 0; d < sums.size(); ++d) sums[d] += scores.sums[slot * scores.directions + d];
  }
  close((end_s - 1) / step_s * step_s);
  if (rung.blocks < StepLadder::kLeastBlocks) return std::nullopt;
  rung.records /= rung.blocks;
  for (std::size_t d = 0; d < squares.size(); ++d) {
    const double variance = scores.variances[d];
    rung.effects.push_back(variance > 0 ? static_cast<float>(squares[d] / (rung.blocks - 1) / variance) : 1.0F);
  }
  return rung;
}

}  // namespace

SlotScores ValueScores(const TimeTable& table, std::size_t column) {
  auto cells = CellsOf(table, column);
  std::vector<std::uint64_t> totals(table.columns()[column].cells());
  for (auto& slot : cells) {
    slot.pop_back();  // missing values
    for (std::size_t cell = 0; cell < totals.size(); ++cell) totals[cell] += slot[cell];
  }
  return Scores(table, cells, table.columns()[column].numeric ? NumberScores(totals) : NameScores(totals.size()));
}

SlotScores MissingScores(const TimeTable& table, std::size_t column) {
  auto cells = CellsOf(table, column);
  for (auto& slot : cells) slot = {std::accumulate(slot.begin(), slot.end() - 1, std::uint64_t{0}), slot.back()};
  return Scores(table, cells, {1, {0, 1}});
}

StepLadder LadderOf(const SlotScores& scores) {
  std::vector<StepLadder::Rung> rungs;
  for (const std::int64_t step_s : StepLadder::kSteps) {
    if (step_s < scores.slot_s) continue;
    if (auto rung = RungOf(scores, step_s)) rungs.push_back(*std::move(rung));
  }
  return StepLadder(std::move(rungs));
}

}  // namespace baselines
