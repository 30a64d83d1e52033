// RecordLine: a whole Kafka record written as one line of JSON, for replays of topics whose key, headers or time
// matter.
//
// As `kcat -C -J` writes it ({"ts", "key", "headers": [name, value, …], "payload"}), or as {"timestamp", "key",
// "headers": {name: value} or [[name, value], …], "value", "encoding"}, where encoding `base64` is for values that are
// no text. Any other line is a value alone. Views live until the next Read.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/message.h"

namespace monitor {

class RecordLine {
 public:
  // Whether lines may be whole records: reading the topic needs more than their values, or they are of a known format.
  static bool Needed(const TopicPlan& plan);

  Message Read(std::string_view line, std::int64_t offset);

 private:
  std::string value_, key_;
  std::vector<std::pair<std::string, std::string>> texts_;
  std::vector<Header> headers_;
};

}  // namespace monitor
