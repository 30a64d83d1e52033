// When a retraining is asked for, and what becomes of it: guard rails, approval, answer of the target, end of its run,
// new version in the traffic, whether it helped.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "alerts/messages/message.h"
#include "alerts/messages/time_text.h"
#include "monitor/judge/judge_model.h"
#include "monitor/judge/windows/wording.h"
#include "monitor/store/history.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr double kGain = 0.01;  // relative change of quality that is worth the name

bool Takes(const RetrainConfig& retrain, const alerts::IncidentEvent& event) {
  const bool model = retrain.models.empty() ||
                     std::find(retrain.models.begin(), retrain.models.end(), event.model) != retrain.models.end();
  // What nobody is told of is no reason to train.
  const bool told = std::max(event.severity, event.peak) >= alerts::Severity::kWarning;
  return told && model && std::find(retrain.causes.begin(), retrain.causes.end(), event.cause) != retrain.causes.end();
}

std::set<std::string> VersionsOf(const ModelSnapshot& model) {
  std::set<std::string> versions;
  for (const VersionSnapshot& version : model.versions) versions.insert(version.version);
  return versions;
}

// Columns that broke or are surely off the baseline in this window itself; nullopt while it is not full or too small to
// say anything. Verdicts of drift would not do: they are the model's, and go on while the evidence of the old version
// does.
std::optional<std::size_t> Drifted(const json& window, double min_effect) {
  if (!window.is_object() || window.value("partial", true)) return std::nullopt;
  std::size_t drifted = 0, judged = 0;
  for (const json& feature : window.value("features", json::array())) {
    const std::string verdict = feature.value("verdict", "insufficient");
    judged += verdict != "insufficient" ? 1 : 0;
    const json low = feature.value("effect_low", json());
    drifted += verdict == "broken" || (low.is_number() && low.get<double>() > min_effect) ? 1 : 0;
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

// The newest judged cohorts of two versions; nullopt until both have a measure in common.
struct QualityChange {
  double gain;  // relative; positive: the new version is better
  std::string text;
};
using NewestQuality = std::map<std::pair<std::string, std::string>, QualityWatch::Newest>;

std::optional<QualityChange> CompareQuality(const NewestQuality& newest, const std::string& old,
                                            const std::string& fresh) {
  for (const char* metric : {"accuracy", "rmse"}) {
    std::optional<double> before, after;
    for (const auto& [variant, quality] : newest) {
      const auto found = quality.metrics.find(metric);
      if (found == quality.metrics.end()) continue;
      if (variant.first == old) before = found->second;
      if (variant.first == fresh) after = found->second;
    }
    if (!before || !after || *before == 0) continue;
    const double gain = (*after - *before) / *before;
    return QualityChange{metric == std::string("rmse") ? -gain : gain,
                         std::string("; ") + metric + " " + Number(*after) + ", before " + Number(*before)};
  }
  return std::nullopt;
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
      counts_changed_ = true;
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
                  {"severity", alerts::Text(incident.severity)},
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
    TellRetrain(*record, "could not be started: " + row.last_error);
  } else {
    ledger_.Change(*record, {{"error", row.last_error}});
  }
}

void Judge::NoteRun(const alerts::RetrainRun& run, const alerts::RunStatus& status) {
  RetrainRecord* record = ledger_.OfMessage(run.request);
  if (record == nullptr || record->api.contains("run_ended_at")) return;
  ledger_.Change(*record,
                 {{"run", alerts::Text(status.kind)}, {"error", status.reason.empty() ? json() : json(status.reason)}});
  if (!status.over()) return;
  ++retrains_[{record->target, alerts::Text(status.kind)}];
  counts_changed_ = true;
  ledger_.Change(*record, {{"run_ended_at", alerts::FormatTime(clocks_.wall())}});
  if (status.kind == alerts::RunStatus::Kind::kGivenUp) return;
  // A new version that came first says more.
  if (record->state() == "accepted") ledger_.Change(*record, {{"state", alerts::Text(status.kind)}});
  if (status.kind == alerts::RunStatus::Kind::kFailed)
    TellRetrain(*record, "did not succeed: " + status.reason + " (run " + run.reference + ")");
}

// To whoever the incident was told of that asked for it.
void Judge::TellRetrain(RetrainRecord& record, const std::string& what) {
  const auto model = models_.find(record.model);
  if (model == models_.end()) return;
  alerts::IncidentEvent event;
  event.type = alerts::IncidentEvent::Type::kRetrainOutcome;
  event.incident = record.id;
  event.transition = record.api.value("told", 0) + 1;
  ledger_.Change(record, {{"told", event.transition}});
  event.timestamp_ns = clocks_.wall();
  event.model = record.model;
  event.version = record.api.value("new_version", "");
  event.cause = alerts::ParseCause(record.api.at("cause").get<std::string>());
  // What older versions kept says nothing of the severity.
  event.severity = event.peak = alerts::ParseSeverity(record.api.value("severity", "warning"));
  event.summary = record.model + ": the retraining by " + record.target + " that was asked for at " +
                  record.api.at("requested_at").get<std::string>() + " " + what;
  event.owner = model->second->state.config().owner;
  event.runbook = model->second->state.config().runbook;
  event.url = config_.external_url + "/?model=" + event.model;
  for (const auto& target : targets_) {
    if (target->Wants(event)) Enqueue(*target, event);
  }
}

void Judge::FollowRetrains() {
  std::vector<RetrainRecord*> trained = ledger_.InState("accepted");
  for (RetrainRecord* record : ledger_.InState("succeeded")) trained.push_back(record);
  for (RetrainRecord* record : trained) {
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
    const auto model = models_.find(record->model);
    if (record->api.contains("outcome") || model == models_.end()) continue;
    const std::string version = record->api.at("new_version");
    const auto now =
        Drifted(NewestWindow(store_.db(), record->model, version), model->second->state.config().min_effect);
    if (!now) continue;
    const auto before = record->api.value("drifted", std::size_t{0});
    const json& old = record->api.at("version");
    const auto quality =
        CompareQuality(model->second->quality.newest(), old.is_string() ? old.get<std::string>() : "", version);
    const bool by_quality = record->api.at("cause") == alerts::Text(alerts::Cause::kQualityLoss);
    if (by_quality && !quality) continue;  // its labels are still to come
    const char* outcome = *now == 0 || *now * 2 < before ? "helped" : *now < before ? "unclear" : "did_not_help";
    if (by_quality) outcome = quality->gain > kGain ? "helped" : quality->gain < -kGain ? "did_not_help" : "unclear";
    ledger_.Change(*record, {{"outcome", outcome},
                             {"outcome_why", "of the new version's first full window " + std::to_string(*now) +
                                                 " features drifted; " + std::to_string(before) +
                                                 " alerts asked for the retraining" + (quality ? quality->text : "")}});
    const std::string word = outcome == std::string("helped")    ? "helped"
                             : outcome == std::string("unclear") ? "may have helped"
                                                                 : "did not help";
    TellRetrain(*record, word + ": version " + version + " came; " + record->api.at("outcome_why").get<std::string>());
  }
}

}  // namespace monitor
