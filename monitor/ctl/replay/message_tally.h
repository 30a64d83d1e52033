// MessageTally: a receiver that counts what a target with default settings would be told, and sends nothing.
//
// Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

#include "alerts/alert_book.h"
#include "alerts/outbox.h"
#include "alerts/routing.h"

namespace monitor {

class MessageTally : public alerts::Target {
 public:
  // Of people, or of a receiver that keeps alerts by itself and is told every change.
  explicit MessageTally(bool keeps_alerts) : keeps_alerts_(keeps_alerts) {}

  const std::string& name() const override { return name_; }
  bool Wants(const alerts::IncidentEvent& event) const override {
    using Type = alerts::IncidentEvent::Type;
    return event.type != Type::kRetrainRequested && event.type != Type::kRetrainOutcome && Matches(event, {});
  }
  bool keeps_alerts() const override { return keeps_alerts_; }
  alerts::OutboxRow Render(const alerts::IncidentEvent& event) const override {
    ++by_type_[std::string(Text(event.type))];
    return {};
  }
  alerts::Outcome Send(const alerts::OutboxRow& /*row*/) override { return {}; }

  // {"incident.firing":3,"incident.updated":1,…}
  nlohmann::json Counts() const { return by_type_; }

 private:
  bool keeps_alerts_;
  std::string name_ = keeps_alerts_ ? "every change" : "people";
  mutable std::map<std::string, std::size_t> by_type_;
};

}  // namespace monitor
