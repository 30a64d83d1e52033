#include <array>
#include <utility>

#include "monitor/daemon/config/config_parts.h"
#include "monitor/daemon/config/yaml_values.h"

namespace monitor {
namespace {

// Properties that belong to monitord: with other values records would be lost, repeated or read elsewhere.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kOwnProperties{{
    {"bootstrap.servers", "write the brokers under kafka.brokers"},
    {"metadata.broker.list", "write the brokers under kafka.brokers"},
    {"auto.offset.reset", "monitord keeps the offsets itself; `start` of requests or labels says where a topic begins"},
    {"enable.auto.commit", "monitord keeps the offsets itself; delete the line"},
    {"auto.commit.enable", "monitord keeps the offsets itself; delete the line"},
    {"enable.auto.offset.store", "monitord keeps the offsets itself; delete the line"},
    {"group.instance.id", "monitord reads without a consumer group; delete the line"},
    {"partition.assignment.strategy", "monitord reads without a consumer group; delete the line"},
}};

}  // namespace

void ReadKafka(const YamlMap& root, Config& config) {
  static constexpr std::string_view kKeys[] = {"brokers", "properties"};
  const YamlMap kafka = root.Sub("kafka", kKeys);
  config.brokers = AsText(kafka.Need("brokers"));
  const auto properties = kafka.Find("properties");
  if (!properties) return;
  for (const auto& [name, value] : properties->Entries()) {
    for (const auto& [own, hint] : kOwnProperties) {
      if (name == own) value.Fail("cannot be set; " + std::string(hint));
    }
    config.kafka_properties[name] = value.Text();
  }
}

}  // namespace monitor
