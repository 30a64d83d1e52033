#include "alerts/targets/alertmanager.h"

#include <array>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "alerts/messages/headline.h"
#include "alerts/messages/message.h"
#include "alerts/messages/text.h"
#include "alerts/messages/time_text.h"
#include "alerts/targets/answer.h"

namespace alerts {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds kInterval{60};
constexpr std::size_t kMaxAnnotation = 2'000;

std::string_view AlertName(Cause cause) {
  constexpr std::array<std::string_view, 5> kNames{"ModelBrokenPipeline", "ModelDataDrift", "ModelPredictionDrift",
                                                   "ModelQualityLoss", "ModelNoData"};
  return kNames.at(static_cast<std::size_t>(cause));
}

// The alert as it is stored: everything but its end, which depends on the moment it is sent.
json AlertOf(const IncidentEvent& event) {
  json labels{{"alertname", AlertName(event.cause)},
              {"model", event.model},
              {"cause", Text(event.cause)},
              {"severity", Text(event.severity)},
              {"incident", event.incident}};
  if (!event.variant.empty()) labels["variant"] = event.variant;
  if (!event.owner.empty()) labels["owner"] = event.owner;
  json annotations{{"summary", Clip(event.summary, kMaxAnnotation)}, {"cause", Explain(event.cause)}};
  const auto add = [&annotations](const char* key, const std::string& text) {
    if (!text.empty()) annotations[key] = Clip(text, kMaxAnnotation);
  };
  add("runbook_url", event.runbook);
  add("version", event.version);
  if (event.began_at_ns != 0) add("began_at", FormatTime(event.began_at_ns));
  std::string triggered;
  for (const std::string& line : event.triggered) triggered += (triggered.empty() ? "" : "; ") + line;
  add("triggered", triggered);
  const std::int64_t starts = event.opened_at_ns != 0 ? event.opened_at_ns : event.timestamp_ns;
  return {
      {"labels", labels}, {"annotations", annotations}, {"startsAt", FormatTime(starts)}, {"generatorURL", event.url}};
}

class Alertmanager : public Target {
 public:
  Alertmanager(AlertmanagerOptions options, std::shared_ptr<HttpClient> http)
      : options_(std::move(options)), http_(std::move(http)) {
    while (options_.url.ends_with('/')) options_.url.pop_back();
    options_.url += "/api/v2/alerts";
  }

  const std::string& name() const override { return options_.name; }
  bool Wants(const IncidentEvent& event) const override {
    using Type = IncidentEvent::Type;
    return event.type != Type::kRetrainRequested && event.type != Type::kRetrainOutcome &&
           Matches(event, options_.routing);
  }
  bool takes_digests() const override { return false; }
  bool keeps_alerts() const override { return true; }
  OutboxRow Render(const IncidentEvent& event) const override {
    OutboxRow row;
    row.content_type = "application/json";
    row.body = json{{"incident", event.incident},
                    {"alert", AlertOf(event)},
                    {"over", event.type == IncidentEvent::Type::kResolved}}
                   .dump();
    return row;
  }

  Outcome Send(const OutboxRow& row) override {
    const json message = json::parse(row.body);
    const std::string incident = message.at("incident");
    const bool over = message.at("over");
    json alerts = json::array();
    json alert = message.at("alert");
    {
      const std::lock_guard lock(mutex_);
      const auto before = firing_.find(incident);
      // Labels make an alert: with another severity it is another alert, and the old one has to go.
      if (before != firing_.end()) {
        alert["startsAt"] = before->second.at("startsAt");
        if (before->second.at("labels") != alert.at("labels")) alerts.push_back(Ending(before->second));
      }
    }
    alerts.push_back(over ? Ending(alert) : Lasting(alert));
    Outcome outcome = Post(alerts);
    if (outcome.kind != Outcome::Kind::kDelivered) return outcome;
    outcome.remember = {{incident, over ? "" : alert.dump()}};
    Recall(incident, outcome.remember->second);
    return outcome;
  }

  std::chrono::seconds refresh_interval() const override { return kInterval; }
  void Refresh() override {
    json alerts = json::array();
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [incident, alert] : firing_) alerts.push_back(Lasting(alert));
    }
    // A failure needs no retry of its own: the next refresh comes before the alerts end.
    if (!alerts.empty()) Post(alerts);
  }
  void Recall(const std::string& key, const std::string& value) override {
    const std::lock_guard lock(mutex_);
    if (value.empty()) {
      firing_.erase(key);
    } else {
      firing_[key] = json::parse(value);
    }
  }
  void Interrupt() override { http_->Interrupt(); }

 private:
  // Alertmanager takes an alert that begins after it ends for none, and event time may lie ahead of our clock.
  json Ending(json alert) const {
    const std::int64_t now = options_.clock();
    alert["endsAt"] = FormatTime(now);
    return StartedBefore(std::move(alert), now);
  }
  json Lasting(json alert) const {
    const std::int64_t now = options_.clock();
    alert["endsAt"] = FormatTime(now + 3 * std::chrono::nanoseconds(kInterval).count());
    return StartedBefore(std::move(alert), now);
  }
  static json StartedBefore(json alert, std::int64_t now) {
    const std::string limit = FormatTime(now - 1'000'000'000);
    // RFC 3339 in UTC with the same precision compares like text; a fraction sorts before the Z by a second at most.
    if (alert.at("startsAt").get_ref<const std::string&>() > limit) alert["startsAt"] = limit;
    return alert;
  }
  Outcome Post(const json& alerts) const {
    HttpRequest request;
    request.url = options_.url;
    request.headers = {{"content-type", "application/json"}};
    request.body = alerts.dump();
    request.user = options_.user;
    request.password = options_.password;
    return OutcomeOf(http_->Send(request));
  }

  AlertmanagerOptions options_;
  const std::shared_ptr<HttpClient> http_;
  std::mutex mutex_;
  std::map<std::string, json> firing_;  // by incident; guarded by mutex_
};

}  // namespace

std::shared_ptr<Target> MakeAlertmanager(AlertmanagerOptions options, std::shared_ptr<HttpClient> http) {
  return std::make_shared<Alertmanager>(std::move(options), std::move(http));
}

}  // namespace alerts
