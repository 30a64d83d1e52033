#include "alerts/targets/webhook.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "alerts/messages/message.h"
#include "alerts/messages/text.h"
#include "alerts/targets/answer.h"

namespace alerts {
namespace {

class Webhook : public Target {
 public:
  Webhook(WebhookOptions options, std::shared_ptr<HttpClient> http)
      : options_(std::move(options)), http_(std::move(http)) {
    SignStandardWebhook(options_.secrets, "", 0, "");  // throws now what would fail every try
  }

  const std::string& name() const override { return options_.name; }

  bool Wants(const IncidentEvent& event) const override {
    return event.type != IncidentEvent::Type::kRetrainRequested && Matches(event, options_.routing);
  }

  OutboxRow Render(const IncidentEvent& event) const override {
    OutboxRow row;
    row.content_type = "application/json";
    row.body = WebhookBody(event);
    return row;
  }

  Outcome Send(const OutboxRow& row) override {
    const auto body = nlohmann::json::parse(row.body);
    const std::int64_t timestamp_s = options_.clock() / 1'000'000'000;
    HttpRequest request;
    request.url = options_.url;
    request.headers = {{"content-type", row.content_type},
                       {"webhook-id", row.id},
                       {"webhook-timestamp", std::to_string(timestamp_s)},
                       {"ce-specversion", "1.0"},
                       {"ce-id", row.id},
                       {"ce-type", row.type},
                       {"ce-source", "/models/" + PercentEncode(body.at("data").at("model").get<std::string>())},
                       {"ce-time", body.at("timestamp").get<std::string>()}};
    if (!options_.secrets.empty()) {
      request.headers.emplace_back("webhook-signature",
                                   SignStandardWebhook(options_.secrets, row.id, timestamp_s, row.body));
    }
    request.body = row.body;
    return OutcomeOf(http_->Send(request));
  }
  void Interrupt() override { http_->Interrupt(); }

 private:
  const WebhookOptions options_;
  const std::shared_ptr<HttpClient> http_;
};

}  // namespace

std::int64_t SystemTime() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

std::shared_ptr<Target> MakeWebhook(WebhookOptions options, std::shared_ptr<HttpClient> http) {
  return std::make_shared<Webhook>(std::move(options), std::move(http));
}

}  // namespace alerts
