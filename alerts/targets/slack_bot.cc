#include "alerts/targets/slack_bot.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "alerts/targets/answer.h"
#include "alerts/targets/slack.h"

namespace alerts {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 5> kPassing{"ratelimited", "rate_limited", "internal_error", "fatal_error",
                                                   "service_unavailable"};
constexpr std::array<std::string_view, 4> kNotUpdatable{"message_not_found", "cant_update_message",
                                                        "edit_window_closed", "channel_not_found"};

template <std::size_t kSize>
bool IsOneOf(const std::array<std::string_view, kSize>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class SlackBot : public Target {
 public:
  SlackBot(SlackBotOptions options, std::shared_ptr<HttpClient> http)
      : options_(std::move(options)), http_(std::move(http)) {
    while (options_.url.ends_with('/')) options_.url.pop_back();
  }

  const std::string& name() const override { return options_.name; }
  bool Wants(const IncidentEvent& event) const override {
    return event.type != IncidentEvent::Type::kRetrainRequested && Matches(event, options_.routing);
  }
  OutboxRow Render(const IncidentEvent& event) const override {
    OutboxRow row;
    row.content_type = "application/json; charset=utf-8";
    row.body = json{{"incident", event.incident},
                    // Nothing follows a digest, whose incidents end by messages of their own, or an outcome.
                    {"over", event.type != IncidentEvent::Type::kFiring && event.type != IncidentEvent::Type::kUpdated},
                    {"message", json::parse(SlackBody(event))}}
                   .dump();
    return row;
  }

  Outcome Send(const OutboxRow& row) override {
    const json stored = json::parse(row.body);
    const std::string incident = stored.at("incident");
    Place place = PlaceOf(incident);
    std::string error;
    if (!place.ts.empty()) {
      if (place.updated_for != row.id) {
        json update = stored.at("message");
        update["channel"] = place.channel;
        update["ts"] = place.ts;
        const Outcome outcome = Call("chat.update", update, error, nullptr);
        if (outcome.kind != Outcome::Kind::kDelivered && !IsOneOf(kNotUpdatable, error)) return outcome;
        if (outcome.kind != Outcome::Kind::kDelivered) {
          place = {};
        } else {
          // The reply is due a second later, as a try of its own: the message as it is now does not wait for it.
          place.updated_for = row.id;
          Keep(incident, place);
          return {Outcome::Kind::kContinue, "", {}};
        }
      } else {
        const json reply{
            {"channel", place.channel}, {"thread_ts", place.ts}, {"text", stored.at("message").at("text")}};
        Outcome outcome = Call("chat.postMessage", reply, error, nullptr);
        if (outcome.kind == Outcome::Kind::kDelivered)
          outcome.remember = {{incident, stored.at("over") ? "" : place.Text()}};
        if (outcome.kind == Outcome::Kind::kDelivered && stored.at("over")) Keep(incident, {});
        return outcome;
      }
    }
    json message = stored.at("message");
    message["channel"] = options_.channel;
    message["unfurl_links"] = false;
    Place posted;
    Outcome outcome = Call("chat.postMessage", message, error, &posted);
    if (outcome.kind != Outcome::Kind::kDelivered) return outcome;
    if (stored.at("over")) posted = {};
    Keep(incident, posted);
    outcome.remember = {{incident, posted.Text()}};
    return outcome;
  }

  std::chrono::milliseconds spacing() const override { return std::chrono::seconds(1); }
  void Recall(const std::string& key, const std::string& value) override {
    const std::size_t blank = value.find(' ');
    Keep(key, blank == value.npos ? Place{} : Place{value.substr(0, blank), value.substr(blank + 1), ""});
  }
  void Interrupt() override { http_->Interrupt(); }

 private:
  // Where the message of an incident is.
  struct Place {
    std::string channel, ts;
    std::string updated_for;  // row whose update went through, so that only its reply is missing
    std::string Text() const { return ts.empty() ? "" : channel + " " + ts; }
  };

  Place PlaceOf(const std::string& incident) {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(incident);
    return found == places_.end() ? Place{} : found->second;
  }
  void Keep(const std::string& incident, const Place& place) {
    const std::lock_guard lock(mutex_);
    if (place.ts.empty()) {
      places_.erase(incident);
    } else {
      places_[incident] = place;
    }
  }

  // `error`: Slack's word for a refusal. `posted`: where the message is now.
  Outcome Call(const char* method, const json& body, std::string& error, Place* posted) {
    HttpRequest request;
    request.url = options_.url + "/" + method;
    request.headers = {{"content-type", "application/json; charset=utf-8"},
                       {"authorization", "Bearer " + options_.token}};
    request.body = body.dump();
    const HttpResponse response = http_->Send(request);
    Outcome outcome = OutcomeOf(response);
    if (outcome.kind != Outcome::Kind::kDelivered) return outcome;
    const json answer = json::parse(response.body, nullptr, false);
    if (!answer.is_object()) return {Outcome::Kind::kRetry, "Slack's answer is no JSON", {}};
    if (answer.value("ok", false)) {
      if (posted != nullptr) *posted = {answer.value("channel", options_.channel), answer.value("ts", ""), ""};
      return outcome;
    }
    error = answer.contains("error") && answer.at("error").is_string() ? answer.at("error").get<std::string>() : "";
    const bool word =
        !error.empty() && error.size() <= 40 && error.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == error.npos;
    return {IsOneOf(kPassing, error) ? Outcome::Kind::kRetry : Outcome::Kind::kGiveUp,
            "Slack refuses" + (word ? " (" + error + ")" : ""), outcome.retry_after};
  }

  SlackBotOptions options_;
  const std::shared_ptr<HttpClient> http_;
  std::mutex mutex_;
  std::map<std::string, Place> places_;  // by incident; guarded by mutex_
};

}  // namespace

std::shared_ptr<Target> MakeSlackBot(SlackBotOptions options, std::shared_ptr<HttpClient> http) {
  return std::make_shared<SlackBot>(std::move(options), std::move(http));
}

}  // namespace alerts
