// JudgeFeature: distances of one feature → a verdict and a sentence. `monitorctl drift` judges two files by it; the
// daemon, which has many steps and so better evidence (evidence_book.h), takes its faults and figures only.
//
// Defaults: below 200 values there is no verdict; drift when the 95 % lower bound of the debiased PSI is above 0.2, or
// (numeric features) that of the Kolmogorov–Smirnov distance above 0.15: both are a shift of about 0.45 standard
// deviations. A rate of missing or of wrongly typed values whose odds are certainly more than three times the
// baseline's is a broken feature, whatever its other values look like. Pure functions.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "baselines/profile.h"
#include "detectors/distances/distance.h"

namespace monitor {

enum class Verdict { kOk, kInsufficient, kDrift, kBroken };
std::string_view Text(Verdict verdict);  // ok, insufficient, drift, broken

struct Thresholds {
  double psi = 0.2;  // on the lower bounds; infinity switches one off
  double ks = 0.15;
  std::uint64_t least_values = 200;
};

struct FeatureVerdict {
  Verdict verdict = Verdict::kOk;
  std::string why;                                          // a sentence
  double value = std::numeric_limits<double>::quiet_NaN();  // the measure that decided, as defined
  double threshold = std::numeric_limits<double>::quiet_NaN();
};

FeatureVerdict JudgeFeature(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live,
                            const detectors::Distances& distances, const Thresholds& thresholds);

// "population stability index 0.53 (debiased, at least 0.47 at 95 %), threshold 0.2; 1,090 rows in the window, 25,953
// in the baseline; about 0.009 would be usual by chance"
std::string MeasureSentence(std::string_view measure, const detectors::Estimate& estimate, double threshold,
                            std::uint64_t live, std::uint64_t base);
// The measure called `metric` in rules and the API, its name in words; nullptr when there is none of that name.
const detectors::Estimate* Measure(std::string_view metric, const detectors::Distances& distances);
std::string_view MeasureWords(std::string_view metric);

}  // namespace monitor
