#include "alerts/targets/slack.h"

#include <algorithm>
#include <utility>

#include "alerts/targets/answer.h"

namespace alerts {
namespace {

// Slack explains a refusal with one word; anything else might quote the URL and is kept out of the error.
bool IsSlackWord(const std::string& body) {
  const auto of_word = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !body.empty() && body.size() <= 40 && std::all_of(body.begin(), body.end(), of_word);
}

class Slack : public Target {
 public:
  Slack(SlackOptions options, std::shared_ptr<HttpClient> http)
      : options_(std::move(options)), http_(std::move(http)) {}

  const std::string& name() const override { return options_.name; }

  bool Wants(const IncidentEvent& event) const override {
    return event.type != IncidentEvent::Type::kRetrainRequested && Matches(event, options_.routing);
  }

  OutboxRow Render(const IncidentEvent& event) const override {
    OutboxRow row;
    row.content_type = "application/json";
    row.body = SlackBody(event);
    return row;
  }

  Outcome Send(const OutboxRow& row) override {
    const HttpResponse response = http_->Send({options_.url, {{"content-type", row.content_type}}, row.body});
    Outcome outcome = OutcomeOf(response);
    if (response.status >= 400 && IsSlackWord(response.body)) outcome.error += " (" + response.body + ")";
    return outcome;
  }

  void Interrupt() override { http_->Interrupt(); }

 private:
  const SlackOptions options_;
  const std::shared_ptr<HttpClient> http_;
};

}  // namespace

std::shared_ptr<Target> MakeSlack(SlackOptions options, std::shared_ptr<HttpClient> http) {
  return std::make_shared<Slack>(std::move(options), std::move(http));
}

}  // namespace alerts
