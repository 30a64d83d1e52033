// From alert events to messages: what is told to whom, and when a retraining is asked for.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "alerts/time_text.h"
#include "monitor/judge/judge_model.h"

namespace monitor {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

bool Takes(const RetrainConfig& retrain, const alerts::IncidentEvent& event) {
  const bool model = retrain.models.empty() || std::find(retrain.models.begin(), retrain.models.end(), event.model) != retrain.models.end();
  return model && std::find(retrain.causes.begin(), retrain.causes.end(), event.cause) != retrain.causes.end();
}

}  // namespace

void Judge::Tell(const Model& model, std::vector<alerts::IncidentEvent> events) {
  for (alerts::IncidentEvent& event : events) {
    event.owner = model.state.config().owner;
    event.runbook = model.state.config().runbook;
    event.url = config_.external_url + "/?model=" + event.model;
    for (alerts::Alert& alert : event.alerts) alert.url = AlertUrl(alert.id);
    using Type = alerts::IncidentEvent::Type;
    if (event.type == Type::kResolved) {
      if (!event.told) continue;  // whoever did not hear of the beginning does not hear of the end
    } else {
      if (!alerts::RemoveSilenced(event, desk_.silences(), clocks_.wall())) continue;
      if (!event.told) event.type = Type::kFiring;
      book_.NoteTold(event.incident, clocks_.wall());
    }
    for (const auto& target : targets_) {
      if (target->Wants(event)) Enqueue(*target, event);
    }
    if (event.type == Type::kFiring) Retrain(event);
  }
}

void Judge::Enqueue(const alerts::Target& target, const alerts::IncidentEvent& event) {
  alerts::OutboxRow row = target.Render(event);
  row.id = alerts::MessageId(event.incident, event.transition, target.name());
  row.target = target.name();
  row.type = alerts::Text(event.type);
  row.created_ns = row.next_attempt_ns = clocks_.wall();
  new_rows_.push_back(std::move(row));
}

void Judge::Retrain(const alerts::IncidentEvent& incident) {
  for (const RetrainConfig& retrain : config_.retrain) {
    if (!Takes(retrain, incident)) continue;
    std::vector<std::int64_t> times =
        store_.RetrainTimes(incident.model, retrain.name, incident.timestamp_ns - std::max(kDayNs, retrain.cooldown.count()));
    for (const NewRetrain& fresh : new_retrains_) {
      if (fresh.model == incident.model && fresh.target == retrain.name) times.push_back(fresh.requested_ns);
    }
    const auto within = [&](std::int64_t length) {
      return std::count_if(times.begin(), times.end(), [&](std::int64_t ns) { return ns > incident.timestamp_ns - length; });
    };
    const char* state = within(retrain.cooldown.count()) > 0              ? "held back: cooldown"
                        : within(kDayNs) >= retrain.max_per_day           ? "held back: max_per_day"
                        : retrain.manual                                  ? "awaiting approval"
                                                                          : "requested";
    alerts::IncidentEvent event = incident;
    event.type = alerts::IncidentEvent::Type::kRetrainRequested;
    const std::string id = alerts::MessageId(incident.incident, incident.transition, retrain.name).substr(0, 16);
    if (std::string_view(state) == "requested") {
      for (const auto& target : targets_) {
        if (target->name() == retrain.name && target->Wants(event)) Enqueue(*target, event);
      }
    }
    if (std::string_view(state).starts_with("held")) {
      ++retrains_[{retrain.name, "held_back"}];
      continue;
    }
    new_retrains_.push_back({id, incident.model, retrain.name,
                             nlohmann::json{{"id", id},
                                            {"model", incident.model},
                                            {"target", retrain.name},
                                            {"state", state},
                                            {"cause", alerts::Text(incident.cause)},
                                            {"incident", incident.incident},
                                            {"requested_at", alerts::FormatTime(incident.timestamp_ns)}}
                                 .dump(),
                             incident.timestamp_ns});
  }
}

}  // namespace monitor
