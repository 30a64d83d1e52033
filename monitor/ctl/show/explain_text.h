// ExplainText: one alert in words, for the person who was woken by it. Pure.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

namespace monitor {

struct Explanation {
  nlohmann::json alert;             // as the API shows it
  nlohmann::json window;            // the API's row of the window around the alert, null when none has closed
  std::uint64_t baseline_rows = 0;  // 0: unknown
  std::string learnt;               // what its part of the baseline was learnt from; empty: the training data
  std::string window_link, alert_link;
  std::string topic, owner, runbook;  // empty: unknown
};

std::string ExplainText(const Explanation& explanation);

}  // namespace monitor
