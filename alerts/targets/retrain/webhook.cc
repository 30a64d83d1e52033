#include "alerts/targets/retrain/webhook.h"

#include <utility>

namespace alerts {
namespace {

// An ordinary webhook that wants other events.
class RetrainWebhook : public Target {
 public:
  RetrainWebhook(Routing routing, std::shared_ptr<Target> webhook)
      : routing_(std::move(routing)), webhook_(std::move(webhook)) {
    routing_.at_least = Severity::kInfo;
  }

  const std::string& name() const override { return webhook_->name(); }
  bool Wants(const IncidentEvent& event) const override {
    return event.type == IncidentEvent::Type::kRetrainRequested && Matches(event, routing_);
  }
  OutboxRow Render(const IncidentEvent& event) const override { return webhook_->Render(event); }
  Outcome Send(const OutboxRow& row) override { return webhook_->Send(row); }
  void Interrupt() override { webhook_->Interrupt(); }

 private:
  Routing routing_;
  const std::shared_ptr<Target> webhook_;
};

}  // namespace

std::shared_ptr<Target> MakeRetrainWebhook(WebhookOptions options, std::shared_ptr<HttpClient> http) {
  Routing routing = options.routing;
  return std::make_shared<RetrainWebhook>(std::move(routing), MakeWebhook(std::move(options), std::move(http)));
}

}  // namespace alerts
