#include "baselines/build/row_counter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string_view>

#include "baselines/build/row_times.h"

namespace baselines {
namespace {

constexpr int kOutcomeBits = 22;  // sums of up to 2^30 rows are exact

}  // namespace

using detectors::CategoryDictionary;
using detectors::FeatureKind;

CountedRows::CountedRows(const CountingFrame& frame) {
  for (const auto& column : frame.columns) summaries.emplace_back(column.shape);
  if (frame.outcomes) {
    for (const std::uint16_t positive : frame.outcomes->positives) outcomes.emplace_back(positive);
  }
  if (frame.joint) joint.emplace(frame.joint->columns.size());
  if (frame.composition) {
    for (const std::size_t column : frame.composition->features) composition.emplace_back(*frame.columns[column].shape);
  }
  if (!frame.class_column) return;
  score_sums.resize(frame.columns[*frame.class_column].shape->dictionary.size());
  score_counts.resize(score_sums.size());
}

void CountedRows::Merge(const CountedRows& later) {
  rows += later.rows;
  for (std::size_t i = 0; i < summaries.size(); ++i) summaries[i].Merge(later.summaries[i]);
  for (std::size_t i = 0; i < score_sums.size(); ++i) {
    score_sums[i] += later.score_sums[i];
    score_counts[i] += later.score_counts[i];
  }
  for (std::size_t i = 0; i < outcomes.size(); ++i) outcomes[i].Merge(later.outcomes[i]);
  numbers.Merge(later.numbers);
  if (joint) joint->Merge(*later.joint);
  for (std::size_t i = 0; i < composition.size(); ++i) composition[i].Merge(later.composition[i]);
  outcome_rows += later.outcome_rows;
  outcome_sum += later.outcome_sum;
  outcome_square.Merge(later.outcome_square);
}

RowCounter::RowCounter(const CountingFrame& frame, const MissingTexts& missing, std::string_view text)
    : frame_(frame), reader_(missing, text), counted_(frame), blocks_(frame.columns.size()) {
  if (frame.joint) joint_.emplace(frame.joint->scores);
  for (const auto& column : frame.columns) {
    if (column.field != CountingFrame::kAbsent && column.shape->kind == FeatureKind::kNumeric)
      numeric_.push_back(static_cast<std::uint32_t>(column.field));
  }
}

void RowCounter::Add(const std::vector<Field>& fields) {
  if (rows_ == kBlock) Flush();
  ++rows_;
  numbers_.resize(fields.size());
  reader_.ReadNumbers(fields, numeric_, numbers_.data());
  if (frame_.times != nullptr) slots_.push_back(SlotOf(fields[frame_.time_field]));
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const auto& column = frame_.columns[i];
    if (column.field == CountingFrame::kAbsent) {
      ++blocks_[i].missing;
    } else if (column.shape->kind == FeatureKind::kNumeric) {
      AddNumber(i, fields[column.field], numbers_[column.field]);
    } else {
      AddName(i, fields[column.field]);
    }
  }
}

void RowCounter::AddNumber(std::size_t column, const Field& field, double number) {
  Block& block = blocks_[column];
  auto found = CellReader::Found::kNumber;
  if (std::isnan(number)) found = reader_.Read(field, number);
  const bool usable =
      found == CellReader::Found::kNumber && !(frame_.columns[column].share && (number < 0 || number > 1));
  if (!usable) {
    ++(found == CellReader::Found::kMissing ? block.missing : block.faults);
    number = std::numeric_limits<double>::quiet_NaN();
  }
  block.numbers.push_back(number);
}

void RowCounter::AddName(std::size_t column, const Field& field) {
  Block& block = blocks_[column];
  const ShortText text = reader_.Short(field);
  if (const auto* const known = block.known.Find(text)) {
    block.ids.push_back(*known);
    return;
  }
  auto id = CategoryDictionary::kNoValue;
  if (reader_.ReadText(field)) {
    const std::string_view name = reader_.canonical();
    id = frame_.columns[column].shape->dictionary.Find(name);
    if (id == CategoryDictionary::kUnseen) {
      block.unseen.emplace_back(name);
    } else {
      block.known.Keep(text, id);
    }
  } else {
    ++block.missing;
  }
  block.ids.push_back(id);
}

std::uint32_t RowCounter::SlotOf(const Field& field) {
  const auto seconds = SecondsOf(field, reader_);
  return seconds ? frame_.times->SlotOf(*seconds) : TimeTable::kNoSlot;
}

void RowCounter::AddOutcomes() {
  const CountingFrame::Outcomes& plan = *frame_.outcomes;
  const auto code = [](const std::vector<std::uint16_t>& codes, detectors::CategoryId id) {
    return id < codes.size() ? codes[id] : detectors::kNone;
  };
  for (std::size_t row = 0; row < rows_; ++row) {
    if (plan.numbers) {
      const double label = blocks_[plan.label].numbers[row], predicted = blocks_[*plan.prediction].numbers[row];
      if (std::isnan(label) || std::isnan(predicted)) continue;
      counted_.numbers.AddPrediction(predicted);
      counted_.numbers.AddLabel(predicted, label);
      continue;
    }
    detectors::Outcome outcome;
    outcome.label = code(plan.label_codes, blocks_[plan.label].ids[row]);
    if (plan.prediction) outcome.predicted = code(plan.prediction_codes, blocks_[*plan.prediction].ids[row]);
    if (plan.score && !std::isnan(blocks_[*plan.score].numbers[row])) {
      outcome.score = static_cast<float>(blocks_[*plan.score].numbers[row]);  // as the prediction index keeps scores
      outcome.bin = plan.bins.BinOf(outcome.score);
    }
    if (outcome.label == detectors::kNone) continue;
    for (detectors::ClassificationCounts& counts : counted_.outcomes) counts.Add(outcome);
  }
}

void RowCounter::AddJoint() {
  std::vector<const std::uint8_t*> bins;
  for (const std::size_t column : frame_.joint->columns) bins.push_back(blocks_[column].bins.data());
  std::vector<std::uint16_t> rows(rows_);
  std::iota(rows.begin(), rows.end(), std::uint16_t{0});
  joint_->Add(bins, rows, *counted_.joint);
}

void RowCounter::AddComposition() {
  const CountingFrame::Composition& plan = *frame_.composition;
  const double none = std::numeric_limits<double>::quiet_NaN();
  const double range = plan.most - plan.least;
  const double unit = std::exp2(std::ilogb(range) - kOutcomeBits);
  const auto in_units = [unit](double value) { return std::nearbyint(value / unit) * unit; };  // NaN stays
  std::vector<double> said(rows_), wrong(rows_, none);
  const Block& outcome = blocks_[plan.outcome];
  for (std::size_t row = 0; row < rows_; ++row) {
    if (!outcome.numbers.empty()) {
      said[row] = in_units(std::clamp(outcome.numbers[row], plan.least, plan.most) - plan.least);
    } else {
      said[row] = outcome.ids[row] == CategoryDictionary::kNoValue ? none : outcome.ids[row] == plan.of_category;
    }
    if (std::isfinite(said[row])) {
      ++counted_.outcome_rows;
      counted_.outcome_sum += said[row];
      counted_.outcome_square.Add(said[row] * said[row]);
    }
    if (!plan.errors) continue;
    const Block& label = blocks_[frame_.outcomes->label];
    const Block& predicted = blocks_[*frame_.outcomes->prediction];
    if (frame_.outcomes->numbers) {
      wrong[row] = in_units(std::min(std::abs(predicted.numbers[row] - label.numbers[row]), range));
    } else if (label.ids[row] < frame_.outcomes->label_codes.size() &&
               predicted.ids[row] < frame_.outcomes->prediction_codes.size()) {
      wrong[row] =
          frame_.outcomes->label_codes[label.ids[row]] != frame_.outcomes->prediction_codes[predicted.ids[row]];
    }
  }
  for (std::size_t i = 0; i < plan.features.size(); ++i) {
    const Block& block = blocks_[plan.features[i]];
    const detectors::FeatureShape& shape = *frame_.columns[plan.features[i]].shape;
    detectors::CompositionTable& table = counted_.composition[i];
    for (std::size_t row = 0; row < rows_; ++row) {
      const std::size_t cell = shape.kind == FeatureKind::kNumeric
                                   ? detectors::CompositionTable::CellOfBin(shape, block.bins[row])
                                   : detectors::CompositionTable::CellOfCategory(shape, block.ids[row]);
      if (std::isfinite(said[row])) table.Add(cell, said[row]);
      if (std::isfinite(wrong[row])) table.AddError(cell, wrong[row]);
    }
  }
}

void RowCounter::Flush() {
  if (frame_.outcomes) AddOutcomes();
  if (frame_.class_column && frame_.score_column) {
    const auto& classes = blocks_[*frame_.class_column].ids;
    const auto& scores = blocks_[*frame_.score_column].numbers;
    for (std::size_t row = 0; row < rows_; ++row) {
      if (classes[row] >= counted_.score_sums.size() || std::isnan(scores[row])) continue;
      counted_.score_sums[classes[row]] += scores[row];
      ++counted_.score_counts[classes[row]];
    }
  }
  std::vector<std::string_view> unseen;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    Block& block = blocks_[i];
    if (frame_.columns[i].shape->kind == FeatureKind::kNumeric) {
      block.bins.assign(frame_.joint || frame_.composition ? rows_ : 0, detectors::Binning::kNoBin);
      counted_.summaries[i].AddNumeric(block.numbers, block.missing, block.faults,
                                       block.bins.empty() ? nullptr : block.bins.data());
      if (frame_.times != nullptr) frame_.times->AddNumbers(i, slots_, block.numbers);
    } else {
      unseen.assign(block.unseen.begin(), block.unseen.end());
      counted_.summaries[i].AddCategorical(block.ids, unseen, block.missing, block.faults);
      if (frame_.times != nullptr) frame_.times->AddNames(i, slots_, block.ids);
    }
    block.unseen.clear();
    block.missing = block.faults = 0;
  }
  if (frame_.joint) AddJoint();
  if (frame_.composition) AddComposition();
  for (Block& block : blocks_) {
    block.numbers.clear();
    block.ids.clear();
  }
  counted_.rows += rows_;
  rows_ = 0;
  slots_.clear();
}

CountedRows RowCounter::Take() {
  Flush();
  return std::move(counted_);
}

}  // namespace baselines
