// The five bytes that serializers of a schema registry put in front of a message: 0, then the schema's id, big-endian
// (Confluent, "Wire format"). Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

namespace monitor {

inline constexpr std::size_t kSchemaPrefix = 5;

constexpr bool HasSchemaPrefix(std::string_view message) {
  return message.size() > kSchemaPrefix && message.front() == '\0';
}

constexpr std::uint32_t SchemaId(std::string_view message) {
  std::uint32_t id = 0;
  for (std::size_t i = 1; i < kSchemaPrefix; ++i) id = id << 8 | static_cast<unsigned char>(message[i]);
  return id;
}

// Whether JSON stands behind the prefix.
constexpr bool IsPrefixedObject(std::string_view message) {
  return HasSchemaPrefix(message) && message[kSchemaPrefix] == '{';
}

}  // namespace monitor
