// KafkaTarget: incidents as records of a Kafka topic, on the brokers that the daemon reads from.
//
// Key: the model's name, so that one model's messages keep their order; value: the webhook's body; headers id (the
// idempotency key) and type. A try is delivered when the broker has acknowledged the record, and fails after 20 s. The
// producer is made with the first message.
#pragma once

#include <memory>
#include <string>

#include "alerts/outbox.h"
#include "alerts/routing.h"
#include "monitor/daemon/config/config.h"

namespace monitor {

std::shared_ptr<alerts::Target> MakeKafkaTarget(const Config& config, std::string name, std::string topic,
                                                alerts::Routing routing);

}  // namespace monitor
