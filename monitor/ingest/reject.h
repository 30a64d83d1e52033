// Why a record was not counted. The order is the order of the checks; the first that applies is the one that counts
// (ARCHITECTURE 7).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace monitor {

enum class Reject : std::uint8_t {
  kEmpty,     // null value, no bytes, or blanks alone
  kEncoding,  // not UTF-8 (also UTF-16), or a text with a lone surrogate
  kJson,      // not a single JSON document
  kShape,     // no object, or no object `features` in it
  kModel,     // names a model that is not configured for the topic
  kId,        // no usable id where one is needed
  kTime,      // absent, unreadable or impossible time
  kFuture,    // later than its own Kafka message by more than max_clock_skew
  kLabel,     // labels only: no label in it
  // Of formats that log request and response apart, when the other half has not come in time:
  kOrphanRequest,   // the call failed, or its response was not logged
  kOrphanResponse,  // its request was not logged
  // Of messages with a schema; checked where `json` is. At the end, because counters are stored by number.
  kSchema,  // the schema that its bytes name is unknown, or of a kind that is not read
  kAvro,    // the bytes are not of their schema
};
inline constexpr std::size_t kRejects = 13;
inline constexpr std::array<std::string_view, kRejects> kRejectTexts{
    "empty",  "encoding", "json",           "shape",           "model",  "id",  "time",
    "future", "label",    "orphan_request", "orphan_response", "schema", "avro"};

// A label has no halves.
constexpr bool IsOfLabels(Reject reject) {
  return reject != Reject::kOrphanRequest && reject != Reject::kOrphanResponse;
}

constexpr std::string_view Text(Reject reject) { return kRejectTexts[static_cast<std::size_t>(reject)]; }

}  // namespace monitor
