// TimeTable: the rows of a training file counted by time slot, for design effects of steps and for seasons.
//
// A dense table of 32-bit counts, [slot][column][cell]; a column's cells are at most kMaxCells joined bins or its most
// frequent categories, and one more for missing values. Rows may come in any order, from any thread: counts are added
// atomically, so the result depends on the rows only. Slots are as long as the finest step of the ladder
// (StepLadder::kSteps) with which the table stays below the given memory: at 128 MiB and 28 numeric columns 5 min up to
// 100 days of data, 15 min up to 10 months, 1 h up to 3 years, 6 h up to 20. Ten years of 5-minute slots would be
// 2.4 GiB; they are counted in slots of 6 h instead, and a shorter step is answered by that rung, which is on the safe
// side. Cost: about 15 ns per value.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "detectors/counts/category_counts.h"

namespace baselines {

class TimeTable {
 public:
  static constexpr std::size_t kMemory = std::size_t{128} << 20;
  static constexpr std::size_t kMaxCells = 40;
  static constexpr std::size_t kNames = 20;  // categories with a cell of their own, the first of the dictionary
  static constexpr std::uint32_t kNoSlot = UINT32_MAX;

  struct Column {
    bool numeric = true;
    std::vector<std::size_t> cuts = {};  // numeric: the last fine bin of each cell but the last
    std::vector<double> edges = {};      // numeric: the upper ends of those cells
    bool used = true;                    // else it has no cells and is not counted
    // Without the one of missing values. Names: the first kNames of the dictionary and all others together.
    std::size_t cells() const { return !used ? 0 : numeric ? edges.size() + 1 : kNames + 1; }
  };

  // Rows of `first_s` to `last_s`, seconds since 1970.
  TimeTable(std::int64_t first_s, std::int64_t last_s, std::vector<Column> columns, std::size_t memory = kMemory);

  std::uint32_t SlotOf(std::int64_t seconds) const;  // kNoSlot outside
  // Values of a block of rows; kNoSlot rows are skipped. NaN and kNoValue count as missing.
  void AddNumbers(std::size_t column, std::span<const std::uint32_t> slots, std::span<const double> values);
  void AddNames(std::size_t column, std::span<const std::uint32_t> slots, std::span<const detectors::CategoryId> ids);

  const std::vector<Column>& columns() const { return columns_; }
  std::int64_t slot_s() const { return slot_s_; }
  std::size_t slots() const { return slots_; }
  std::int64_t start_s(std::size_t slot) const { return first_s_ + static_cast<std::int64_t>(slot) * slot_s_; }
  // Adds the cells of a slot, missing values last, to `sums` (cells() + 1 elements).
  void AddTo(std::size_t slot, std::size_t column, std::span<std::uint64_t> sums) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::size_t> offsets_;
  std::size_t stride_ = 0;
  std::int64_t slot_s_ = 0, first_s_ = 0;
  std::size_t slots_ = 0;
  std::vector<std::atomic<std::uint32_t>> counts_;
};

}  // namespace baselines
