#include "monitor/ctl/demo/broker.h"

#include <stdexcept>

// The macros of rd_kafka_producev are C.
#pragma GCC diagnostic ignored "-Wold-style-cast"

namespace monitor {
namespace {

rd_kafka_t* Producer(const std::string& address) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[256];
  if (!address.empty()) rd_kafka_conf_set(conf, "bootstrap.servers", address.c_str(), why, sizeof why);
  rd_kafka_conf_set(conf, "linger.ms", "20", why, sizeof why);
  rd_kafka_conf_set_log_cb(conf, nullptr);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (client == nullptr) throw std::runtime_error(std::string("demo: no Kafka client: ") + why);
  return client;
}

}  // namespace

DemoBroker::DemoBroker(const std::vector<std::string>& topics, int partitions) : host_(Producer("")) {
  cluster_ = rd_kafka_mock_cluster_new(host_, 1);
  if (cluster_ == nullptr) throw std::runtime_error("demo: the in-process broker does not start");
  for (const std::string& topic : topics) rd_kafka_mock_topic_create(cluster_, topic.c_str(), partitions, 1);
  address_ = rd_kafka_mock_cluster_bootstraps(cluster_);
  producer_ = Producer(address_);
}

DemoBroker::~DemoBroker() {
  rd_kafka_destroy(producer_);
  rd_kafka_mock_cluster_destroy(cluster_);
  rd_kafka_destroy(host_);
}

void DemoBroker::Send(const std::string& topic, const std::string& value, const std::string& key,
                      std::int64_t timestamp_ns) {
  while (rd_kafka_producev(producer_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_KEY(key.data(), key.size()),
                           RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                           RD_KAFKA_V_TIMESTAMP(timestamp_ns / 1'000'000), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                           RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    rd_kafka_poll(producer_, 10);
  }
  rd_kafka_poll(producer_, 0);
}

void DemoBroker::Flush() {
  if (rd_kafka_flush(producer_, 10'000) != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error("demo: the in-process broker takes no more records");
}

}  // namespace monitor
