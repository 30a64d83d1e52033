// QualityFacts: what a reader needs beside the counts of a cohort to say how good the model was.
//
// Written by the judge with the cohorts, read by the API. A value type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "baselines/profile.h"
#include "monitor/labels/label_counters.h"

namespace monitor {

struct QualityFacts {
  baselines::Task task = baselines::Task::kNone;
  std::vector<std::string> classes;  // names of the class codes
  std::string positive;
  std::int64_t window_ns = 0;
  std::int64_t labels_watermark_ns = INT64_MIN;
  std::int64_t mature_age_ns = 0;  // a cohort is mature when the labels' watermark is this far beyond its end …
  std::int64_t judged_up_to_ns = INT64_MIN;  // … or when it was judged as mature before
  std::optional<std::string> absent_value;
  std::int64_t absent_after_ns = 0;
  LabelCounters counters;

  bool Mature(std::int64_t cohort_end_ns) const {
    return cohort_end_ns <= judged_up_to_ns ||
           (labels_watermark_ns != INT64_MIN && cohort_end_ns <= labels_watermark_ns - mature_age_ns);
  }
  std::uint16_t CodeOf(const std::string& name) const;  // detectors::kNone when there is none

  std::string ToJson() const;
  static QualityFacts FromJson(const std::string& text);
};

}  // namespace monitor
