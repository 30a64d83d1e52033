#include "monitor/ingest/kafka/kafka_client.h"

#include <chrono>
#include <map>
#include <mutex>

#include "monitor/daemon/log.h"

namespace monitor {
namespace {

void OnLog(const rd_kafka_t*, int level, const char* facility, const char* text) {
  // Said again and again of brokers before 0.11 and of librdkafka's own mock; nothing is to be done about it.
  if (std::string_view(facility) == "AUTOCREATE") return;
  // An outage makes librdkafka repeat itself many times a second.
  static std::mutex mutex;
  static std::map<std::string, std::chrono::steady_clock::time_point> said;
  {
    const std::lock_guard lock(mutex);
    const auto now = std::chrono::steady_clock::now();
    const auto [last, first] = said.try_emplace(facility, now);
    if (!first && now - last->second < std::chrono::seconds(10)) return;
    last->second = now;
  }
  Log(level <= 3   ? LogLevel::kError
      : level <= 4 ? LogLevel::kWarning
                   : LogLevel::kInfo,
      std::string("kafka: ") + facility + ": " + text);
}

// That all brokers are down says less than why the last one was.
void KeepFault(rd_kafka_t*, int code, const char* why, void* kept) {
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) *static_cast<std::string*>(kept) = why;
}

struct Setting {
  const char* name;
  const char* value;
  bool optional;  // unknown to Debian 12's librdkafka
};

// Offsets live in our own checkpoint, so nothing is committed or reset on librdkafka's own account. The queue is
// bounded by its bytes; what an older librdkafka does when it is full, see fetch_nudge.h.
constexpr Setting kSettings[] = {
    {"group.id", "monitord", false},
    {"client.id", "monitord", false},
    {"enable.auto.commit", "false", false},
    {"enable.auto.offset.store", "false", false},
    {"auto.offset.reset", "error", false},
    {"enable.partition.eof", "true", false},
    {"allow.auto.create.topics", "false", false},
    {"check.crcs", "true", false},
    {"queued.min.messages", "1000000", false},
    {"queued.max.messages.kbytes", "65536", false},
    {"fetch.queue.backoff.ms", "5", true},
    {"fetch.min.bytes", "262144", false},
    {"fetch.wait.max.ms", "250", false},
    {"fetch.message.max.bytes", "4194304", false},
    {"socket.keepalive.enable", "true", false},
    {"reconnect.backoff.max.ms", "2000", false},
    {"topic.metadata.refresh.interval.ms", "10000", false},
};

void Set(rd_kafka_conf_t* conf, const std::string& name, const std::string& value, bool optional) {
  char why[512];
  const auto code = rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why);
  if (code == RD_KAFKA_CONF_OK || (optional && code == RD_KAFKA_CONF_UNKNOWN)) return;
  rd_kafka_conf_destroy(conf);
  throw KafkaError("kafka.properties." + name + ": " + why);
}

KafkaHandle MakeClient(rd_kafka_type_t type, rd_kafka_conf_t* conf, const Config& config) {
  rd_kafka_conf_set_log_cb(conf, OnLog);
  for (const auto& [name, value] : config.kafka_properties) {
    try {
      Set(conf, name, value, false);
    } catch (const KafkaError& fault) {
      throw KafkaError(config.file.string() + ": " + fault.what());
    }
  }
  if (!config.brokers.empty()) Set(conf, "bootstrap.servers", config.brokers, false);
  char why[512];
  rd_kafka_t* client = rd_kafka_new(type, conf, why, sizeof why);
  if (client == nullptr) {
    rd_kafka_conf_destroy(conf);
    throw KafkaError(config.file.string() + ": kafka.properties: " + why);
  }
  return KafkaHandle(client);
}

}  // namespace

KafkaHandle MakeConsumer(const Config& config, std::string* fault) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const Setting& setting : kSettings) Set(conf, setting.name, setting.value, setting.optional);
  if (fault != nullptr) {
    Set(conf, "log_level", "0", false);
    rd_kafka_conf_set_opaque(conf, fault);
    rd_kafka_conf_set_error_cb(conf, KeepFault);
  }
  return MakeClient(RD_KAFKA_CONSUMER, conf, config);
}

void CheckKafkaProperties(const Config& config) {
  Config nobody = config;
  nobody.brokers.clear();
  MakeConsumer(nobody);
}

KafkaHandle MakeProducer(const Config& config, KafkaReport on_report) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (on_report != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, on_report);
  Set(conf, "client.id", "monitord", false);
  Set(conf, "enable.idempotence", "true", false);
  Set(conf, "message.timeout.ms", "0", false);
  return MakeClient(RD_KAFKA_PRODUCER, conf, config);
}

}  // namespace monitor
