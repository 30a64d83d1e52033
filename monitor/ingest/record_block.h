// Row: one decoded record over a frame. RecordBlock: up to 256 rows, transposed to columns, so that counting runs over
// contiguous values.
//
// Neither is thread-safe; both are reused without allocation in steady state.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/feature_summary.h"
#include "monitor/ingest/counting_plan.h"

namespace monitor {

enum class CellState : std::uint8_t { kMissing, kValue, kTypeFault };

struct Cell {
  CellState state = CellState::kMissing;
  detectors::CategoryId category = detectors::CategoryDictionary::kNoValue;  // categorical columns
  double number = 0;                                                         // numeric columns
};

struct Row {
  std::vector<Cell> cells;  // one per column of the frame
  struct Unseen {
    std::uint32_t column;
    std::string name;
  };
  std::vector<Unseen> unseen;  // names of kUnseen cells; the last one of a column counts
  std::uint64_t extra = 0;     // values under names that the frame lacks

  void Clear(std::size_t columns);
  const std::string* UnseenName(std::size_t column) const;
};

class RecordBlock {
 public:
  static constexpr std::size_t kRows = 256;

  explicit RecordBlock(std::shared_ptr<const Frame> frame);

  const Frame& frame() const { return *frame_; }
  std::size_t rows() const { return rows_; }
  bool full() const { return rows_ == kRows; }
  void Append(const Row& row);
  // Adds the rows to `summaries` (one per column of the frame) and becomes empty.
  void CountInto(std::vector<detectors::FeatureSummary>& summaries);

 private:
  struct Column {
    std::vector<double> numbers;                    // NaN: no value
    std::vector<detectors::CategoryId> categories;  // kNoValue: no value
    std::vector<std::string> unseen;
    std::uint64_t missing = 0, type_faults = 0;
  };

  std::shared_ptr<const Frame> frame_;
  std::vector<Column> columns_;
  std::vector<std::string_view> names_;  // scratch
  std::size_t rows_ = 0;
};

}  // namespace monitor
