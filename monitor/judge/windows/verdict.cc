#include "monitor/judge/windows/verdict.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "baselines/complete.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

struct Named {
  std::string_view metric, words;
  detectors::Estimate detectors::Distances::*member;
};
constexpr std::array<Named, 9> kMeasures{{
    {"psi", "population stability index", &detectors::Distances::psi},
    {"ks", "Kolmogorov–Smirnov distance", &detectors::Distances::ks},
    {"js", "Jensen–Shannon distance", &detectors::Distances::js},
    {"wasserstein", "Wasserstein distance in standard deviations", &detectors::Distances::wasserstein},
    {"hellinger", "Hellinger distance", &detectors::Distances::hellinger},
    {"tv", "total variation", &detectors::Distances::total_variation},
    {"linf", "largest change of a share", &detectors::Distances::linf},
    {"chi2", "chi-square statistic", &detectors::Distances::chi2},
    {"effect", "shift in standard-deviation equivalents", &detectors::Distances::effect},
}};

// 95 % one-sided Wilson bounds of a share.
std::pair<double, double> Wilson(std::uint64_t k, std::uint64_t n) {
  constexpr double kZ = 1.645;
  if (n == 0) return {0, 1};
  const double size = static_cast<double>(n), share = static_cast<double>(k) / size;
  const double centre = share + kZ * kZ / (2 * size),
               spread = kZ * std::sqrt(share * (1 - share) / size + kZ * kZ / (4 * size * size));
  return {(centre - spread) / (1 + kZ * kZ / size), (centre + spread) / (1 + kZ * kZ / size)};
}

// The largest rate of a fault that the baseline still explains: three times the odds of its upper bound, at least 1.5
// %.
double Tolerated(std::uint64_t faulty, std::uint64_t records) {
  const double upper = std::clamp(Wilson(faulty, records).second, 0.005, 0.999);
  const double odds = 3 * upper / (1 - upper);
  return odds / (1 + odds);
}

}  // namespace

std::string_view Text(Verdict verdict) {
  constexpr std::string_view kTexts[] = {"ok", "insufficient", "drift", "broken"};
  return kTexts[static_cast<int>(verdict)];
}

const detectors::Estimate* Measure(std::string_view metric, const detectors::Distances& distances) {
  for (const Named& named : kMeasures) {
    if (named.metric == metric) return &(distances.*named.member);
  }
  return nullptr;
}

std::string_view MeasureWords(std::string_view metric) {
  for (const Named& named : kMeasures) {
    if (named.metric == metric) return named.words;
  }
  return metric;
}

std::string MeasureSentence(std::string_view measure, const detectors::Estimate& estimate, double threshold,
                            std::uint64_t live, std::uint64_t base) {
  std::string text = std::string(measure) + " " + Number(estimate.value);
  if (std::isfinite(estimate.low)) text += " (at least " + Number(estimate.low) + " without sampling noise, 95 %)";
  if (std::isfinite(threshold)) text += ", threshold " + Number(threshold);
  text += "; " + Thousands(live) + " rows in the window, " + Thousands(base) + " in the baseline";
  if (std::isfinite(estimate.bias) && estimate.bias > 0)
    text += "; about " + Number(estimate.bias) + " would be usual by chance";
  return text;
}

FeatureVerdict JudgeFeature(const baselines::ProfileColumn& base, const detectors::FeatureSummary& live,
                            const detectors::Distances& distances, const Thresholds& thresholds) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const std::string feature = "feature " + base.name;
  const std::string reference = baselines::ReferenceText(base);
  if (live.records() >= thresholds.least_values && base.summary.records() > 0) {
    const struct {
      std::uint64_t live, base;
      const char* words;
    } kFaults[] = {{live.missing(), base.summary.missing(), " of its values are missing ("},
                   {live.type_faults(), base.summary.type_faults(), " of its values are of the wrong type ("}};
    for (const auto& fault : kFaults) {
      const double tolerated = Tolerated(fault.base, base.summary.records());
      if (Wilson(fault.live, live.records()).first <= tolerated) continue;
      const double share = static_cast<double>(fault.live) / static_cast<double>(live.records());
      const double before = static_cast<double>(fault.base) / static_cast<double>(base.summary.records());
      return {Verdict::kBroken,
              feature + ": " + Percent(share) + fault.words + Thousands(fault.live) + " of " +
                  Thousands(live.records()) + " rows); in " + reference + " " + Percent(before) + ", up to " +
                  Percent(tolerated) + " would be tolerated",
              share, tolerated};
    }
  }
  if (!distances.psi.ok())
    return {Verdict::kInsufficient,
            feature + " cannot be compared: " + std::string(detectors::Reason(distances.psi.why)), kNone, kNone};
  if (live.values() < thresholds.least_values) {
    return {Verdict::kInsufficient,
            feature + ": " + Thousands(live.values()) + " values are too few to tell drift from chance, " +
                Thousands(thresholds.least_values) + " are needed",
            kNone, kNone};
  }
  const auto sentence = [&](std::string_view metric, const detectors::Estimate& estimate, double threshold) {
    return MeasureSentence(MeasureWords(metric), estimate, threshold, live.values(), base.summary.values());
  };
  if (distances.psi.low > thresholds.psi) {
    return {Verdict::kDrift, feature + " drifted: " + sentence("psi", distances.psi, thresholds.psi),
            distances.psi.value, thresholds.psi};
  }
  if (distances.ks.ok() && distances.ks.low > thresholds.ks) {
    return {Verdict::kDrift, feature + " drifted: " + sentence("ks", distances.ks, thresholds.ks), distances.ks.value,
            thresholds.ks};
  }
  return {Verdict::kOk, feature + " is as in " + reference + ": " + sentence("psi", distances.psi, thresholds.psi),
          distances.psi.value, thresholds.psi};
}

}  // namespace monitor
