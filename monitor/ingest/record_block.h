// Row: one decoded record over a frame. RecordBlock: up to 256 rows, transposed to columns, so that counting runs over
// contiguous values.
//
// Neither is thread-safe. A block begins small and doubles, because most blocks of many models stay small: 8 bytes a
// value and 70 a column. It may be handed to another thread to be counted there.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/counts/category_counts.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/pane_summary.h"

namespace monitor {

enum class CellState : std::uint8_t { kMissing, kValue, kTypeFault };

struct Cell {
  CellState state = CellState::kMissing;
  detectors::CategoryId category = detectors::CategoryDictionary::kNoValue;  // categorical columns
  double number = std::numeric_limits<double>::quiet_NaN();                  // numeric columns; NaN: no value

  static Cell Of(double number) { return {CellState::kValue, detectors::CategoryDictionary::kNoValue, number}; }
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

  static constexpr std::size_t kFirstRows = 4;

  // `room`: rows that it has place for at once.
  explicit RecordBlock(std::shared_ptr<const Frame> frame, std::size_t room = kFirstRows);
  RecordBlock(const RecordBlock& other);
  RecordBlock(RecordBlock&&) = default;
  RecordBlock& operator=(RecordBlock&&) = default;

  const Frame& frame() const { return *frame_; }
  std::size_t rows() const { return rows_; }
  bool full() const { return rows_ == kRows; }
  std::size_t bytes() const { return bytes_; }  // of memory, about
  // Whether a record takes part in the second moments is decided by this hash of it: of its id, so that a replay and
  // another partitioning sample the same records.
  void Append(const Row& row, std::uint64_t hash);
  bool samples() const { return sample_mask_ != 0; }  // else the hash does not matter
  // Adds the rows of another block of the same frame, behind its own; both together are at most kRows.
  void Append(const RecordBlock& other);
  // Adds the rows to `pane`, of the same frame, and becomes empty.
  void CountInto(PaneSummary& pane);

 private:
  static constexpr std::size_t kNone = SIZE_MAX;

  struct Column {
    bool numeric = false;
    std::size_t values = 0;    // where those of this column begin, in numbers_ or categories_
    std::size_t bins = kNone;  // likewise in bins_, where the joint reference has the column
    std::uint64_t missing = 0, type_faults = 0;
    std::vector<std::string> unseen;

    void AddFaults(const Column& other);
  };

  void MakeRoom(std::size_t room);

  std::shared_ptr<const Frame> frame_;
  std::vector<Column> columns_;
  std::size_t rows_ = 0, room_ = 0, bytes_ = 0;
  // Each has room for room_ rows of one column after the other; what is behind rows_ is not initialised.
  std::unique_ptr<double[]> numbers_;                    // NaN: no value
  std::unique_ptr<detectors::CategoryId[]> categories_;  // kNoValue: no value
  std::unique_ptr<std::uint8_t[]> bins_;                 // of numbers, for the time of counting
  bool joint_ = false;                                   // there is a joint reference
  std::uint64_t sample_mask_ = 0;
  std::vector<std::uint16_t> sampled_;  // rows
};

}  // namespace monitor
