// What the schema ids in front of messages stand for, and who knows it.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "monitor/ingest/avro/avro_schema.h"

namespace monitor {

// Immutable; shared by all decoders.
struct WriterSchema {
  std::shared_ptr<const AvroSchema> avro;  // nullptr: it is none
  std::string why;                         // not empty: messages of it cannot be read, and why
  // Neither: JSON stands behind the id.
  bool readable() const { return why.empty(); }
};

class SchemaSource {
 public:
  virtual ~SchemaSource() = default;
  // nullptr: it is not known yet, and has been asked for; the message has to wait. Never waits itself. Thread-safe.
  virtual std::shared_ptr<const WriterSchema> Find(std::uint32_t id) = 0;
};

// The schemas that a configuration has itself.
struct LocalSchemas {
  std::map<std::uint32_t, std::shared_ptr<const WriterSchema>> by_id;
  std::shared_ptr<const WriterSchema> bare;  // of messages without an id; else nullptr
  std::map<std::string, std::string> texts;  // by id, "" for the bare one
  bool operator==(const LocalSchemas& other) const { return texts == other.texts; }
};

}  // namespace monitor
