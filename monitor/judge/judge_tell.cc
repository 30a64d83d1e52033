// From alert events to messages: what is told to whom.
#include "monitor/judge/judge_model.h"

namespace monitor {

void Judge::Address(const Model& model, alerts::IncidentEvent& event) {
  event.owner = model.state.config().owner;
  event.runbook = model.state.config().runbook;
  event.url = config_.external_url + "/?model=" + event.model;
  for (alerts::Alert& alert : event.alerts) alert.url = AlertUrl(alert.id);
  AddCircumstances(model, event);
}

void Judge::Tell(const Model& model, std::vector<alerts::IncidentEvent> events) {
  for (alerts::IncidentEvent& event : events) {
    Address(model, event);
    using Type = alerts::IncidentEvent::Type;
    if (event.withheld) continue;
    if (event.type == Type::kFiring && CatchingUp(model)) {
      book_.Withhold(event.incident, true);
      continue;
    }
    if (event.type == Type::kResolved) {
      if (!event.told) continue;  // whoever did not hear of the beginning does not hear of the end
    } else {
      if (!alerts::RemoveSilenced(event, desk_.silences(), clocks_.wall())) continue;
      if (!event.told) {
        event.type = Type::kFiring;
        event.quiet = false;
      }
      if (!event.quiet) book_.NoteTold(event.incident, clocks_.wall());
    }
    if (event.type == Type::kFiring) Retrain(event);
    for (const auto& target : targets_) {
      if ((!event.quiet || target->keeps_alerts()) && target->Wants(event)) Enqueue(*target, event);
    }
  }
}

void Judge::Enqueue(const alerts::Target& target, const alerts::IncidentEvent& event, alerts::OutboxRow::State state) {
  alerts::OutboxRow row = target.Render(event);
  row.id = alerts::MessageId(event.incident, event.transition, target.name());
  row.target = target.name();
  row.type = alerts::Text(event.type);
  row.created_ns = row.next_attempt_ns = clocks_.wall();
  row.state = state;
  new_rows_.push_back(std::move(row));
}

}  // namespace monitor
