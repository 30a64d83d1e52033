// Row: one decoded record over a frame. RecordBlock: up to 256 rows, transposed to columns, so that counting runs over
// contiguous values.
//
// Neither is thread-safe; both are reused without allocation in steady state.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/evidence/joint_counter.h"
#include "detectors/feature_summary.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/shard_delta.h"

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

  explicit RecordBlock(std::shared_ptr<const Frame> frame);

  const Frame& frame() const { return *frame_; }
  std::size_t rows() const { return rows_; }
  bool full() const { return rows_ == kRows; }
  // Whether a record takes part in the second moments is decided by this hash of it: of its id, so that a replay and
  // another partitioning sample the same records.
  void Append(const Row& row, std::uint64_t hash);
  bool samples() const { return joint_ && sample_mask_ != 0; }  // else the hash does not matter
  // Adds the rows to `pane`, of the same frame, and becomes empty.
  void CountInto(PaneSummary& pane);

 private:
  struct Column {
    std::vector<double> numbers;                    // NaN: no value
    std::vector<detectors::CategoryId> categories;  // kNoValue: no value
    std::vector<std::string> unseen;
    std::vector<std::uint8_t> bins;  // of the numbers, where they are of the joint reference
    std::uint64_t missing = 0, type_faults = 0;
  };

  void NoteAbsent(std::size_t column, CellState state);

  std::shared_ptr<const Frame> frame_;
  std::vector<Column> columns_;
  std::vector<std::pair<std::uint32_t, double*>> numeric_;  // columns, and their numbers
  std::vector<std::uint32_t> categorical_;                  // columns
  std::vector<std::string_view> names_;                     // scratch
  std::size_t rows_ = 0;
  std::optional<detectors::JointCounter> joint_;
  std::vector<const std::uint8_t*> joint_bins_;
  std::uint64_t sample_mask_ = 0;
  std::vector<std::uint16_t> sampled_;  // rows
};

}  // namespace monitor
