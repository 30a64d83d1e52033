// Circumstances: what else is known about the time and the records of an incident, for whoever has to find out more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace alerts {

struct IncidentEvent;

struct LogRange {  // of one partition, offsets [from, to)
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t from = 0, to = 0;
};

struct Circumstances {
  std::optional<double> traffic_share;  // of the model's records in the newest window that the version and variant have
  std::vector<std::string> changes;     // what else changed around the beginning, a sentence each, oldest first
  std::vector<LogRange> records;        // where the records behind the findings lie, and maybe some around them
  std::string brokers;                  // of Kafka, as the configuration names them
};

// Ready for a shell: what prints the records, a line per partition.
std::vector<std::string> KcatLines(const Circumstances& circumstances);
// Ready for a shell: (name, command) of explain, acknowledge, accept and silence; none where nothing fires.
std::vector<std::pair<std::string, std::string>> Commands(const IncidentEvent& event);

}  // namespace alerts
