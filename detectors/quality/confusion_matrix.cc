#include "detectors/quality/confusion_matrix.h"

#include <algorithm>

namespace detectors {
namespace {

bool Counts(const ClassificationCounts::Cell& cell) { return cell.label != kNone && cell.predicted != kNone; }

}  // namespace

std::uint64_t ConfusionMatrix::labelled(std::size_t label) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < size(); ++i) sum += at(label, i);
  return sum;
}

std::uint64_t ConfusionMatrix::predicted(std::size_t predicted) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < size(); ++i) sum += at(i, predicted);
  return sum;
}

ConfusionMatrix Confusion(const ClassificationCounts& counts) {
  const std::vector<ClassificationCounts::Cell> cells = counts.Cells();
  ConfusionMatrix matrix;
  for (const auto& cell : cells) {
    if (Counts(cell)) matrix.classes.insert(matrix.classes.end(), {cell.label, cell.predicted});
  }
  std::ranges::sort(matrix.classes);
  const auto repeated = std::ranges::unique(matrix.classes);
  matrix.classes.erase(repeated.begin(), repeated.end());
  matrix.counts.resize(matrix.size() * matrix.size());
  const auto place = [&](std::uint16_t code) {
    return static_cast<std::size_t>(std::ranges::lower_bound(matrix.classes, code) - matrix.classes.begin());
  };
  for (const auto& cell : cells) {
    if (!Counts(cell)) continue;
    matrix.counts[place(cell.label) * matrix.size() + place(cell.predicted)] += cell.count;
    matrix.total += cell.count;
  }
  return matrix;
}

BinaryConfusion Confusion(const ClassificationCounts& counts, std::uint16_t positive) {
  BinaryConfusion matrix;
  counts.ForEach([&](const ClassificationCounts::Cell& cell) {
    if (!Counts(cell)) return;
    std::uint64_t& right = cell.label == positive ? matrix.true_positive : matrix.true_negative;
    std::uint64_t& wrong = cell.label == positive ? matrix.false_negative : matrix.false_positive;
    ((cell.label == positive) == (cell.predicted == positive) ? right : wrong) += cell.count;
  });
  return matrix;
}

}  // namespace detectors
