#include "detectors/counts/composition.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint64_t kFewRows = 30;
constexpr double kMostUnknown = 0.01;  // share of records in cells with fewer rows

std::size_t ValueCells(const FeatureShape& shape) {
  if (shape.kind == FeatureKind::kNumeric) return shape.binning.coarse_bins();
  return std::min(CompositionTable::kNamed, shape.dictionary.size()) + 1;
}

// Live records by cell.
std::vector<std::uint64_t> Counts(const FeatureSummary& live) {
  const FeatureShape& shape = live.shape();
  std::vector<std::uint64_t> counts;
  if (shape.kind == FeatureKind::kNumeric) {
    counts = shape.binning.Coarse(live.bins());
  } else {
    const auto known = live.categories().known();
    const std::size_t named = ValueCells(shape) - 1;
    counts.assign(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(named));
    std::uint64_t others = live.categories().total();
    for (const std::uint64_t count : counts) others -= count;
    counts.push_back(others);
  }
  counts.push_back(live.missing() + live.type_faults());
  return counts;
}

double Mean(double sum, std::uint64_t rows) { return rows == 0 ? 0 : sum / static_cast<double>(rows); }

}  // namespace

CompositionTable::CompositionTable(const FeatureShape& shape) : cells_(ValueCells(shape) + 1) {}

std::size_t CompositionTable::CellOfBin(const FeatureShape& shape, std::uint8_t bin) {
  return bin == Binning::kNoBin ? shape.binning.coarse_bins() : shape.binning.coarse_of(bin);
}

std::size_t CompositionTable::CellOfCategory(const FeatureShape& shape, CategoryId category) {
  const std::size_t values = ValueCells(shape);
  return category == CategoryDictionary::kNoValue ? values : std::min<std::size_t>(category, values - 1);
}

void CompositionTable::Merge(const CompositionTable& other) {
  if (cells_.size() != other.cells_.size()) throw std::logic_error("composition tables of different features");
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    cells_[i].rows += other.cells_[i].rows;
    cells_[i].outcome += other.cells_[i].outcome;
    cells_[i].labelled += other.cells_[i].labelled;
    cells_[i].error += other.cells_[i].error;
  }
}

void CompositionTable::Shift(double by) {
  for (Cell& cell : cells_) cell.outcome += static_cast<double>(cell.rows) * by;
}

void CompositionTable::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(cells_.size());
  for (const Cell& cell : cells_) {
    out.Varint(cell.rows);
    out.Double(cell.outcome);
    out.Varint(cell.labelled);
    out.Double(cell.error);
  }
}

CompositionTable CompositionTable::Decode(Decoder& in, const FeatureShape& shape) {
  in.Version(kVersion, "composition table");
  CompositionTable table(shape);
  if (in.Varint() != table.cells_.size()) throw DecodeError("composition table: another number of cells");
  for (Cell& cell : table.cells_) {
    cell.rows = in.Varint();
    cell.outcome = in.Double();
    cell.labelled = in.Varint();
    cell.error = in.Double();
  }
  return table;
}

std::optional<CompositionEffect> Composition(const CompositionTable& training, const FeatureSummary& live) {
  const std::vector<std::uint64_t> counts = Counts(live);
  CompositionTable::Cell all;
  std::uint64_t records = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const CompositionTable::Cell& cell = training.cells()[i];
    all.rows += cell.rows;
    all.outcome += cell.outcome;
    all.labelled += cell.labelled;
    all.error += cell.error;
    records += counts[i];
  }
  if (all.rows == 0 || records == 0) return std::nullopt;
  const double mean = Mean(all.outcome, all.rows), mean_error = Mean(all.error, all.labelled);
  CompositionEffect effect;
  double touched = 0, error = 0, unknown = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const CompositionTable::Cell& cell = training.cells()[i];
    const double now = static_cast<double>(counts[i]) / static_cast<double>(records);
    const double change = now - static_cast<double>(cell.rows) / static_cast<double>(all.rows);
    if (cell.rows < kFewRows) unknown += now;
    // A cell that training never filled says nothing and counts as the mean.
    if (cell.rows > 0) {
      const double above = Mean(cell.outcome, cell.rows) - mean;
      effect.outcome += change * above;
      touched += std::abs(change * above);
    }
    if (cell.labelled > 0) error += change * (Mean(cell.error, cell.labelled) - mean_error);
  }
  if (unknown <= kMostUnknown) effect.touched = touched;
  if (all.labelled > 0) effect.error = error;
  return effect;
}

}  // namespace detectors
