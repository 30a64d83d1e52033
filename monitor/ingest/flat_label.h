// FlatLabelDecoder: one message of a label topic → a label, or why it is none, for each model that it belongs to.
//
// A label that names a model belongs to that one; one that names none belongs to every model that reads the topic, and
// is checked for each by its own missing texts and task. The checks run in the order of Reject. A class is compared as
// canonical text; of a regression model the label is a number, and a text that is none counts as no label (`label`).
// One decoder per thread and topic.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/json_fields.h"
#include "monitor/ingest/reject.h"

namespace monitor {

struct DecodedLabel {
  const ModelPlan* model =
      nullptr;  // nullptr: unknown, or none named where several read the topic and it is a reject before models count
  std::optional<Reject> reject;
  std::string_view id;
  std::int64_t time_ns = 0;
  std::string text;   // class
  double number = 0;  // regression
};

class FlatLabelDecoder {
 public:
  explicit FlatLabelDecoder(std::shared_ptr<const TopicPlan> plan);

  // At least one; valid until the next Decode or the end of the message.
  const std::vector<DecodedLabel>& Decode(std::string_view message, std::optional<std::int64_t> message_ns);

 private:
  enum Field : std::uint8_t { kId, kModel, kTimestamp, kLabel };

  void Read(const ModelPlan& model, std::optional<std::int64_t> message_ns);
  void Fail(const ModelPlan* model, Reject reject);

  std::shared_ptr<const TopicPlan> plan_;
  JsonFields fields_;
  std::string id_scratch_, text_scratch_, canonical_scratch_;
  std::vector<DecodedLabel> labels_;
};

}  // namespace monitor
