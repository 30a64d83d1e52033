// Message: one Kafka message as decoders see it. Views live as long as the batch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace monitor {

struct Header {
  std::string_view name, value;
};

struct Message {
  std::string_view value;  // empty for a null value
  std::int64_t offset = 0;
  std::optional<std::int64_t> timestamp_ns{};  // the Kafka message's
  std::string_view key{};                      // empty: none
  std::span<const Header> headers{};           // only where the topic's plan wants them

  // Of equal names the last; nullptr: none.
  const Header* Find(std::string_view name) const {
    for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
      if (header->name == name) return &*header;
    }
    return nullptr;
  }
};

}  // namespace monitor
