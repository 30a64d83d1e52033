// The least that any consumer does: reads a topic through the same librdkafka settings and the same batch interface as
// monitord's counter, and counts. What monitord reaches is measured against this.
//
//   bare_consumer BROKERS TOPIC PARTITIONS RECORDS
//
// One line of JSON: records and bytes of their values, seconds between the first batch and the last, records in
// between, CPU seconds of the process.
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <vector>

#include "monitor/ingest/kafka/kafka_client.h"

namespace {

int Run(char** argv) {
  monitor::Config config;
  config.brokers = argv[1];
  const int partitions = std::atoi(argv[3]);
  const std::uint64_t wanted = std::strtoull(argv[4], nullptr, 10);

  const monitor::KafkaHandle client = monitor::MakeConsumer(config);
  rd_kafka_poll_set_consumer(client.get());
  rd_kafka_queue_t* const queue = rd_kafka_queue_get_consumer(client.get());
  const monitor::KafkaPartitions list(rd_kafka_topic_partition_list_new(partitions));
  for (int i = 0; i < partitions; ++i) rd_kafka_topic_partition_list_add(list.get(), argv[2], i)->offset = 0;
  rd_kafka_assign(client.get(), list.get());

  std::vector<rd_kafka_message_t*> batch(1000);
  std::uint64_t records = 0, bytes = 0, first_batch = 0;
  std::chrono::steady_clock::time_point began, ended;
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (records < wanted && std::chrono::steady_clock::now() < give_up) {
    const ssize_t got = rd_kafka_consume_batch_queue(queue, 50, batch.data(), batch.size());
    for (ssize_t i = 0; i < got; ++i) {
      rd_kafka_message_t* const message = batch[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++records, bytes += message->len;
      rd_kafka_message_destroy(message);
    }
    if (records == 0 || got <= 0) continue;
    ended = std::chrono::steady_clock::now();
    if (first_batch == 0) first_batch = records, began = ended;
  }
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  std::cout << "{\"records\":" << records << ",\"bytes\":" << bytes << ",\"between\":" << records - first_batch
            << ",\"seconds\":" << std::chrono::duration<double>(ended - began).count()
            << ",\"cpu\":" << seconds(used.ru_utime) + seconds(used.ru_stime) << "}" << std::endl;
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(client.get());
  return records == wanted ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: bare_consumer BROKERS TOPIC PARTITIONS RECORDS\n";
    return 1;
  }
  try {
    return Run(argv);
  } catch (const std::exception& fault) {
    std::cerr << "bare_consumer: " << fault.what() << '\n';
    return 1;
  }
}
