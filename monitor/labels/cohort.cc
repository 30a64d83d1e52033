#include "monitor/labels/cohort.h"

#include <algorithm>

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr unsigned kLevels = 16;  // the last one takes all that have more zeros

}  // namespace

void CohortCounts::Merge(const CohortCounts& other) {
  classes.Merge(other.classes);
  numbers.Merge(other.numbers);
}

CohortCounts Cohort::Empty() const {
  return {detectors::ClassificationCounts(levels_.front().classes.positive()),
          detectors::RegressionCounts(levels_.front().numbers.reference_mean())};
}

CohortCounts& Cohort::At(unsigned zeros) {
  const std::size_t level = std::min(zeros, kLevels - 1);
  while (levels_.size() <= level) levels_.push_back(Empty());
  return levels_[level];
}

void Cohort::AddPrediction(unsigned zeros, const CohortOutcome& unlabelled) {
  CohortCounts& counts = At(zeros);
  if (numbers_) {
    counts.numbers.AddPrediction(unlabelled.predicted);
  } else {
    counts.classes.Add(unlabelled.classes);
  }
}

void Cohort::AddLabel(unsigned zeros, const CohortOutcome& labelled, std::int64_t delay_ns) {
  CohortCounts& counts = At(zeros);
  delays_.Add(delay_ns);
  if (numbers_) {
    counts.numbers.AddLabel(labelled.predicted, labelled.label);
    return;
  }
  detectors::Outcome before = labelled.classes;
  before.label = detectors::kNone;
  counts.classes.Remove(before);
  counts.classes.Add(labelled.classes);
}

void Cohort::ReplaceLabel(unsigned zeros, const CohortOutcome& before, const CohortOutcome& after) {
  CohortCounts& counts = At(zeros);
  if (numbers_) {
    counts.numbers.RemoveLabel(before.predicted, before.label);
    counts.numbers.AddLabel(after.predicted, after.label);
    return;
  }
  counts.classes.Remove(before.classes);
  counts.classes.Add(after.classes);
}

void Cohort::SampleAt(unsigned level) { level_ = std::max(level_, std::min(level, kLevels - 1)); }

CohortCounts Cohort::Sum() const {
  CohortCounts sum = Empty();
  for (std::size_t level = level_; level < levels_.size(); ++level) sum.Merge(levels_[level]);
  return sum;
}

std::string Cohort::Encode() const {
  detectors::Encoder out;
  out.Byte(kVersion);
  out.Signed(end_ns_);
  out.Text(digest_);
  out.Byte(numbers_ ? 1 : 0);
  out.Varint(level_);
  delays_.Encode(out);
  out.Varint(levels_.size());
  for (const CohortCounts& counts : levels_) {
    if (numbers_) {
      counts.numbers.Encode(out);
    } else {
      counts.classes.Encode(out);
    }
  }
  return out.Take();
}

Cohort Cohort::Decode(std::string_view bytes) {
  detectors::Decoder in(bytes);
  in.Version(kVersion, "cohort");
  Cohort cohort;
  cohort.end_ns_ = in.Signed();
  cohort.digest_ = in.Text();
  cohort.numbers_ = in.Byte() != 0;
  cohort.level_ = static_cast<unsigned>(in.Varint());
  cohort.delays_ = DelayHistogram::Decode(in);
  for (std::size_t left = in.Count(kLevels); left > 0; --left) {
    CohortCounts counts;
    if (cohort.numbers_) {
      counts.numbers = detectors::RegressionCounts::Decode(in);
    } else {
      counts.classes = detectors::ClassificationCounts::Decode(in);
    }
    cohort.levels_.push_back(std::move(counts));
  }
  if (cohort.levels_.empty()) throw detectors::DecodeError("cohort: it has no counts");
  return cohort;
}

}  // namespace monitor
