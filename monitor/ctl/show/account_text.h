// AccountText: how an alarm was computed, for people who want to compute it again. Pure.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace monitor {

// `account`: of an alert, as the API answers it (judge/evidence/evidence_account.h): one entry for the alarm that made
// it fire, one for its newest further change. Empty where there is none.
std::string AccountText(const nlohmann::json& account);

}  // namespace monitor
