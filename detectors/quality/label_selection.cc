#include "detectors/quality/label_selection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "detectors/distances/chi_square.h"

namespace detectors {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kGroups = 10;
constexpr double kLeastExpected = 5;

struct Sides {
  double labelled = 0;
  double unlabelled = 0;

  double sum() const { return labelled + unlabelled; }
  Sides& operator+=(const Sides& other) {
    labelled += other.labelled;
    unlabelled += other.unlabelled;
    return *this;
  }
};

Sides Of(const ClassificationCounts::Cell& cell, double amount) {
  return cell.label == kNone ? Sides{.unlabelled = amount} : Sides{.labelled = amount};
}

// Σ (observed − expected)²/expected of one cell on both sides.
double Contribution(const Sides& cell, const Sides& all) {
  const double total = all.sum();
  const double a = all.labelled * cell.sum() / total;
  const double b = all.unlabelled * cell.sum() / total;
  return (cell.labelled - a) * (cell.labelled - a) / a + (cell.unlabelled - b) * (cell.unlabelled - b) / b;
}

}  // namespace

Estimate AccuracyBounds(const ClassificationCounts& counts) {
  std::uint64_t all = 0;
  std::uint64_t labelled = 0;
  std::uint64_t right = 0;
  counts.ForEach([&](const ClassificationCounts::Cell& cell) {
    if (cell.predicted == kNone) return;
    all += cell.count;
    if (cell.label == kNone) return;
    labelled += cell.count;
    const bool is_right = counts.positive() == kNone
                              ? cell.label == cell.predicted
                              : (cell.label == counts.positive()) == (cell.predicted == counts.positive());
    if (is_right) right += cell.count;
  });
  if (all == 0) return Estimate::None(NotComputable::kNoPredictions);
  if (labelled == 0) return Estimate::None(NotComputable::kNoLabels);
  const auto n = static_cast<double>(all);
  return {.value = static_cast<double>(right) / static_cast<double>(labelled),
          .low = static_cast<double>(right) / n,
          .high = static_cast<double>(right + (all - labelled)) / n};
}

LabelSelection CompareLabelled(const ClassificationCounts& counts) {
  const std::vector<ClassificationCounts::Cell> cells = counts.Cells();
  Sides all, scored, scores;
  std::map<std::uint16_t, Sides> by_class;
  for (const auto& cell : cells) {
    const Sides records = Of(cell, static_cast<double>(cell.count));
    all += records;
    if (cell.bin != kNone) {
      scored += records;
      scores += Of(cell, cell.score_sum);
    }
    if (cell.predicted != kNone) by_class[cell.predicted] += records;
  }
  if (all.labelled == 0 || all.unlabelled == 0) {
    return {.why = NotComputable::kOneSide,
            .chi_square = kNaN,
            .degrees = kNaN,
            .p_value = kNaN,
            .cramers_v = kNaN,
            .mean_score_labelled = kNaN,
            .mean_score_unlabelled = kNaN,
            .share_labelled = kNaN,
            .share_unlabelled = kNaN};
  }

  // Cells come by bin, so a running sum tells the group of each bin: where the middle of the bin lies.
  std::map<std::pair<int, std::uint16_t>, Sides> table;
  double before = 0;
  for (std::size_t i = 0; i < cells.size();) {
    std::size_t end = i;
    double in_bin = 0;
    for (; end < cells.size() && cells[end].bin == cells[i].bin; ++end) in_bin += static_cast<double>(cells[end].count);
    const bool has_score = cells[i].bin != kNone;
    const int group = has_score ? static_cast<int>((before + in_bin / 2) * kGroups / scored.sum()) : -1;
    for (; i < end; ++i) table[{group, cells[i].predicted}] += Of(cells[i], static_cast<double>(cells[i].count));
    if (has_score) before += in_bin;
  }

  LabelSelection result;
  const double least_side = std::min(all.labelled, all.unlabelled) / all.sum();
  Sides rare;
  double used = 0;
  for (const auto& [key, cell] : table) {
    if (cell.sum() * least_side < kLeastExpected) {
      rare += cell;
      continue;
    }
    result.chi_square += Contribution(cell, all);
    ++used;
  }
  if (rare.sum() > 0) {
    result.chi_square += Contribution(rare, all);
    ++used;
  }
  result.degrees = used - 1;
  result.p_value = used > 1 ? ChiSquareTail(result.chi_square, result.degrees) : 1;
  result.cramers_v = std::sqrt(result.chi_square / all.sum());
  result.mean_score_labelled = scored.labelled > 0 ? scores.labelled / scored.labelled : kNaN;
  result.mean_score_unlabelled = scored.unlabelled > 0 ? scores.unlabelled / scored.unlabelled : kNaN;

  Sides with_class;
  for (const auto& [code, records] : by_class) with_class += records;
  for (const auto& [code, records] : by_class) {
    const double labelled = with_class.labelled > 0 ? records.labelled / with_class.labelled : 0;
    const double unlabelled = with_class.unlabelled > 0 ? records.unlabelled / with_class.unlabelled : 0;
    const double largest = std::abs(result.share_labelled - result.share_unlabelled);
    if (result.predicted != kNone && std::abs(labelled - unlabelled) <= largest) continue;
    result.predicted = code;
    result.share_labelled = labelled;
    result.share_unlabelled = unlabelled;
  }
  return result;
}

}  // namespace detectors
