// FetchNudge: keeps librdkafka's fetcher from sleeping while its queue drains.
//
// Before 2.2 (Debian 12 has 2.0.2) the thread that fetches looks at a queue that was full only once a second, or when
// something else wakes it (rdkafka_broker.c, rd_kafka_broker_consumer_serve). A counter that is slower than the network
// would need a queue of more than a second of data, and starve for the rest of that second. A request to the
// partitions' leaders wakes it: their logs' ends are asked for, and the answer is not waited for. From 2.2 on
// `fetch.queue.backoff.ms` does it, and this does nothing. Owned by the counter's thread. Cost: some microseconds,
// as often as the queue halves.
#pragma once

#include <librdkafka/rdkafka.h>

#include <cstddef>

namespace monitor {

class FetchNudge {
 public:
  explicit FetchNudge(rd_kafka_t* client);

  // To be called after each batch: whether the queue has lost half of its messages since it was longest.
  bool Due(rd_kafka_queue_t* queue);
  // Wakes those that fetch from the leaders of these partitions.
  void Send(rd_kafka_topic_partition_list_t* partitions);

 private:
  rd_kafka_t* client_;
  bool needed_;
  std::size_t longest_ = 0;  // since the last nudge
};

}  // namespace monitor
