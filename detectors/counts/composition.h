// Composition effect: by how much the mean outcome of a model moves because a feature has other values than in training
// (Kitagawa 1955, Oaxaca 1973; STATISTICS 9).
//
// CompositionTable is the training side: of each cell of a feature the rows and the sums of what the model said and of
// how wrong it was. A cell is a coarse bin of a number, one of the kNamed most frequent categories, all other
// categories together, or the records without a value. With the live shares q of the cells, which every FeatureSummary
// has, the effect is Σ (q − p)·ȳ: what the training relation makes of the new mix. A feature that the model does not
// use has an effect near 0 however far it shifts. The table is a value type; Add is not thread-safe. Cost: Add 2 ns.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "detectors/feature_summary.h"

namespace detectors {

class CompositionTable {
 public:
  static constexpr std::size_t kNamed = 18;  // categories with a cell of their own

  struct Cell {
    std::uint64_t rows = 0;  // with an outcome
    double outcome = 0;      // Σ
    std::uint64_t labelled = 0;
    double error = 0;  // Σ over labelled rows
  };

  explicit CompositionTable(const FeatureShape& shape);

  // Cells of one value; `bin` may be Binning::kNoBin, `category` kNoValue.
  static std::size_t CellOfBin(const FeatureShape& shape, std::uint8_t bin);
  static std::size_t CellOfCategory(const FeatureShape& shape, CategoryId category);

  void Add(std::size_t cell, double outcome) {
    ++cells_[cell].rows;
    cells_[cell].outcome += outcome;
  }
  void AddError(std::size_t cell, double error) {
    ++cells_[cell].labelled;
    cells_[cell].error += error;
  }
  void Merge(const CompositionTable& other);  // of the same shape
  void Shift(double by);                      // of every outcome that was added
  const std::vector<Cell>& cells() const { return cells_; }

  void Encode(Encoder& out) const;
  static CompositionTable Decode(Decoder& in, const FeatureShape& shape);

 private:
  std::vector<Cell> cells_;
};

struct CompositionEffect {
  double outcome = 0;  // Δ of the mean, in the outcome's unit
  // Σ |q − p|·|ȳ − mean|: how much of the outcome is touched where ups and downs do not cancel. Nothing where more than
  // 1 % of the records are in cells of which training had fewer than 30 rows.
  std::optional<double> touched;
  std::optional<double> error;  // Δ of the mean error; nothing without labels in training
};
// Nothing where one of the two sides is empty.
std::optional<CompositionEffect> Composition(const CompositionTable& training, const FeatureSummary& live);

}  // namespace detectors
