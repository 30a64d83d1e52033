#include "alerts/alert_book.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "alerts/messages/headline.h"

namespace alerts {
namespace {

using Verdict = Observation::Verdict;

// Effects sort from the largest on, unknown ones last.
double EffectOf(const std::optional<double>& effect) {
  return effect && *effect == *effect ? *effect : -std::numeric_limits<double>::infinity();
}

bool LargerEffect(const Alert& a, const Alert& b) { return EffectOf(a.effect) > EffectOf(b.effect); }

bool Worse(const Observation& a, const Observation& b) {
  const auto rank = [](const Observation& o) {
    const int verdict = o.verdict == Verdict::kViolated ? 2 : o.verdict == Verdict::kClear ? 1 : 0;
    return std::tuple(verdict, o.severity, EffectOf(o.effect), o.count, o.version);
  };
  return rank(a) > rank(b);
}

void TakeOver(Alert& alert, const Observation& seen) {
  alert.version = seen.version;
  alert.feature = seen.feature;
  alert.summary = seen.summary;
  alert.value = seen.value;
  alert.baseline = seen.baseline;
  alert.threshold = seen.threshold;
  alert.effect = seen.effect;
  alert.evidence = seen.evidence;
  alert.count = seen.count;
  alert.changes = seen.changes;
  alert.changed_at_ns = seen.changed_at_ns;
  alert.stable_since_ns = seen.stable_since_ns;
  if (!seen.account.empty()) alert.account = seen.account;
  alert.change = seen.change;
  if (alert.began_at_ns == 0) alert.began_at_ns = seen.began_at_ns;
}

}  // namespace

struct AlertBook::Turn {
  std::int64_t timestamp_ns = 0;
  bool opened = false, joined = false;
  std::vector<Alert> changed;  // further, since they fired
  std::vector<Alert> resolved;
};

std::vector<IncidentEvent> AlertBook::Observe(std::span<const Observation> observations) {
  std::map<Key, const Observation*> worst;
  for (const Observation& seen : observations) {
    const auto [at, added] = worst.try_emplace(Key{seen.model, seen.variant, seen.monitor}, &seen);
    if (!added && Worse(seen, *at->second)) at->second = &seen;
  }
  std::map<IncidentKey, Turn> turns;
  for (const auto& [key, seen] : worst) Take(key, *seen, turns);
  for (const auto& [key, seen] : worst) {
    const auto at = open_.find(key);
    if (at == open_.end() || seen->verdict != Verdict::kViolated) continue;
    at->second.triage = AssessAll({at->second});
    changed_alerts_[at->second.id] = at->second;
  }
  std::vector<IncidentEvent> events;
  for (auto& [key, turn] : turns) {
    if (auto event = Conclude(key, turn)) events.push_back(*std::move(event));
  }
  return events;
}

void AlertBook::Take(const Key& key, const Observation& seen, std::map<IncidentKey, Turn>& turns) {
  if (seen.verdict == Verdict::kInsufficient) return;
  auto at = open_.find(key);
  if (seen.verdict == Verdict::kViolated) {
    if (at == open_.end()) {
      Alert alert;
      alert.id = AlertId(seen.model, seen.variant, seen.monitor, seen.step_start_ns);
      std::tie(alert.model, alert.variant, alert.monitor) = std::tie(seen.model, seen.variant, seen.monitor);
      at = open_.emplace(key, std::move(alert)).first;
    }
    Alert& alert = at->second;
    const bool changed = alert.state == State::kFiring && seen.changes > alert.changes;
    TakeOver(alert, seen);
    ++alert.violated_in_a_row;
    alert.clear_in_a_row = 0;
    if (alert.state == State::kFiring) {
      alert.severity = std::max(alert.severity, seen.severity);
      Turn& turn = turns[{alert.model, alert.variant, alert.cause}];
      turn.timestamp_ns = std::max(turn.timestamp_ns, seen.step_end_ns);
      if (changed) turn.changed.push_back(alert);
    } else {
      alert.cause = seen.cause;
      alert.severity = seen.severity;
      alert.started_at_ns = seen.step_start_ns;
      if (alert.violated_in_a_row >= seen.for_steps) Fire(alert, seen, turns);
    }
    changed_alerts_[alert.id] = alert;
    return;
  }
  if (at == open_.end()) return;
  Alert& alert = at->second;
  if (alert.state == State::kPending) {
    dropped_.push_back(alert.id);
    changed_alerts_.erase(alert.id);
    open_.erase(at);
    return;
  }
  alert.violated_in_a_row = 0;
  if (++alert.clear_in_a_row < seen.clear_steps) {
    changed_alerts_[alert.id] = alert;
    return;
  }
  alert.state = State::kResolved;
  alert.resolved_at_ns = seen.step_end_ns;
  changed_alerts_[alert.id] = alert;
  Turn& turn = turns[{alert.model, alert.variant, alert.cause}];
  turn.timestamp_ns = std::max(turn.timestamp_ns, seen.step_end_ns);
  turn.resolved.push_back(std::move(alert));
  open_.erase(at);
}

void AlertBook::Fire(Alert& alert, const Observation& seen, std::map<IncidentKey, Turn>& turns) {
  const IncidentKey key{alert.model, alert.variant, alert.cause};
  Turn& turn = turns[key];
  turn.timestamp_ns = std::max(turn.timestamp_ns, seen.step_end_ns);
  turn.joined = true;
  const auto [at, added] = incidents_.try_emplace(key);
  Incident& incident = at->second;
  if (added) {
    turn.opened = true;
    incident.id = IncidentId(alert.model, alert.variant, alert.cause, seen.step_start_ns, alert.id);
    std::tie(incident.model, incident.version, incident.variant) = std::tie(alert.model, alert.version, alert.variant);
    incident.cause = alert.cause;
  }
  alert.state = State::kFiring;
  alert.incident = incident.id;
  incident.alerts.push_back(alert.id);
  if (alert.began_at_ns != 0 && (incident.began_at_ns == 0 || alert.began_at_ns < incident.began_at_ns)) {
    incident.began_at_ns = alert.began_at_ns;
  }
}

std::vector<Alert> AlertBook::Firing(const IncidentKey& key) const {
  std::vector<Alert> firing;
  for (auto at = open_.lower_bound({key.model, key.variant, ""}); at != open_.end(); ++at) {
    const Alert& alert = at->second;
    if (alert.model != key.model || alert.variant != key.variant) break;
    if (alert.state == State::kFiring && alert.cause == key.cause) firing.push_back(alert);
  }
  return firing;
}

Triage AlertBook::AssessAll(const std::vector<Alert>& alerts) const {
  std::vector<const Alert*> own, others;
  for (const Alert& alert : alerts) {
    if (alert.state == State::kFiring || alerts.front().state != State::kFiring) own.push_back(&alert);
  }
  const Alert& first = alerts.front();
  for (auto at = open_.lower_bound({first.model, first.variant, ""}); at != open_.end(); ++at) {
    const Alert& alert = at->second;
    if (alert.model != first.model || alert.variant != first.variant) break;
    if (alert.state == State::kFiring && alert.cause != first.cause) others.push_back(&alert);
  }
  return Assess(own, others);
}

std::optional<IncidentEvent> AlertBook::Conclude(const IncidentKey& key, Turn& turn) {
  Incident& incident = incidents_.at(key);
  std::vector<Alert> firing = Firing(key);
  Severity severity = Severity::kInfo;
  for (const Alert& alert : firing) severity = std::max(severity, alert.severity);
  // What fell without a word and rises to critical again is told again.
  const bool rose = severity > incident.severity;
  const bool news = !firing.empty() && (turn.opened || (rose && severity == Severity::kCritical) ||
                                        incident.news.IsNews(firing, turn.timestamp_ns));
  if (!turn.joined && turn.resolved.empty() && turn.changed.empty() && !news && !rose) return std::nullopt;
  const std::vector<Alert> further = news ? incident.news.ChangedFurther(firing) : turn.changed;
  if (news) incident.news.Note(firing, turn.timestamp_ns);

  const bool over = firing.empty();
  incident.severity = severity;
  incident.peak = std::max(incident.peak, severity);
  if (turn.opened) incident.opened_at_ns = turn.timestamp_ns;
  if (over) incident.resolved_at_ns = turn.timestamp_ns;

  ++incident.transitions;
  IncidentEvent event = EventOf(incident, std::move(firing));
  event.type = over          ? IncidentEvent::Type::kResolved
               : turn.opened ? IncidentEvent::Type::kFiring
                             : IncidentEvent::Type::kUpdated;
  event.quiet = !over && !news;
  event.timestamp_ns = turn.timestamp_ns;
  if (over) event.severity = incident.peak;
  std::stable_sort(turn.resolved.begin(), turn.resolved.end(), LargerEffect);
  event.alerts.insert(event.alerts.end(), turn.resolved.begin(), turn.resolved.end());
  event.version = event.alerts.front().version;
  event.triage = AssessAll(event.alerts);
  event.summary = over ? ResolvedHeadline(incident) : Headline(event);
  // Of many standing alerts people hear which one changed.
  if (!over && !turn.joined && turn.resolved.empty() && !further.empty()) {
    IncidentEvent changed = event;
    changed.alerts = further;
    event.summary = Headline(changed);
  }
  if (turn.joined) incident.summary = event.summary;

  changed_incidents_[incident.id] = incident;
  if (over) incidents_.erase(key);
  return event;
}

std::vector<Alert> AlertBook::Open() const {
  std::vector<Alert> alerts;
  for (const auto& [key, alert] : open_) alerts.push_back(alert);
  return alerts;
}

IncidentEvent EventOf(const Incident& incident, std::vector<Alert> alerts) {
  IncidentEvent event;
  event.incident = incident.id;
  event.transition = incident.transitions;
  event.model = incident.model;
  event.version = incident.version;
  event.variant = incident.variant;
  event.cause = incident.cause;
  event.severity = incident.severity;
  event.peak = incident.peak;
  event.began_at_ns = incident.began_at_ns;
  event.opened_at_ns = incident.opened_at_ns;
  event.told = incident.told;
  event.withheld = incident.withheld;
  std::stable_sort(alerts.begin(), alerts.end(), LargerEffect);
  event.alerts = std::move(alerts);
  return event;
}

std::vector<Incident> AlertBook::OpenIncidents() const {
  std::vector<Incident> incidents;
  for (const auto& [key, incident] : incidents_) incidents.push_back(incident);
  return incidents;
}

std::vector<Alert> AlertBook::Apply(Mark mark, const std::string& id) {
  std::vector<Alert> marked;
  for (auto& [key, alert] : open_) {
    if (alert.id != id && (alert.incident != id || alert.state != State::kFiring)) continue;
    alert.acknowledged = true;
    alert.accepted = alert.accepted || mark == Mark::kAccepted;
    changed_alerts_[alert.id] = alert;
    marked.push_back(alert);
  }
  return marked;
}

std::map<AlertBook::IncidentKey, Incident>::iterator AlertBook::FindIncident(const std::string& id) {
  return std::find_if(incidents_.begin(), incidents_.end(), [&id](const auto& entry) { return entry.second.id == id; });
}

IncidentEvent AlertBook::Describe(const std::string& id, std::int64_t timestamp_ns) {
  const auto at = FindIncident(id);
  if (at == incidents_.end()) throw std::out_of_range("the incident " + id + " is not open");
  Incident& incident = at->second;
  if (incident.told) ++incident.transitions;  // of the transitions so far none was told, else
  std::vector<Alert> firing = Firing(at->first);
  incident.news.Note(firing, timestamp_ns);
  changed_incidents_[incident.id] = incident;
  IncidentEvent event = EventOf(incident, std::move(firing));
  event.type = incident.told ? IncidentEvent::Type::kUpdated : IncidentEvent::Type::kFiring;
  event.timestamp_ns = timestamp_ns;
  event.version = event.alerts.front().version;
  event.triage = AssessAll(event.alerts);
  event.summary = Headline(event);
  return event;
}

void AlertBook::NoteTold(const std::string& id, std::int64_t wall_ns) {
  const auto at = FindIncident(id);
  if (at == incidents_.end()) return;
  at->second.told = true;
  at->second.told_at_ns = wall_ns;
  at->second.withheld = false;
  changed_incidents_[id] = at->second;
}

void AlertBook::Withhold(const std::string& id, bool withheld) {
  const auto at = FindIncident(id);
  if (at == incidents_.end()) return;
  at->second.withheld = withheld;
  changed_incidents_[id] = at->second;
}

AlertBook::Changes AlertBook::TakeChanges() {
  Changes changes;
  for (auto& [id, alert] : std::exchange(changed_alerts_, {})) changes.alerts.push_back(alert);
  for (auto& [id, incident] : std::exchange(changed_incidents_, {})) changes.incidents.push_back(incident);
  changes.dropped = std::exchange(dropped_, {});
  return changes;
}

void AlertBook::Restore(std::vector<Alert> alerts, std::vector<Incident> incidents) {
  for (Incident& incident : incidents) {
    if (incident.resolved_at_ns != 0) continue;
    incidents_[{incident.model, incident.variant, incident.cause}] = std::move(incident);
  }
  for (Alert& alert : alerts) {
    if (alert.state == State::kResolved) continue;
    const auto incident = incidents_.find({alert.model, alert.variant, alert.cause});
    if (alert.state == State::kFiring && (incident == incidents_.end() || incident->second.id != alert.incident)) {
      throw std::invalid_argument("the stored alert " + alert.id + " fires, but its incident " + alert.incident +
                                  " is not open");
    }
    Key key{alert.model, alert.variant, alert.monitor};
    open_[std::move(key)] = std::move(alert);
  }
  // Of what an older version told, nothing is known but that people heard of what stood.
  for (auto& [key, incident] : incidents_) {
    const std::vector<Alert> firing = Firing(key);
    if (!incident.news.anything() && !firing.empty()) incident.news.Note(firing, incident.opened_at_ns);
  }
}

}  // namespace alerts
