#include "monitor/daemon/kafka_target.h"

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "alerts/messages/message.h"
#include "monitor/ingest/kafka/kafka_client.h"

// The macros of rd_kafka_producev are C.
#pragma GCC diagnostic ignored "-Wold-style-cast"

namespace monitor {
namespace {

constexpr auto kTimeOut = std::chrono::seconds(20);
constexpr int kPollMs = 100;

// What became of one record; the record's opaque points to it.
struct Report {
  bool known = false;
  rd_kafka_resp_err_t fault = RD_KAFKA_RESP_ERR_NO_ERROR;
};

void OnReport(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto* report = static_cast<Report*>(message->_private);
  report->known = true;
  report->fault = message->err;
}

class KafkaTarget : public alerts::Target {
 public:
  KafkaTarget(const Config& config, std::string name, std::string topic, alerts::Routing routing)
      : config_(config), name_(std::move(name)), topic_(std::move(topic)), routing_(std::move(routing)) {}

  const std::string& name() const override { return name_; }
  bool Wants(const alerts::IncidentEvent& event) const override {
    return event.type != alerts::IncidentEvent::Type::kRetrainRequested && alerts::Matches(event, routing_);
  }
  alerts::OutboxRow Render(const alerts::IncidentEvent& event) const override {
    alerts::OutboxRow row;
    row.content_type = "application/json";
    row.body = alerts::WebhookBody(event);
    return row;
  }

  alerts::Outcome Send(const alerts::OutboxRow& row) override {
    using Kind = alerts::Outcome::Kind;
    if (client_ == nullptr) client_ = MakeProducer(config_, OnReport);
    Report report;
    const std::string model = nlohmann::json::parse(row.body).at("data").at("model");
    const auto fault =
        rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_KEY(model.data(), model.size()),
                          RD_KAFKA_V_VALUE(const_cast<char*>(row.body.data()), row.body.size()),
                          RD_KAFKA_V_HEADER("id", row.id.data(), static_cast<ssize_t>(row.id.size())),
                          RD_KAFKA_V_HEADER("type", row.type.data(), static_cast<ssize_t>(row.type.size())),
                          RD_KAFKA_V_OPAQUE(&report), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    if (fault != RD_KAFKA_RESP_ERR_NO_ERROR) return {Kind::kRetry, rd_kafka_err2str(fault), {}};
    const auto end = std::chrono::steady_clock::now() + kTimeOut;
    while (!report.known) {
      if (interrupted_ || std::chrono::steady_clock::now() >= end) {
        // The producer tries for ever, and would write into `report`; a new one forgets what this one still holds.
        client_.reset();
        return {Kind::kRetry, interrupted_ ? "interrupted" : "the broker has not acknowledged the record in 20 s", {}};
      }
      rd_kafka_poll(client_.get(), kPollMs);
    }
    if (report.fault != RD_KAFKA_RESP_ERR_NO_ERROR) {
      client_.reset();
      return {Kind::kRetry, rd_kafka_err2str(report.fault), {}};
    }
    return {};
  }
  void Interrupt() override { interrupted_ = true; }

 private:
  const Config config_;
  const std::string name_, topic_;
  const alerts::Routing routing_;
  KafkaHandle client_;  // delivery thread only
  std::atomic<bool> interrupted_{false};
};

}  // namespace

std::shared_ptr<alerts::Target> MakeKafkaTarget(const Config& config, std::string name, std::string topic,
                                                alerts::Routing routing) {
  return std::make_shared<KafkaTarget>(config, std::move(name), std::move(topic), std::move(routing));
}

}  // namespace monitor
