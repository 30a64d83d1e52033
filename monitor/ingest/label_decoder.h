// LabelDecoder: one message of a label topic → its labels, or why it is none, for each model that they belong to.
//
// A label that names a model belongs to that one; one that names none belongs to every model that reads the topic, and
// is checked for each by its own missing texts and task. The checks run in the order of Reject. A class is compared as
// canonical text; of a regression model the label is a number, and a text that is none counts as no label (`label`).
// With a mapping: `row` makes the id `id#row`; a list where a label is expected has a label for each row, counted from
// 0; `rows:` gives several labels. One decoder per thread and topic.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/avro/avro_messages.h"
#include "monitor/ingest/avro/avro_text.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/json/json_fields.h"
#include "monitor/ingest/mapping/mapped_message.h"
#include "monitor/ingest/message.h"
#include "monitor/ingest/reject.h"

namespace monitor {

enum LabelField : std::uint8_t { kLabelId, kLabelModel, kLabelTimestamp, kLabelLabel };
inline constexpr std::array<std::string_view, 4> kLabelFieldNames{"id", "model", "timestamp", "label"};

struct DecodedLabel {
  const ModelPlan* model =
      nullptr;  // nullptr: unknown, or none named where several read the topic and it is a reject before models count
  std::optional<Reject> reject;
  bool skipped = false;  // left out by a `where:`
  std::string id;
  std::int64_t time_ns = 0;
  std::string text;   // class
  double number = 0;  // regression
};

class LabelDecoder {
 public:
  explicit LabelDecoder(std::shared_ptr<const TopicPlan> plan);

  // Whether the message can be read now; see ShardCounter.
  bool Ready(const Message& message) { return !avro_ || avro_->Open(message.value); }
  // Valid until the next Decode or the end of the message.
  const std::vector<DecodedLabel>& Decode(const Message& message);
  // What to tell people of a message that was rejected.
  std::string Hint(std::string_view message) { return avro_ ? avro_->Hint(message) : std::string(); }
  // A label that was found in another way, as feedback among requests is.
  const std::vector<DecodedLabel>& DecodeOne(const ModelPlan& model, std::string_view id, std::int64_t time_ns,
                                             std::string_view label);

 private:
  using Fields = std::array<JsonReader::Value, kLabelFieldNames.size()>;

  // The JSON of a message, as it is or of Avro.
  std::optional<Reject> ReadText(std::string_view& text);
  void DecodeFlat(std::string_view text, std::optional<std::int64_t> message_ns);
  void DecodeMapped(const Message& message, std::string_view text);
  void DecodeGroundTruth(const Message& message);
  void DecodeRow(std::size_t row, std::optional<std::int64_t> message_ns);
  void ReadForAll(const Fields& fields, const std::string& suffix, std::optional<std::int64_t> message_ns);
  void Read(const ModelPlan& model, const Fields& fields, const std::string& suffix,
            std::optional<std::int64_t> message_ns);
  void ReadTimed(const ModelPlan& model, std::string id, std::int64_t time_ns, const JsonReader::Value& label);
  std::optional<std::int64_t> TimeOf(const JsonReader::Value& value);
  void Skip(const JsonReader::Value& model);
  void Fail(const ModelPlan* model, Reject reject);
  void FailAll(Reject reject);

  std::shared_ptr<const TopicPlan> plan_;
  JsonFields fields_;
  std::optional<MappedMessage> mapped_;
  std::optional<AvroMessages> avro_;
  AvroText avro_text_;
  JsonTree tree_;
  std::string id_scratch_, text_scratch_, canonical_scratch_;
  std::vector<DecodedLabel> labels_;
};

}  // namespace monitor
