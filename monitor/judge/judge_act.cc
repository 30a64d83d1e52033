// What operators do: acknowledge, accept, silence, approve. Everything is answered after the commit that keeps it.
#include <algorithm>

#include "alerts/messages/digest.h"
#include "alerts/messages/time_text.h"
#include "monitor/judge/judge_model.h"
#include "monitor/store/history.h"

namespace monitor {
namespace {

using Kind = OperatorAction::Kind;
using nlohmann::json;

ActionAnswer Refuse(int status, const std::string& why) { return {status, {{"error", why}}}; }

const char* NameOf(Kind kind) {
  switch (kind) {
    case Kind::kAcknowledge:
      return "ack";
    case Kind::kAccept:
      return "accept";
    case Kind::kUndoAccept:
      return "undo_accept";
    case Kind::kSilence:
      return "silence";
    case Kind::kEndSilence:
      return "end_silence";
    case Kind::kApprove:
      return "approve";
    case Kind::kOutboxRetry:
      return "outbox_retry";
    case Kind::kOutboxDrop:
      return "outbox_drop";
    case Kind::kNotifyTest:
      return "notify_test";
  }
  return "";
}

}  // namespace

void Judge::Act(const OperatorAction& action, AnswerAction answer) {
  desk_.AnswerLater(std::move(answer), [&] {
    switch (action.kind) {
      case Kind::kAcknowledge:
      case Kind::kAccept:
        return MarkAlerts(action);
      case Kind::kUndoAccept:
        return UndoAccept(action);
      case Kind::kSilence:
        return Silence(action);
      case Kind::kEndSilence:
        return EndSilence(action);
      case Kind::kApprove:
        return Approve(action);
      case Kind::kOutboxRetry:
      case Kind::kOutboxDrop:
        return ChangeMessage(action);
      case Kind::kNotifyTest:
        return TestTarget(action);
    }
    return Refuse(400, "unknown action");
  }());
  next_checkpoint_ns_ = clocks_.steady();
}

void Judge::Audit(const OperatorAction& action, const std::string& subject, const std::string& model) {
  desk_.Note({clocks_.wall(), NameOf(action.kind), subject, model, action.by, action.comment});
}

ActionAnswer Judge::MarkAlerts(const OperatorAction& action) {
  // Alerts and incidents that fire, by the beginning of their ids.
  std::set<std::string> alerts, incidents;
  for (const alerts::Alert& alert : book_.Open()) {
    if (alert.id.starts_with(action.subject)) alerts.insert(alert.id);
    if (!alert.incident.empty() && alert.incident.starts_with(action.subject)) incidents.insert(alert.incident);
  }
  if (action.subject.empty() || alerts.size() + incidents.size() > 1) {
    return Refuse(400, "`" + action.subject + "` is the beginning of more than one id; give more digits");
  }
  if (alerts.empty() && incidents.empty()) {
    const auto known = History(store_.db()).Alert(action.subject);
    if (known && known->at("state") == "resolved")
      return Refuse(409, "alert " + known->at("id").get<std::string>() + " is resolved already");
    return Refuse(404, "no open alert or incident has an id that begins with `" + action.subject + "`");
  }
  using Mark = alerts::AlertBook::Mark;
  const std::vector<alerts::Alert> applied =
      book_.Apply(action.kind == Kind::kAccept ? Mark::kAccepted : Mark::kAcknowledged,
                  alerts.empty() ? *incidents.begin() : *alerts.begin());
  for (const alerts::Alert& alert : applied) Audit(action, alert.id, alert.model);
  TakeBookChanges();
  if (action.kind == Kind::kAccept) AcceptTraffic(applied);
  json marked = json::array();
  for (const alerts::Alert& alert : applied) marked.push_back(alerts::ToJson(firing_.at(alert.id)));
  return {200, alerts.empty() ? json{{"alerts", marked}} : marked.front()};
}

bool Judge::Accept(Model& model, const alerts::Alert& alert) {
  return model.state.Accept(alert.variant, alert.monitor) ||
         model.quality.Accept({alert.version, alert.variant}, alert.monitor, model.labels.cohorts(),
                              model.state.plan());
}

void Judge::AcceptTraffic(const std::vector<alerts::Alert>& accepted) {
  std::map<std::string, std::vector<alerts::Observation>> over;  // by model
  for (const alerts::Alert& alert : accepted) {
    const auto model = models_.find(alert.model);
    if (model == models_.end() || !Accept(*model->second, alert)) continue;
    alerts::Observation clear;
    clear.model = alert.model;
    clear.version = alert.version;
    clear.variant = alert.variant;
    clear.monitor = alert.monitor;
    clear.feature = alert.feature;
    clear.cause = alert.cause;
    clear.step_start_ns = alert.started_at_ns;
    clear.step_end_ns = std::max(alert.started_at_ns, model->second->state.closed_up_to());
    over[alert.model].push_back(std::move(clear));
  }
  for (auto& [name, observations] : over) Report(*models_.at(name), std::move(observations));
}

ActionAnswer Judge::UndoAccept(const OperatorAction& action) {
  std::optional<alerts::Alert> alert;
  for (const auto& [id, open] : firing_) {
    if (!action.subject.empty() && id.starts_with(action.subject)) alert = open;
  }
  if (!alert) {
    const auto known = History(store_.db()).Alert(action.subject);
    if (!known) return Refuse(404, "no alert has an id that begins with `" + action.subject + "`");
    alert = store_.StoredAlert(known->at("id").get<std::string>());
  }
  const auto model = models_.find(alert->model);
  if (model == models_.end()) return Refuse(404, "the model `" + alert->model + "` is not configured any more");
  if (!model->second->state.UndoAccept(alert->variant, alert->monitor) &&
      !model->second->quality.UndoAccept({alert->version, alert->variant}, alert->monitor)) {
    return Refuse(409, "nothing is accepted for " + alert->monitor + ": it is compared with training");
  }
  alert->accepted = false;
  changed_alerts_.push_back(*alert);
  Audit(action, alert->id, alert->model);
  return {200, alerts::ToJson(*alert)};
}

ActionAnswer Judge::Silence(const OperatorAction& action) {
  alerts::Silence silence = action.silence;
  if (!models_.contains(silence.model)) return Refuse(404, "unknown model `" + silence.model + "`");
  if (silence.to_ns <= clocks_.wall())
    return Refuse(400, "the silence would already be over: it ends " + alerts::FormatTime(silence.to_ns));
  silence.by = action.by;
  silence.comment = action.comment;
  silence.id = alerts::HexDigest({"silence", alerts::ToStored(silence).dump(), std::to_string(clocks_.wall()),
                                  std::to_string(desk_.silences().size())},
                                 16);
  desk_.Put(silence);
  Audit(action, silence.id, silence.model);
  return {200, alerts::ToJson(silence)};
}

ActionAnswer Judge::EndSilence(const OperatorAction& action) {
  std::vector<alerts::Silence> found;
  for (const alerts::Silence& silence : desk_.silences()) {
    if (silence.id.starts_with(action.subject) && silence.to_ns > clocks_.wall()) found.push_back(silence);
  }
  if (found.empty())
    return Refuse(404, "no silence that is not over has an id that begins with `" + action.subject + "`");
  if (found.size() > 1)
    return Refuse(400, "`" + action.subject + "` is the beginning of more than one id; give more digits");
  found.front().to_ns = clocks_.wall();
  found.front().from_ns = std::min(found.front().from_ns, found.front().to_ns);
  desk_.Put(found.front());
  Audit(action, found.front().id, found.front().model);
  return {200, alerts::ToJson(found.front())};
}

std::vector<alerts::OutboxRow> Judge::MessagesOf(const std::string& id_prefix) {
  std::map<std::string, alerts::OutboxRow> found;
  for (alerts::OutboxRow& row : store_.Outbox(id_prefix)) found[row.id] = std::move(row);
  // What is not committed yet is newer.
  for (const auto* rows : {&new_rows_, &tried_rows_}) {
    for (const alerts::OutboxRow& row : *rows) {
      if (row.id.starts_with(id_prefix)) found[row.id] = row;
    }
  }
  std::vector<alerts::OutboxRow> messages;
  for (auto& [id, row] : found) messages.push_back(std::move(row));
  return messages;
}

void Judge::SendAgain(alerts::OutboxRow row) {
  std::erase_if(new_rows_, [&row](const alerts::OutboxRow& waiting) { return waiting.id == row.id; });
  row.state = alerts::OutboxRow::State::kPending;
  row.attempts = 0;
  row.next_attempt_ns = clocks_.wall();
  row.remember.reset();
  new_rows_.push_back(std::move(row));
}

ActionAnswer Judge::ChangeMessage(const OperatorAction& action) {
  using State = alerts::OutboxRow::State;
  std::vector<alerts::OutboxRow> found = MessagesOf(action.subject);
  if (found.empty()) return Refuse(404, "no message has an id that begins with `" + action.subject + "`");
  if (found.size() > 1)
    return Refuse(400, "`" + action.subject + "` is the beginning of more than one id; give more digits");
  alerts::OutboxRow row = found.front();
  if (row.state == State::kDelivered) return Refuse(409, "message " + row.id + " was delivered already");
  if (action.kind == Kind::kOutboxRetry) {
    if (row.state == State::kHeld)
      return Refuse(409, "message " + row.id + " awaits approval: monitorctl approve " + row.id.substr(0, 8));
    SendAgain(row);
  } else {
    std::erase_if(new_rows_, [&row](const alerts::OutboxRow& waiting) { return waiting.id == row.id; });
    row.state = State::kDead;
    row.last_error = "dropped by " + (action.by.empty() ? "an operator" : action.by);
    if (row.type == "retrain.requested") NoteRetrainTry(row);
    new_rows_.push_back(row);
  }
  Audit(action, row.id, "");
  return {200,
          {{"id", row.id},
           {"target", row.target},
           {"type", row.type},
           {"state", action.kind == Kind::kOutboxRetry ? "pending" : "dead"}}};
}

ActionAnswer Judge::TestTarget(const OperatorAction& action) {
  std::string known;
  for (const NotifyConfig& notify : config_.notify) known += (known.empty() ? "" : ", ") + notify.name;
  for (const auto& target : targets_) {
    const bool tells = std::any_of(config_.notify.begin(), config_.notify.end(),
                                   [&](const NotifyConfig& notify) { return notify.name == target->name(); });
    if (target->name() != action.subject || !tells) continue;
    alerts::IncidentEvent event;
    event.incident = alerts::HexDigest({"test", target->name(), std::to_string(clocks_.wall())}, 16);
    event.timestamp_ns = event.opened_at_ns = clocks_.wall();
    event.model = "test";
    event.severity = event.peak = alerts::Severity::kInfo;
    event.summary = "test: a message to try out the target " + target->name() + ", asked for by " +
                    (action.by.empty() ? "an operator" : action.by) + "; nothing is wrong";
    event.url = config_.external_url + "/";
    // Firing and over at once, so that nothing stays open at the receiver.
    json ids = json::array();
    for (const auto type : {alerts::IncidentEvent::Type::kFiring, alerts::IncidentEvent::Type::kResolved}) {
      event.type = type;
      ++event.transition;
      Enqueue(*target, event);
      ids.push_back(new_rows_.back().id);
    }
    Audit(action, target->name(), "");
    return {200, {{"target", target->name()}, {"messages", ids}}};
  }
  return Refuse(
      404, "no target of `notify` is called `" + action.subject + "`; there are: " + (known.empty() ? "none" : known));
}

void Judge::Remind() {
  const std::int64_t now = clocks_.wall(), repeat = config_.repeat.count();
  for (const alerts::Incident& incident : book_.OpenIncidents()) {
    const auto model = models_.find(incident.model);
    if (model == models_.end()) continue;
    if (incident.withheld) continue;
    const bool due = !incident.told || (repeat > 0 && now - incident.told_at_ns >= repeat);
    if (!due || !SomebodyShouldHear(incident)) continue;
    Tell(*model->second,
         {book_.Describe(incident.id, std::max(incident.opened_at_ns, model->second->state.closed_up_to()))});
  }
  TakeBookChanges();
}

bool Judge::SomebodyShouldHear(const alerts::Incident& incident) const {
  for (const auto& [id, alert] : firing_) {
    if (alert.incident != incident.id || alert.state != alerts::State::kFiring) continue;
    if (incident.told && alert.acknowledged) continue;
    const auto covers = [&](const alerts::Silence& silence) { return alerts::Covers(silence, alert, clocks_.wall()); };
    if (std::none_of(desk_.silences().begin(), desk_.silences().end(), covers)) return true;
  }
  return false;
}

}  // namespace monitor
