// Attribution: what the shift of one feature means for the model — by how much it alone moves the mean of what the
// model says, and its error (detectors/counts/composition.h).
//
// Only where the baseline has an outcome reference. A shift is negligible while the cells that have grown or shrunk
// touch the outcome by less than kNegligible of its standard deviation, ups and downs added up: an alert about it is
// `info`. Values of which training knew too little are never called negligible. A feature that matters only together
// with others can look negligible by itself. Pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "baselines/profile.h"
#include "detectors/counts/composition.h"

namespace monitor {

inline constexpr double kNegligible = 0.05;  // standard deviations of the outcome

struct Attribution {
  const baselines::OutcomeReference* reference;
  detectors::CompositionEffect effect;

  double in_deviations() const { return effect.outcome / reference->deviation; }
  bool negligible() const { return effect.touched && *effect.touched < kNegligible * reference->deviation; }
};

// Of the feature with this number in the profile; nothing for other columns, and where there is nothing to go by.
std::optional<Attribution> AttributionOf(const baselines::Profile& profile, std::size_t feature,
                                         const detectors::FeatureSummary& live);

// {"outcome","class","effect","effect_sd","touched_sd","error"}; null for nothing.
nlohmann::json AttributionJson(const std::optional<Attribution>& attribution);
// "; by itself this moves the mean score by +0.081, 0.32 standard deviations"; empty for nothing.
std::string AttributionClause(const std::optional<Attribution>& attribution);

}  // namespace monitor
