#include "monitor/ingest/record_block.h"

#include <limits>

namespace monitor {

void Row::Clear(std::size_t columns) {
  cells.assign(columns, Cell{});
  unseen.clear();
  extra = 0;
}

const std::string* Row::UnseenName(std::size_t column) const {
  for (auto name = unseen.rbegin(); name != unseen.rend(); ++name) {
    if (name->column == column) return &name->name;
  }
  return nullptr;
}

RecordBlock::RecordBlock(std::shared_ptr<const Frame> frame) : frame_(std::move(frame)), columns_(frame_->columns()) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (frame_->column(i).kind() == detectors::FeatureKind::kNumeric) {
      columns_[i].numbers.resize(kRows);
    } else {
      columns_[i].categories.resize(kRows);
    }
  }
  const auto& joint = frame_->profile().joint;
  if (!joint) return;
  joint_.emplace(joint->scores);
  sample_mask_ = (std::uint64_t{1} << detectors::JointSampleShift(joint->features.size())) - 1;
  sampled_.reserve(kRows);
  for (const std::size_t feature : joint->features) {
    columns_[feature].bins.resize(kRows);
    joint_bins_.push_back(columns_[feature].bins.data());
  }
}

void RecordBlock::Append(const Row& row, std::uint64_t hash) {
  if (joint_ && (hash & sample_mask_) == 0) sampled_.push_back(static_cast<std::uint16_t>(rows_));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Cell& cell = row.cells[i];
    Column& column = columns_[i];
    if (cell.state != CellState::kValue) [[unlikely]] {
      column.missing += cell.state == CellState::kMissing;
      column.type_faults += cell.state == CellState::kTypeFault;
    }
    if (!column.numbers.empty()) {
      column.numbers[rows_] = cell.state == CellState::kValue ? cell.number : std::numeric_limits<double>::quiet_NaN();
    } else {
      column.categories[rows_] = cell.category;
      if (cell.category == detectors::CategoryDictionary::kUnseen) column.unseen.push_back(*row.UnseenName(i));
    }
  }
  ++rows_;
}

void RecordBlock::CountInto(PaneSummary& pane) {
  if (rows_ == 0) return;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    if (!column.numbers.empty()) {
      pane.columns[i].AddNumeric(std::span(column.numbers).first(rows_), column.missing, column.type_faults,
                                 column.bins.empty() ? nullptr : column.bins.data());
    } else {
      names_.assign(column.unseen.begin(), column.unseen.end());
      pane.columns[i].AddCategorical(std::span<const detectors::CategoryId>(column.categories).first(rows_), names_,
                                     column.missing, column.type_faults);
      column.unseen.clear();
    }
    column.missing = column.type_faults = 0;
  }
  if (joint_) joint_->Add(joint_bins_, sampled_, *pane.joint);
  sampled_.clear();
  rows_ = 0;
}

}  // namespace monitor
