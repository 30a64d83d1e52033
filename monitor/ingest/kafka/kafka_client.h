// Owners of librdkafka's C objects, and the settings that every client of ours shares (ENGINEERING A1 of the design).
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <stdexcept>
#include <string>

#include "monitor/daemon/config/config.h"

namespace monitor {

class KafkaError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct KafkaDeleter {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using KafkaHandle = std::unique_ptr<rd_kafka_t, KafkaDeleter>;
using KafkaQueue = std::unique_ptr<rd_kafka_queue_t, KafkaDeleter>;
using KafkaTopic = std::unique_ptr<rd_kafka_topic_t, KafkaDeleter>;
using KafkaPartitions = std::unique_ptr<rd_kafka_topic_partition_list_t, KafkaDeleter>;

// A consumer that reads nothing until it is assigned. Throws KafkaError naming the property that librdkafka refuses.
// With `fault` it logs nothing: rd_kafka_poll leaves there what went wrong last, for who wants to say it once.
KafkaHandle MakeConsumer(const Config& config, std::string* fault = nullptr);
// Tries the properties on a client that talks to nobody. Throws KafkaError as MakeConsumer does.
void CheckKafkaProperties(const Config& config);
// An idempotent producer that tries for ever: what it took is delivered or still waits.
// `on_report` is called by rd_kafka_poll for every record that was acknowledged or refused.
using KafkaReport = void (*)(rd_kafka_t*, const rd_kafka_message_t*, void*);
KafkaHandle MakeProducer(const Config& config, KafkaReport on_report = nullptr);

}  // namespace monitor
