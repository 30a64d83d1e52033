#include "baselines/build/time_table.h"

#include <algorithm>
#include <cmath>

#include "detectors/evidence/step_ladder.h"

namespace baselines {

TimeTable::TimeTable(std::int64_t first_s, std::int64_t last_s, std::vector<Column> columns, std::size_t memory)
    : columns_(std::move(columns)) {
  for (const Column& column : columns_) {
    offsets_.push_back(stride_);
    stride_ += column.used ? column.cells() + 1 : 0;
  }
  const std::size_t slot_bytes = std::max<std::size_t>(1, stride_) * sizeof counts_[0];
  for (const std::int64_t step : detectors::StepLadder::kSteps) {
    slot_s_ = step;
    first_s_ = first_s / step * step;
    slots_ = static_cast<std::size_t>(last_s / step - first_s / step + 1);
    if (slots_ <= memory / slot_bytes) break;
  }
  counts_ = std::vector<std::atomic<std::uint32_t>>(slots_ * stride_);
}

std::uint32_t TimeTable::SlotOf(std::int64_t seconds) const {
  if (seconds < first_s_) return kNoSlot;
  const auto slot = static_cast<std::uint64_t>(seconds - first_s_) / static_cast<std::uint64_t>(slot_s_);
  return slot < slots_ ? static_cast<std::uint32_t>(slot) : kNoSlot;
}

void TimeTable::AddNumbers(std::size_t column, std::span<const std::uint32_t> slots, std::span<const double> values) {
  const Column& of = columns_[column];
  if (!of.used) return;
  for (std::size_t row = 0; row < slots.size(); ++row) {
    if (slots[row] == kNoSlot) continue;
    std::size_t cell = of.edges.size() + 1;
    if (!std::isnan(values[row])) {
      cell = 0;
      for (const double edge : of.edges) cell += values[row] > edge ? 1 : 0;
    }
    counts_[slots[row] * stride_ + offsets_[column] + cell].fetch_add(1, std::memory_order_relaxed);
  }
}

void TimeTable::AddNames(std::size_t column, std::span<const std::uint32_t> slots,
                         std::span<const detectors::CategoryId> ids) {
  if (!columns_[column].used) return;
  for (std::size_t row = 0; row < slots.size(); ++row) {
    if (slots[row] == kNoSlot) continue;
    const std::size_t cell =
        ids[row] == detectors::CategoryDictionary::kNoValue ? kNames + 1 : std::min<std::size_t>(ids[row], kNames);
    counts_[slots[row] * stride_ + offsets_[column] + cell].fetch_add(1, std::memory_order_relaxed);
  }
}

void TimeTable::AddTo(std::size_t slot, std::size_t column, std::span<std::uint64_t> sums) const {
  const auto* const from = counts_.data() + slot * stride_ + offsets_[column];
  for (std::size_t cell = 0; cell < sums.size(); ++cell) sums[cell] += from[cell].load(std::memory_order_relaxed);
}

}  // namespace baselines
