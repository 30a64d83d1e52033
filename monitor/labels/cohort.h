// Cohort: the predictions of one step, version, variant and segment, and the labels that have come for them so far.
//
// Counts are kept by the leading zero bits of the ids' hash. While the prediction index samples, only ids with at least
// `level` zeros keep their labels, so only those levels are read (Sum): whatever the labels' delays are, they are a
// random part of the cohort and metrics stay unbiased. A value type; everything in it is integer or exact, so the order
// of predictions, labels and corrections leaves the same bytes. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/quality/classification_counts.h"
#include "detectors/quality/regression_counts.h"
#include "monitor/labels/delay_histogram.h"

namespace monitor {

struct CohortCounts {
  detectors::ClassificationCounts classes;
  detectors::RegressionCounts numbers;

  std::uint64_t predictions() const { return classes.predictions() + numbers.predictions(); }
  std::uint64_t labels() const { return classes.labels() + numbers.labels(); }
  void Merge(const CohortCounts& other);
};

// A prediction as a cohort counts it; one of the two kinds.
struct CohortOutcome {
  detectors::Outcome classes;  // label: detectors::kNone before it has come
  double predicted = 0, label = 0;
  bool labelled = false;
};

class Cohort {
 public:
  Cohort() = default;
  // `digest`: of the profile. `numbers`: of a regression model. `empty`: counts with the positive class or the
  // reference mean that they are kept for.
  Cohort(std::int64_t end_ns, std::string digest, bool numbers, CohortCounts empty)
      : end_ns_(end_ns), digest_(std::move(digest)), numbers_(numbers), levels_{std::move(empty)} {}

  void AddPrediction(unsigned zeros, const CohortOutcome& unlabelled);
  void AddLabel(unsigned zeros, const CohortOutcome& labelled, std::int64_t delay_ns);
  void ReplaceLabel(unsigned zeros, const CohortOutcome& before, const CohortOutcome& after);
  void SampleAt(unsigned level);  // from now on no lower level is complete

  std::int64_t end_ns() const { return end_ns_; }
  const std::string& digest() const { return digest_; }  // of the profile whose score bins are used
  bool numbers() const { return numbers_; }
  unsigned level() const { return level_; }  // 2^-level of the ids are kept
  const DelayHistogram& delays() const { return delays_; }
  CohortCounts Sum() const;

  std::string Encode() const;
  static Cohort Decode(std::string_view bytes);

 private:
  CohortCounts Empty() const;
  CohortCounts& At(unsigned zeros);

  std::int64_t end_ns_ = 0;
  std::string digest_;
  bool numbers_ = false;
  unsigned level_ = 0;
  std::vector<CohortCounts> levels_;  // never empty
  DelayHistogram delays_;
};

}  // namespace monitor
