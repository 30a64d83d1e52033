// When a retraining is asked for, and what becomes of it: guard rails, approval, answer of the target, new version in
// the traffic, whether it helped.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "alerts/message.h"
#include "alerts/time_text.h"
#include "monitor/judge/judge_model.h"
#include "monitor/store/history.h"

namespace monitor {
namespace {

using nlohmann::json;

bool Takes(const RetrainConfig& retrain, const alerts::IncidentEvent& event) {
  const bool model = retrain.models.empty() ||
                     std::find(retrain.models.begin(), retrain.models.end(), event.model) != retrain.models.end();
  return model && std::find(retrain.causes.begin(), retrain.causes.end(), event.cause) != retrain.causes.end();
}

std::set<std::string> VersionsOf(const ModelSnapshot& model) {
  std::set<std::string> versions;
  for (const VersionSnapshot& version : model.versions) versions.insert(version.version);
  return versions;
}

// Columns of a window that drifted or broke; nullopt while the window is not full or too small to say anything.
std::optional<std::size_t> Drifted(const json& window) {
  if (!window.is_object() || window.value("partial", true)) return std::nullopt;
  std::size_t drifted = 0, judged = 0;
  for (const json& feature : window.value("features", json::array())) {
    const std::string verdict = feature.value("verdict", "insufficient");
    judged += verdict != "insufficient" ? 1 : 0;
    drifted += verdict == "drift" || verdict == "broken" ? 1 : 0;
  }
  return judged == 0 ? std::nullopt : std::optional(drifted);
}

json NewestWindow(Sqlite& db, const std::string& model, const std::string& version) {
  HistoryQuery query;
  query.model = model;
  query.version = version;
  query.limit = 1;
  const json windows = History(db).Windows(query)["windows"];
  return windows.empty() ? json() : windows.back();
}

// The evidence is what the alerts of the incident say: quality alerts are metrics, all others features.
json RetrainEvidence(const alerts::IncidentEvent& incident) {
  json features = json::array(), metrics = json::array();
  for (const alerts::Alert& alert : incident.alerts) {
    if (features.size() + metrics.size() == alerts::kMaxListedAlerts) break;
    const json found = alerts::ToJson(alert);
    json line{{"name", alert.feature.empty() ? alert.monitor : alert.feature}};
    for (const char* key : {"monitor", "baseline", "value", "threshold", "effect", "count"}) line[key] = found.at(key);
    (incident.cause == alerts::Cause::kQualityLoss ? metrics : features).push_back(std::move(line));
  }
  return {{"features", features}, {"metrics", metrics}};
}

}  // namespace

void Judge::Retrain(alerts::IncidentEvent& incident) {
  const bool broken = std::any_of(firing_.begin(), firing_.end(), [&](const auto& entry) {
    const alerts::Alert& alert = entry.second;
    return alert.model == incident.model && alert.state == alerts::State::kFiring && !alert.accepted &&
           (alert.cause == alerts::Cause::kBrokenPipeline || alerts::IsFault(alert.change.kind));
  });
  const std::int64_t wall = clocks_.wall(), now = wall != 0 ? wall : incident.timestamp_ns;
  for (const RetrainConfig& retrain : config_.retrain) {
    if (!Takes(retrain, incident)) continue;
    const std::string held = broken ? "broken pipeline" : ledger_.HeldBackBy(retrain, incident.model, now);
    if (!held.empty()) {
      ++retrains_[{retrain.name, "held_back"}];
      incident.triggered.push_back("retraining by " + retrain.name + " is held back: " + held);
      continue;
    }
    const char* state = retrain.dry_run ? "dry_run" : retrain.manual ? "awaiting_approval" : "requested";
    alerts::IncidentEvent event = incident;
    event.type = alerts::IncidentEvent::Type::kRetrainRequested;
    RetrainRecord record;
    record.message = alerts::MessageId(incident.incident, incident.transition, retrain.name);
    record.id = record.message.substr(0, 16);
    record.model = incident.model;
    record.target = retrain.name;
    record.requested_ns = now;
    record.api = {{"id", record.id},
                  {"model", incident.model},
                  {"target", retrain.name},
                  {"state", state},
                  {"cause", alerts::Text(incident.cause)},
                  {"incident", incident.incident},
                  {"version", incident.version.empty() ? json() : json(incident.version)},
                  {"summary", incident.summary},
                  {"requested_at", alerts::FormatTime(now)},
                  {"message", record.message},
                  {"evidence", RetrainEvidence(incident)}};
    if (const auto model = models_.find(incident.model); model != models_.end()) {
      record.api["versions"] = VersionsOf(model->second->state.Snapshot());
      record.api["drifted"] = incident.alerts.size();
    }
    for (const auto& target : targets_) {
      using State = alerts::OutboxRow::State;
      if (retrain.dry_run || target->name() != retrain.name || !target->Wants(event)) continue;
      Enqueue(*target, event, retrain.manual ? State::kHeld : State::kPending);
    }
    incident.triggered.push_back(retrain.dry_run  ? "retraining by " + retrain.name + " would be asked for (dry run)"
                                 : retrain.manual ? "retraining by " + retrain.name +
                                                        " awaits approval: monitorctl approve " + record.id.substr(0, 8)
                                                  : "retraining by " + retrain.name + " was asked for");
    ledger_.Add(std::move(record));
  }
}

ActionAnswer Judge::Approve(const OperatorAction& action) {
  RetrainRecord* record = nullptr;
  try {
    record = ledger_.Find(action.subject);
  } catch (const std::invalid_argument& ambiguous) {
    return {400, {{"error", ambiguous.what()}}};
  }
  if (record == nullptr) return {404, {{"error", "no retraining has an id that begins with `" + action.subject + "`"}}};
  if (record->state() != "awaiting_approval") {
    return {409, {{"error", "retraining " + record->id + " does not await approval: its state is " + record->state()}}};
  }
  const std::vector<alerts::OutboxRow> found = MessagesOf(record->message);
  if (found.empty() || found.front().state != alerts::OutboxRow::State::kHeld) {
    return {409, {{"error", "the message of retraining " + record->id + " is in the outbox no more"}}};
  }
  SendAgain(found.front());
  ledger_.Change(*record, {{"state", "approved"},
                           {"approved_at", alerts::FormatTime(clocks_.wall())},
                           {"approved_by", action.by.empty() ? json() : json(action.by)},
                           {"comment", action.comment.empty() ? json() : json(action.comment)}});
  Audit(action, record->id, record->model);
  return {200, record->api};
}

void Judge::NoteRetrainTry(const alerts::OutboxRow& row) {
  RetrainRecord* record = ledger_.OfMessage(row.id);
  if (record == nullptr) return;
  if (row.state == alerts::OutboxRow::State::kDelivered) {
    ledger_.Change(*record, {{"state", "accepted"},
                             {"accepted_at", alerts::FormatTime(clocks_.wall())},
                             {"reference", row.remember ? json(row.remember->second) : json()},
                             {"error", nullptr}});
  } else if (row.state == alerts::OutboxRow::State::kDead) {
    ledger_.Change(*record, {{"state", "failed"}, {"error", row.last_error}});
  } else {
    ledger_.Change(*record, {{"error", row.last_error}});
  }
}

void Judge::FollowRetrains() {
  for (RetrainRecord* record : ledger_.InState("accepted")) {
    const auto model = models_.find(record->model);
    if (model == models_.end() || !record->api.contains("versions")) continue;
    const auto known = record->api.at("versions").get<std::set<std::string>>();
    for (const VersionSnapshot& version : model->second->state.Snapshot().versions) {
      if (known.contains(version.version)) continue;
      ledger_.Change(*record, {{"state", "deployed"},
                               {"new_version", version.version},
                               {"new_version_seen_at", alerts::FormatTime(version.last_seen_ns)}});
      break;
    }
  }
  for (RetrainRecord* record : ledger_.InState("deployed")) {
    if (record->api.contains("outcome")) continue;
    const std::string version = record->api.at("new_version");
    const auto now = Drifted(NewestWindow(store_.db(), record->model, version));
    if (!now) continue;
    const auto before = record->api.value("drifted", std::size_t{0});
    const char* outcome = *now == 0 || *now * 2 < before ? "helped" : *now < before ? "unclear" : "did_not_help";
    ledger_.Change(*record, {{"outcome", outcome},
                             {"outcome_why", "of the new version's first full window " + std::to_string(*now) +
                                                 " features drifted; " + std::to_string(before) +
                                                 " alerts asked for the retraining"}});
  }
}

}  // namespace monitor
