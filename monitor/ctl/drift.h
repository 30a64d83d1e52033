// One-off comparison of counted rows with a baseline. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "baselines/build/profile_builder.h"
#include "baselines/profile.h"
#include "detectors/distances/distance.h"
#include "monitor/judge/triage/attribution.h"
#include "monitor/judge/windows/verdict.h"

namespace monitor {

struct JudgedColumn {
  const baselines::ProfileColumn* base;
  const detectors::FeatureSummary* live;
  detectors::Distances distances;
  FeatureVerdict verdict;
  std::optional<Attribution> attribution;
};

struct DriftReport {
  std::uint64_t rows = 0;
  Verdict verdict = Verdict::kOk;  // broken, else drift, else ok; insufficient where no column has enough values
  std::vector<JudgedColumn>
      columns;               // features in the baseline's order, then prediction and score where both sides have them
  std::size_t features = 0;  // of `columns`
  std::vector<std::string> absent, unknown;  // columns that the file lacks, and that the baseline does not know
};

// Refers to both arguments.
DriftReport JudgeFile(const baselines::Profile& baseline, const baselines::CountedFile& file);

std::string DriftText(const baselines::Profile& baseline,
                      const DriftReport& report);  // headline, table by size of the change, sentences
nlohmann::json DriftJson(const baselines::Profile& baseline, const DriftReport& report);
int DriftExitCode(Verdict verdict);  // 0 fine, 2 drift or broken, 3 not enough data

}  // namespace monitor
