// Calibration: what the reference's labels say that a score is worth: the chance of the foretold event in each score
// bin.
//
// The event is "the label is positive", or, of several classes, "the predicted class is right" (see ScoredBin).
// Isotonic regression of the bins' rates on the score; bins without labels are interpolated between the mean scores of
// their neighbours. It is used only where it helps: every labelled record goes to one of three folds by a generator
// with a fixed seed; each fold is judged by a regression on the other two, and the regression counts as a help if the
// mean raw calibration error of the three is lower than that of the scores as they are. Otherwise a bin is worth its
// mean score (its centre without labels). The same fit on live counts whose labels have matured is a recalibration.
// Immutable after construction, so safe to share between threads. Cost: Fit about 70 ns per record.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detectors/encoding.h"
#include "detectors/quality/classification_counts.h"
#include "detectors/quality/score_bins.h"

namespace detectors {

class Calibration {
 public:
  // A run of score bins whose rates come from the same records, and so err together.
  struct Block {
    std::size_t bins = 0;
    double records = 0;  // labelled ones behind it; 1 where nothing but its neighbours is known
  };

  // Without labelled scores in `reference` it is empty, and nothing can be estimated.
  static Calibration Fit(const ClassificationCounts& reference, const ScoreBins& bins);

  bool empty() const { return rates_.empty(); }
  bool isotonic() const { return isotonic_; }                // false: scores are taken as they are
  std::span<const double> rates() const { return rates_; }   // one for each score bin, 0..1
  std::span<const Block> blocks() const { return blocks_; }  // together all score bins

  void Encode(Encoder& out) const;
  static Calibration Decode(Decoder& in);

 private:
  bool isotonic_ = false;
  std::vector<double> rates_;
  std::vector<Block> blocks_;
};

}  // namespace detectors
