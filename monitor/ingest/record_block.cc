#include "monitor/ingest/record_block.h"

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
      numeric_.emplace_back(i, columns_[i].numbers.data());
    } else {
      columns_[i].categories.resize(kRows);
      categorical_.push_back(static_cast<std::uint32_t>(i));
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
  const Cell* const cells = row.cells.data();
  for (const auto& [i, numbers] : numeric_) {
    numbers[rows_] = cells[i].number;
    if (cells[i].state != CellState::kValue) [[unlikely]]
      NoteAbsent(i, cells[i].state);
  }
  for (const std::uint32_t i : categorical_) {
    columns_[i].categories[rows_] = cells[i].category;
    if (cells[i].state != CellState::kValue) [[unlikely]]
      NoteAbsent(i, cells[i].state);
    if (cells[i].category == detectors::CategoryDictionary::kUnseen) [[unlikely]]
      columns_[i].unseen.push_back(*row.UnseenName(i));
  }
  ++rows_;
}

void RecordBlock::NoteAbsent(std::size_t column, CellState state) {
  ++(state == CellState::kMissing ? columns_[column].missing : columns_[column].type_faults);
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
