#include "monitor/ingest/avro/await_schema.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include "monitor/ingest/avro/schema_prefix.h"

namespace monitor {
namespace {

constexpr auto kMostWait = std::chrono::seconds(30);

}  // namespace

void AwaitSchema(ShardCounter& counter, const Message& message) {
  const auto began = std::chrono::steady_clock::now();
  while (!counter.Ready(message)) {
    if (std::chrono::steady_clock::now() - began > kMostWait)
      throw std::runtime_error("the schema registry does not answer for schema id " +
                               std::to_string(SchemaId(message.value)) +
                               "; check `schema_registry`, or give the schema as `requests.schema`");
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace monitor
