// AvroMessages: the messages of a topic of Avro: by which schema each was written, and where its bytes begin.
//
// With the registry's prefix: the schema of its id, from the configuration or the registry. Without it: the schema that
// the configuration has for such messages, else the message is JSON. Each schema has layouts of its own, so a schema
// that changes in the middle of a stream costs nothing. One per decoder; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "monitor/ingest/avro/avro_layout.h"
#include "monitor/ingest/avro/schema_source.h"
#include "monitor/ingest/counting_plan.h"

namespace monitor {

class AvroMessages {
 public:
  explicit AvroMessages(std::shared_ptr<const TopicPlan> plan);

  // Finds the schema of the message. False: it is not known yet; ask again later, with the same message.
  bool Open(std::string_view message);
  // Of the message that was opened last:
  const WriterSchema& schema() const { return *current_->schema; }
  AvroLayouts& layouts() { return current_->layouts; }
  std::string_view body() const { return body_; }

  // What to tell people of a message that could not be read.
  std::string Hint(std::string_view message);

 private:
  struct Known {
    std::shared_ptr<const WriterSchema> schema;
    AvroLayouts layouts;
  };
  Known* Find(std::uint32_t id);

  std::shared_ptr<const TopicPlan> plan_;
  Known json_, bare_, unknown_;
  std::map<std::uint32_t, Known> known_;
  Known* current_ = &json_;
  std::int64_t current_id_ = -1;
  std::string_view body_;
};

}  // namespace monitor
