// ClassificationCounts: what is kept of classified records, as a sparse table of counts over (score bin, predicted
// class, label class) and a few sums.
//
// Classes are codes that the caller gives out; kNone stands for "no score", "no predicted class" and "no label yet".
// With a positive class the score is the probability of that class, and the sums of the Brier term (s−y)², of the
// log-loss term −ln p (p = s for a positive label, 1−s otherwise, clipped to 1e-7..1−1e-7) and of their squares over
// labelled scored predictions are kept. Without one (multi-class models) the score is the probability of the predicted
// class. All state is integer (scores in units of 2^-30, terms in units of 2^-40), so any order, split and later
// removal gives the same state and the same bytes. Removing relies on std::log giving the same result again. Not
// thread-safe. Cost: Add about 7 ns, with a label of a scored prediction about 22 ns; 24 bytes for each cell in use,
// up to three times as much for the free ones between them; encoded about 10 bytes a cell. Errors: std::logic_error
// when more is removed than was added, std::invalid_argument when tables with different positive classes meet.
#pragma once

#include <cstdint>
#include <vector>

#include "detectors/counts/fixed_sum.h"
#include "detectors/encoding.h"

namespace detectors {

inline constexpr std::uint16_t kNone = 0xFFFF;  // no score, no predicted class, no label yet, no positive class

// One prediction and, when it is known, its label. A label that arrives is Remove without it and Add with it.
struct Outcome {
  std::uint16_t bin = kNone;  // of the score, by ScoreBins
  std::uint16_t predicted = kNone;
  std::uint16_t label = kNone;
  float score = 0;  // 0..1; ignored when bin is kNone
};

class ClassificationCounts {
 public:
  struct Cell {
    std::uint16_t bin;
    std::uint16_t predicted;
    std::uint16_t label;
    std::uint64_t count;
    double score_sum;  // to 5e-10 per record
  };

  explicit ClassificationCounts(std::uint16_t positive = kNone) : positive_(positive) {}

  void Add(const Outcome& outcome);
  void Remove(const Outcome& outcome);
  void Merge(const ClassificationCounts& other);
  void Subtract(const ClassificationCounts& other);  // takes out what Merge(other) put in; on an error nothing changes

  // The same predictions, with `label` for every one that has none; scores stand for the mean of their cell, so the
  // sums of the terms are off by the spread of scores within a bin (Brier: less than 2e-6).
  ClassificationCounts WithUnlabelledAs(std::uint16_t label) const;

  std::uint16_t positive() const { return positive_; }
  std::uint64_t predictions() const { return predictions_; }
  std::uint64_t labels() const { return labels_; }                // predictions with a label
  std::uint64_t scored_labels() const { return scored_labels_; }  // those with a score, too
  // Over scored labels; 0 without a positive class.
  double brier_sum() const { return brier_.Value(); }
  double brier_square_sum() const { return brier_squares_.Value(); }
  double log_loss_sum() const { return log_loss_.Value(); }
  double log_loss_square_sum() const { return log_loss_squares_.Value(); }

  // Every cell with a count, by bin, predicted class and label.
  std::vector<Cell> Cells() const;
  template <class Function>
  void ForEach(Function function) const {
    const std::vector<Cell> cells = Cells();
    for (const Cell& cell : cells) function(cell);
  }

  void Encode(Encoder& out) const;
  static ClassificationCounts Decode(Decoder& in);

 private:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};
  struct Slot {
    std::uint64_t key = kFree;  // bin, predicted, label, 16 bits each
    std::uint64_t count = 0;
    std::uint64_t score = 0;  // units
  };

  Slot& At(std::uint64_t key);  // makes room for it
  const Slot* Find(std::uint64_t key) const;
  void Grow();
  template <typename Change>
  void ChangeTerms(const Outcome& outcome, Change change);  // change(sum, term) for each of the four sums
  std::vector<Slot> Sorted() const;
  void Check(const ClassificationCounts& other) const;

  std::uint16_t positive_;
  std::uint64_t predictions_ = 0;
  std::uint64_t labels_ = 0;
  std::uint64_t scored_labels_ = 0;
  FixedSum brier_, brier_squares_, log_loss_, log_loss_squares_;
  std::vector<Slot> slots_;  // open addressing; a power of two, at most three quarters in use
  std::size_t used_ = 0;
};

}  // namespace detectors
