#include "monitor/ingest/avro/avro_messages.h"

#include "monitor/ingest/avro/schema_prefix.h"

namespace monitor {

AvroMessages::AvroMessages(std::shared_ptr<const TopicPlan> plan) : plan_(std::move(plan)) {
  json_.schema = std::make_shared<const WriterSchema>();
  if (plan_->schemas == nullptr) return;
  bare_.schema = plan_->schemas->bare;
  for (const auto& [id, schema] : plan_->schemas->by_id) known_[id].schema = schema;
}

bool AvroMessages::Open(std::string_view message) {
  body_ = message;
  if (bare_.schema != nullptr || !HasSchemaPrefix(message)) {
    current_ = bare_.schema != nullptr ? &bare_ : &json_;
    current_id_ = -1;
    return true;
  }
  const std::uint32_t id = SchemaId(message);
  body_.remove_prefix(kSchemaPrefix);
  if (current_id_ == id) return true;
  Known* const found = Find(id);
  if (found == nullptr) return false;
  current_ = found;
  current_id_ = found == &unknown_ ? -1 : std::int64_t{id};
  return true;
}

AvroMessages::Known* AvroMessages::Find(std::uint32_t id) {
  if (const auto known = known_.find(id); known != known_.end()) return &known->second;
  if (plan_->registry == nullptr) {
    unknown_.schema = std::make_shared<const WriterSchema>(WriterSchema{nullptr, "no registry configured"});
    return &unknown_;
  }
  auto schema = plan_->registry->Find(id);
  if (schema == nullptr) return nullptr;
  // What cannot be read today may be in the registry tomorrow.
  Known& known = schema->readable() ? known_[id] : unknown_;
  known.schema = std::move(schema);
  return &known;
}

std::string AvroMessages::Hint(std::string_view message) {
  if (!Open(message)) return {};
  if (schema().readable() && schema().avro == nullptr) return {};
  const std::string id =
      HasSchemaPrefix(message) && current_ != &bare_ ? "schema id " + std::to_string(SchemaId(message)) : "the schema";
  return schema().readable() ? "the bytes are not of " + id : id + ": " + schema().why;
}

}  // namespace monitor
