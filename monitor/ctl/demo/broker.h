// DemoBroker: librdkafka's in-process mock broker with a few topics, and a producer that streams recorded messages into
// them.
//
// Real clients reach it over TCP on loopback; it keeps nothing on disk and goes with its object. For the demo only.
#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <cstdint>
#include <string>
#include <vector>

namespace monitor {

class DemoBroker {
 public:
  DemoBroker(const std::vector<std::string>& topics, int partitions);
  ~DemoBroker();
  DemoBroker(const DemoBroker&) = delete;
  DemoBroker& operator=(const DemoBroker&) = delete;

  const std::string& address() const { return address_; }
  // Sends one message with its own time, spread over the partitions by `key`.
  void Send(const std::string& topic, const std::string& value, const std::string& key, std::int64_t timestamp_ns);
  void Flush();

 private:
  rd_kafka_t* host_ = nullptr;  // owns the mock cluster's thread
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  rd_kafka_t* producer_ = nullptr;
  std::string address_;
};

}  // namespace monitor
