// Events as the tests of headlines and targets need them.
#pragma once

#include <string>
#include <vector>

#include "alerts/alert_book.h"

namespace alerts {

inline constexpr std::int64_t kDay = 86'400'000'000'000;
inline constexpr std::int64_t kBegan = 1'366'588'800'000'000'000;  // 2013-04-22T00:00:00Z

inline Alert FiringAlert(const std::string& monitor, const std::string& feature, const std::string& summary) {
  Alert alert;
  alert.model = "flights";
  alert.monitor = monitor;
  alert.feature = feature;
  alert.summary = summary;
  alert.state = State::kFiring;
  alert.id = AlertId(alert.model, "", monitor, kBegan);
  alert.count = 12'345;
  return alert;
}

inline IncidentEvent EventOf(Cause cause, std::vector<Alert> alerts) {
  IncidentEvent event;
  event.incident = std::string("1f9c0aa11f9c0aa1");
  event.transition = 1;
  event.timestamp_ns = kBegan + kDay;
  event.model = "flights";
  event.version = std::string("1");
  event.cause = cause;
  event.began_at_ns = kBegan;
  event.opened_at_ns = kBegan + kDay;
  event.alerts = std::move(alerts);
  return event;
}

}  // namespace alerts
