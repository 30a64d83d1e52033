// While a model reads what was in its topics before the daemon began to: incidents that begin are withheld, and told
// when the end is reached. Several become one digest; one alone is told as it would have been. Incidents that people
// had heard of before go on as ever. Which incidents are withheld is part of the checkpoint, so a crash loses none and
// tells none twice.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

#include "alerts/catch_up.h"
#include "alerts/messages/headline.h"
#include "monitor/judge/judge_model.h"

namespace monitor {

// The messages of an incident, were it told alone: its beginning and, where it is over, its end.
struct Judge::Withheld {
  alerts::IncidentEvent firing;
  std::optional<alerts::IncidentEvent> over;

  const alerts::IncidentEvent& newest() const { return over ? *over : firing; }
};

bool Judge::CatchingUp(const Model& model) const {
  const ModelConfig& config = model.state.config();
  bool reads = false;
  for (const auto& [id, shard] : shards_) {
    const bool requests = id.topic == config.requests.topic;
    if (!requests && !(config.labels && id.topic == config.labels->topic)) continue;
    if (!shard.at_end && shard.start.next_offset < shard.catch_up_to) return true;
    reads = reads || (requests && shard.read);
  }
  return !reads;
}

void Judge::LoadWithheld() {
  Statement rows(store_.db(), "SELECT stored FROM incident WHERE json_extract(stored,'$.withheld')");
  while (rows.Step()) {
    alerts::Incident incident = alerts::IncidentFromStored(nlohmann::json::parse(rows.Text(0)));
    withheld_[incident.id] = std::move(incident);
  }
}

std::vector<alerts::Alert> Judge::AlertsOf(const alerts::Incident& incident) {
  std::vector<alerts::Alert> found;
  for (const std::string& id : incident.alerts) {
    if (const auto uncommitted = firing_.find(id); uncommitted != firing_.end()) {
      found.push_back(uncommitted->second);
      continue;
    }
    Statement row(store_.db(), "SELECT stored FROM alert WHERE id=?");
    row.Bind(id);
    if (row.Step()) found.push_back(alerts::FromStored(nlohmann::json::parse(row.Text(0))));
  }
  return found;
}

std::vector<Judge::Withheld> Judge::TakeWithheld(const Model& model) {
  std::vector<alerts::Incident> incidents;
  for (const auto& [id, incident] : withheld_) {
    if (incident.model == model.name()) incidents.push_back(incident);
  }
  std::sort(incidents.begin(), incidents.end(), [](const alerts::Incident& a, const alerts::Incident& b) {
    return std::tie(a.opened_at_ns, a.id) < std::tie(b.opened_at_ns, b.id);
  });
  std::vector<Withheld> taken;
  for (alerts::Incident& incident : incidents) {
    withheld_.erase(incident.id);
    Withheld withheld;
    if (incident.resolved_at_ns == 0) {
      book_.Withhold(incident.id, false);
      withheld.firing = book_.Describe(incident.id, std::max(incident.opened_at_ns, model.state.closed_up_to()));
    } else {
      incident.withheld = false;
      changed_incidents_.push_back(incident);
      alerts::IncidentEvent over = alerts::EventOf(incident, AlertsOf(incident));
      over.type = alerts::IncidentEvent::Type::kResolved;
      over.timestamp_ns = incident.resolved_at_ns;
      over.severity = incident.peak;
      over.summary = alerts::ResolvedHeadline(incident);
      withheld.firing = over;
      withheld.firing.type = alerts::IncidentEvent::Type::kFiring;
      withheld.firing.transition = 1;
      withheld.firing.timestamp_ns = incident.opened_at_ns;
      withheld.firing.summary = incident.summary;
      for (alerts::Alert& alert : withheld.firing.alerts) {
        alert.state = alerts::State::kFiring;
        alert.resolved_at_ns = 0;
      }
      withheld.over = std::move(over);
      Address(model, *withheld.over);
    }
    Address(model, withheld.firing);
    // A silenced one that is still open is told when the silence is over (Remind).
    if (!alerts::RemoveSilenced(withheld.firing, desk_.silences(), clocks_.wall())) continue;
    if (!withheld.over) book_.NoteTold(incident.id, clocks_.wall());
    taken.push_back(std::move(withheld));
  }
  return taken;
}

void Judge::TellWithheld() {
  if (withheld_.empty()) return;
  for (const auto& [name, model] : models_) {
    if (CatchingUp(*model)) continue;
    std::vector<Withheld> incidents = TakeWithheld(*model);
    // Of several, those that are over need no retraining any more.
    for (Withheld& incident : incidents) {
      if (!incident.over || incidents.size() == 1) Retrain(incident.firing);
    }
    for (const auto& target : targets_) {
      std::vector<const Withheld*> wanted;
      for (const Withheld& incident : incidents) {
        if (target->Wants(incident.firing)) wanted.push_back(&incident);
      }
      if (wanted.size() > 1 && target->takes_digests()) {
        std::vector<alerts::IncidentEvent> newest;
        for (const Withheld* incident : wanted) newest.push_back(incident->newest());
        Enqueue(*target, alerts::DigestOf(std::move(newest)));
        continue;
      }
      for (const Withheld* incident : wanted) {
        Enqueue(*target, incident->firing);
        if (incident->over) Enqueue(*target, *incident->over);
      }
    }
  }
  TakeBookChanges();
}

}  // namespace monitor
