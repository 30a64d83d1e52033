#include "monitor/ingest/record_block.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "detectors/evidence/joint_counter.h"

namespace monitor {
namespace {

constexpr std::size_t kFewRows = 64;
constexpr std::size_t kPadding = 8;  // values: a cache line of numbers

}  // namespace

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

RecordBlock::RecordBlock(std::shared_ptr<const Frame> frame, std::size_t room)
    : frame_(std::move(frame)), columns_(frame_->columns()) {
  for (std::size_t i = 0; i < columns_.size(); ++i)
    columns_[i].numeric = frame_->column(i).kind() == detectors::FeatureKind::kNumeric;
  if (const auto& joint = frame_->profile().joint) {
    joint_ = true;
    sample_mask_ = (std::uint64_t{1} << detectors::JointSampleShift(joint->features.size())) - 1;
  }
  MakeRoom(room);
}

RecordBlock::RecordBlock(const RecordBlock& other) : RecordBlock(other.frame_, other.room_) { Append(other); }

void RecordBlock::MakeRoom(std::size_t room) {
  const auto numeric = static_cast<std::size_t>(std::ranges::count(columns_, true, &Column::numeric));
  // A row is written across the columns: at a distance of 2 KiB they would all fall into two sets of the first cache.
  const std::size_t apart = room + (room < kFewRows ? 0 : kPadding);
  const std::size_t number_room = numeric * apart, category_room = (columns_.size() - numeric) * apart;
  auto numbers = std::make_unique_for_overwrite<double[]>(number_room);
  auto categories = std::make_unique_for_overwrite<detectors::CategoryId[]>(category_room);
  std::size_t next_number = 0, next_category = 0, bin_room = 0;
  const auto move = [&](Column& column, const auto& from, auto& to, std::size_t& next) {
    std::copy_n(from.get() + column.values, rows_, to.get() + next);
    column.values = std::exchange(next, next + apart);
  };
  for (Column& column : columns_) {
    if (column.numeric) {
      move(column, numbers_, numbers, next_number);
    } else {
      move(column, categories_, categories, next_category);
    }
  }
  numbers_ = std::move(numbers);
  categories_ = std::move(categories);
  if (joint_) {
    const std::vector<std::size_t>& features = frame_->profile().joint->features;
    bin_room = features.size() * room;
    bins_ = std::make_unique_for_overwrite<std::uint8_t[]>(bin_room);
    for (std::size_t f = 0; f < features.size(); ++f) columns_[features[f]].bins = f * room;
  }
  room_ = room;
  bytes_ = columns_.size() * sizeof(Column) + number_room * sizeof(double) +
           category_room * sizeof(detectors::CategoryId) + bin_room;
}

void RecordBlock::Append(const Row& row, std::uint64_t hash) {
  if (rows_ == room_) MakeRoom(2 * room_);
  if (joint_ && (hash & sample_mask_) == 0) sampled_.push_back(static_cast<std::uint16_t>(rows_));
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const Cell& cell = row.cells[i];
    Column& column = columns_[i];
    if (cell.state != CellState::kValue) [[unlikely]] {
      column.missing += cell.state == CellState::kMissing;
      column.type_faults += cell.state == CellState::kTypeFault;
    }
    if (column.numeric) {
      numbers_[column.values + rows_] =
          cell.state == CellState::kValue ? cell.number : std::numeric_limits<double>::quiet_NaN();
    } else {
      categories_[column.values + rows_] = cell.category;
      if (cell.category == detectors::CategoryDictionary::kUnseen) column.unseen.push_back(*row.UnseenName(i));
    }
  }
  ++rows_;
}

void RecordBlock::Column::AddFaults(const Column& other) {
  missing += other.missing;
  type_faults += other.type_faults;
  unseen.insert(unseen.end(), other.unseen.begin(), other.unseen.end());
}

void RecordBlock::Append(const RecordBlock& other) {
  std::size_t room = room_;
  while (room < rows_ + other.rows_) room *= 2;
  if (room > room_) MakeRoom(room);
  const auto append = [this, &other](Column& to, const Column& from, auto& values, const auto& others) {
    std::copy_n(others.get() + from.values, other.rows_, values.get() + to.values + rows_);
    to.AddFaults(from);
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].numeric) {
      append(columns_[i], other.columns_[i], numbers_, other.numbers_);
    } else {
      append(columns_[i], other.columns_[i], categories_, other.categories_);
    }
  }
  for (const std::uint16_t row : other.sampled_) sampled_.push_back(static_cast<std::uint16_t>(rows_ + row));
  rows_ += other.rows_;
}

void RecordBlock::CountInto(PaneSummary& pane) {
  if (rows_ == 0) return;
  pane.MakeColumns();
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Column& column = columns_[i];
    if (column.numeric) {
      pane.columns[i].AddNumeric({numbers_.get() + column.values, rows_}, column.missing, column.type_faults,
                                 column.bins == kNone ? nullptr : &bins_[column.bins]);
    } else {
      names.assign(column.unseen.begin(), column.unseen.end());
      pane.columns[i].AddCategorical({categories_.get() + column.values, rows_}, names, column.missing,
                                     column.type_faults);
      column.unseen.clear();
    }
    column.missing = column.type_faults = 0;
  }
  if (!sampled_.empty() && pane.joint) {
    const baselines::JointReference& joint = *frame_->profile().joint;
    std::vector<const std::uint8_t*> bins;
    for (const std::size_t feature : joint.features) bins.push_back(&bins_[columns_[feature].bins]);
    detectors::JointCounter(joint.scores).Add(bins, sampled_, *pane.joint);
  }
  sampled_.clear();
  rows_ = 0;
}

}  // namespace monitor
