#include "detectors/quality/classification_counts.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "detectors/counts/sparse_counts.h"

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr double kClip = 1e-7;
constexpr double kScoreUnits = 1 << 30;
constexpr std::size_t kFirstSlots = 16;

std::uint64_t KeyOf(const Outcome& outcome) {
  return std::uint64_t{outcome.bin} << 32 | std::uint64_t{outcome.predicted} << 16 | outcome.label;
}
std::uint16_t BinOf(std::uint64_t key) { return static_cast<std::uint16_t>(key >> 32); }
std::uint16_t PredictedOf(std::uint64_t key) { return static_cast<std::uint16_t>(key >> 16); }
std::uint16_t LabelOf(std::uint64_t key) { return static_cast<std::uint16_t>(key); }

bool Scored(std::uint64_t key) { return BinOf(key) != kNone; }
bool Labelled(std::uint64_t key) { return LabelOf(key) != kNone; }

std::uint64_t ScoreUnits(const Outcome& outcome) {
  if (outcome.bin == kNone) return 0;
  return static_cast<std::uint64_t>(std::clamp(static_cast<double>(outcome.score), 0.0, 1.0) * kScoreUnits + 0.5);
}

struct Terms {
  double brier;
  double log_loss;
};
Terms TermsOf(const Outcome& outcome, std::uint16_t positive) {
  const double score = std::clamp(static_cast<double>(outcome.score), 0.0, 1.0);
  const bool is_positive = outcome.label == positive;
  const double gap = is_positive ? 1 - score : score;
  return {.brier = gap * gap, .log_loss = -std::log(std::clamp(1 - gap, kClip, 1 - kClip))};
}

std::size_t Home(std::uint64_t key, std::size_t slots) {
  return (key * 0x9E3779B97F4A7C15) >> (64 - std::countr_zero(slots));
}

[[noreturn]] void RemovedTooMuch() {
  throw std::logic_error("classification counts: a record is removed that was not added, or with another score");
}

}  // namespace

template <typename Change>
void ClassificationCounts::ChangeTerms(const Outcome& outcome, Change change) {
  const Terms terms = TermsOf(outcome, positive_);
  change(brier_, terms.brier);
  change(brier_squares_, terms.brier * terms.brier);
  change(log_loss_, terms.log_loss);
  change(log_loss_squares_, terms.log_loss * terms.log_loss);
}

void ClassificationCounts::Add(const Outcome& outcome) {
  const std::uint64_t key = KeyOf(outcome);
  Slot& slot = At(key);
  ++slot.count;
  slot.score += ScoreUnits(outcome);
  ++predictions_;
  if (!Labelled(key)) return;
  ++labels_;
  if (!Scored(key)) return;
  ++scored_labels_;
  if (positive_ != kNone) ChangeTerms(outcome, [](FixedSum& sum, double term) { sum.Add(term); });
}

void ClassificationCounts::Remove(const Outcome& outcome) {
  const std::uint64_t key = KeyOf(outcome);
  const std::uint64_t score = ScoreUnits(outcome);
  const Slot* const found = Find(key);
  if (found == nullptr || found->count == 0 || found->score < score || (found->count == 1 && found->score != score))
    RemovedTooMuch();
  Slot& slot = At(key);
  --slot.count;
  slot.score -= score;
  --predictions_;
  if (!Labelled(key)) return;
  --labels_;
  if (!Scored(key)) return;
  --scored_labels_;
  if (positive_ != kNone) ChangeTerms(outcome, [](FixedSum& sum, double term) { sum.Subtract(term); });
}

void ClassificationCounts::Check(const ClassificationCounts& other) const {
  if (other.positive_ != positive_) throw std::invalid_argument("classification counts: different positive classes");
}

void ClassificationCounts::Merge(const ClassificationCounts& other) {
  if (&other == this) return Merge(ClassificationCounts(other));
  Check(other);
  for (const Slot& from : other.slots_) {
    if (from.key == kFree || from.count == 0) continue;
    Slot& slot = At(from.key);
    slot.count += from.count;
    slot.score += from.score;
  }
  predictions_ += other.predictions_;
  labels_ += other.labels_;
  scored_labels_ += other.scored_labels_;
  brier_.Merge(other.brier_);
  brier_squares_.Merge(other.brier_squares_);
  log_loss_.Merge(other.log_loss_);
  log_loss_squares_.Merge(other.log_loss_squares_);
}

ClassificationCounts ClassificationCounts::WithUnlabelledAs(std::uint16_t label) const {
  ClassificationCounts filled = *this;
  for (const Slot& from : slots_) {
    if (from.key == kFree || from.count == 0 || Labelled(from.key)) continue;
    Outcome outcome{
        BinOf(from.key), PredictedOf(from.key), label,
        static_cast<float>(static_cast<double>(from.score) / (kScoreUnits * static_cast<double>(from.count)))};
    Slot& gone = filled.At(from.key);
    gone.count = gone.score = 0;
    Slot& slot = filled.At(KeyOf(outcome));
    slot.count += from.count;
    slot.score += from.score;
    filled.labels_ += from.count;
    if (!Scored(from.key)) continue;
    filled.scored_labels_ += from.count;
    if (positive_ == kNone) continue;
    const Terms terms = TermsOf(outcome, positive_);
    filled.brier_.Add(terms.brier, from.count);
    filled.brier_squares_.Add(terms.brier * terms.brier, from.count);
    filled.log_loss_.Add(terms.log_loss, from.count);
    filled.log_loss_squares_.Add(terms.log_loss * terms.log_loss, from.count);
  }
  return filled;
}

void ClassificationCounts::Subtract(const ClassificationCounts& other) {
  Check(other);
  for (const Slot& from : other.slots_) {
    if (from.key == kFree || from.count == 0) continue;
    const Slot* const slot = Find(from.key);
    if (slot == nullptr || slot->count < from.count || slot->score < from.score ||
        (slot->count == from.count && slot->score != from.score))
      RemovedTooMuch();
  }
  predictions_ -= other.predictions_;
  labels_ -= other.labels_;
  scored_labels_ -= other.scored_labels_;
  brier_.Subtract(other.brier_);
  brier_squares_.Subtract(other.brier_squares_);
  log_loss_.Subtract(other.log_loss_);
  log_loss_squares_.Subtract(other.log_loss_squares_);
  for (const Slot& from : other.slots_) {
    if (from.key == kFree || from.count == 0) continue;
    Slot& slot = At(from.key);
    const Slot taken = from;  // `other` may be this table
    slot.count -= taken.count;
    slot.score -= taken.score;
  }
}

const ClassificationCounts::Slot* ClassificationCounts::Find(std::uint64_t key) const {
  if (slots_.empty()) return nullptr;
  for (std::size_t at = Home(key, slots_.size());; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].key == key) return &slots_[at];
    if (slots_[at].key == kFree) return nullptr;
  }
}

ClassificationCounts::Slot& ClassificationCounts::At(std::uint64_t key) {
  if (slots_.empty()) Grow();
  for (std::size_t at = Home(key, slots_.size());; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].key == key) return slots_[at];
    if (slots_[at].key != kFree) continue;
    if ((used_ + 1) * 4 > slots_.size() * 3) {
      Grow();
      return At(key);
    }
    ++used_;
    slots_[at].key = key;
    return slots_[at];
  }
}

void ClassificationCounts::Grow() {
  const std::vector<Slot> old = std::move(slots_);
  const auto live =
      static_cast<std::size_t>(std::ranges::count_if(old, [](const Slot& slot) { return slot.count > 0; }));
  slots_.assign(std::max(kFirstSlots, live * 2 > old.size() ? old.size() * 2 : old.size()), Slot{});
  used_ = 0;
  for (const Slot& slot : old) {
    if (slot.count > 0) At(slot.key) = slot;
  }
}

std::vector<ClassificationCounts::Slot> ClassificationCounts::Sorted() const {
  std::vector<Slot> slots;
  slots.reserve(used_);
  std::ranges::copy_if(slots_, std::back_inserter(slots),
                       [](const Slot& slot) { return slot.key != kFree && slot.count > 0; });
  std::ranges::sort(slots, {}, &Slot::key);
  return slots;
}

std::vector<ClassificationCounts::Cell> ClassificationCounts::Cells() const {
  std::vector<Cell> cells;
  for (const Slot& slot : Sorted()) {
    cells.push_back({.bin = BinOf(slot.key),
                     .predicted = PredictedOf(slot.key),
                     .label = LabelOf(slot.key),
                     .count = slot.count,
                     .score_sum = static_cast<double>(slot.score) / kScoreUnits});
  }
  return cells;
}

void ClassificationCounts::Encode(Encoder& out) const {
  // kNone becomes 0, so that the frequent codes take one byte.
  const auto code = [&](std::uint16_t value) { out.Varint(static_cast<std::uint16_t>(value + 1)); };
  const std::vector<Slot> slots = Sorted();
  out.Byte(kVersion);
  code(positive_);
  out.Varint(slots.size());
  std::uint16_t last_bin = 0;
  for (const Slot& slot : slots) {
    out.Varint(static_cast<std::uint16_t>(BinOf(slot.key) - last_bin));
    last_bin = BinOf(slot.key);
    code(PredictedOf(slot.key));
    code(LabelOf(slot.key));
    out.Varint(slot.count);
    if (Scored(slot.key)) out.Varint(slot.score);
  }
  if (positive_ == kNone || scored_labels_ == 0) return;
  for (const FixedSum* sum : {&brier_, &brier_squares_, &log_loss_, &log_loss_squares_}) sum->Encode(out);
}

ClassificationCounts ClassificationCounts::Decode(Decoder& in) {
  in.Version(kVersion, "classification counts");
  const auto code = [&]() {
    const std::uint64_t value = in.Varint();
    if (value > kNone) throw DecodeError("classification counts: a malformed class");
    return static_cast<std::uint16_t>(value - 1);
  };
  ClassificationCounts counts(code());
  std::uint64_t bin = 0;
  std::uint64_t last_key = 0;
  const std::size_t cells = in.Count(std::size_t{1} << 48);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    bin = AddStored(bin, in.Varint());
    if (bin > kNone) throw DecodeError("classification counts: a malformed bin");
    Outcome outcome{.bin = static_cast<std::uint16_t>(bin)};
    outcome.predicted = code();
    outcome.label = code();
    const std::uint64_t key = KeyOf(outcome);
    if (cell > 0 && key <= last_key) throw DecodeError("classification counts: cells out of order");
    last_key = key;
    const std::uint64_t count = in.Varint();
    const std::uint64_t score = Scored(key) ? in.Varint() : 0;
    if (count == 0 || static_cast<double>(score) > static_cast<double>(count) * kScoreUnits)
      throw DecodeError("classification counts: a malformed cell");
    Slot& slot = counts.At(key);
    slot.count = count;
    slot.score = score;
    counts.predictions_ = AddStored(counts.predictions_, count);
    if (!Labelled(key)) continue;
    counts.labels_ += count;
    if (Scored(key)) counts.scored_labels_ += count;
  }
  if (counts.positive_ == kNone || counts.scored_labels_ == 0) return counts;
  for (FixedSum* sum : {&counts.brier_, &counts.brier_squares_, &counts.log_loss_, &counts.log_loss_squares_})
    *sum = FixedSum::Decode(in);
  return counts;
}

}  // namespace detectors
