// What a distribution is compared with beside training, in words and as the API shows it. Pure functions.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "detectors/distances/distance.h"
#include "monitor/judge/evidence/evidence_book.h"

namespace monitor {

// What became of a change since it fired, as the end of a sentence: "; it changed again, most likely on 5 May 2013,
// 00:00 UTC: its values have become larger", "; stable since 9 March 2013, 00:00 UTC". Empty where nothing is known
// yet.
std::string StandingClause(const EvidenceFinding& finding);

// {"kind":"training|accepted","since","psi","effect"}, and while it is in drift "stable_since","changes","changed_at",
// "change_evidence"; null where training alone is the reference and nothing is in drift. `judged`: distances from the
// reference.
nlohmann::json ReferenceJson(const std::optional<EvidenceFinding>& finding, const detectors::Distances& judged);

}  // namespace monitor
