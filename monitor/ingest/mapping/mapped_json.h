// MappedJsonDecoder: one message of somebody else's JSON, or of Avro → its records, as a mapping says.
//
// Messages with one row whose layout is regular are read by learned layouts, as flat JSON is, the texts in them that
// hold JSON by layouts of their own; everything else through a tree (of Avro: of the text that it is read as), with the
// same records (tests/monitor/ingest/mapped_json_test.cc, avro_test.cc). With `rows:` an id that is the message's is
// `id#row`, counted from 0, also for one row. A list of no rows counts as skipped. One decoder per thread and topic.
// Cost: about 0.6 ns per byte by a layout, 4 ns by the tree.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/ingest/avro/avro_messages.h"
#include "monitor/ingest/json/learned_layouts.h"
#include "monitor/ingest/mapping/mapped_message.h"
#include "monitor/ingest/message.h"
#include "monitor/ingest/record_filler.h"

namespace monitor {

class MappedJsonDecoder {
 public:
  enum class Layouts : std::uint8_t { kNone, kLearned };
  explicit MappedJsonDecoder(std::shared_ptr<const TopicPlan> plan, Layouts layouts = Layouts::kLearned);

  // Of Avro: whether the message can be read now; see ShardCounter.
  bool Ready(const Message& message) { return !avro_ || avro_->Open(message.value); }
  // Takes a message; then Next until it returns nullptr. Each record lives until the next call.
  void Start(const Message& message);
  const DecodedRecord* Next();
  // Whether the last message was read by a learned layout.
  bool matched() const { return matched_; }
  // What to tell people of a message that was rejected.
  std::string Hint(std::string_view message) { return avro_ ? avro_->Hint(message) : std::string(); }

 private:
  // Where the fields of the record that is being read stand; behind them the values that conditions look at, and the
  // texts that hold JSON.
  struct FieldList {
    std::vector<JsonFields::Found> found;
    void Clear(bool /*object*/) { found.assign(found.size(), {}); }
    void Set(std::size_t field, const JsonFields::Found& value) { found[field] = value; }
  };

  // A text that holds JSON, and what of the record stands in it.
  struct InnerLayouts {
    LearnedLayouts layouts;
    std::string text;
  };
  // The message, or a text in it, when it is learned from.
  struct Document {
    std::string_view text;
    std::vector<LearnedLayout::ScalarUse> uses;
    std::uint64_t extra = 0;
    bool Holds(const char* at) const { return at >= text.data() && at < text.data() + text.size(); }
  };

  // What the message is as JSON. With Avro in it, it is written only where no layout matches.
  std::optional<Reject> Open();
  bool MatchDocuments();
  bool ByLayout();
  void ByTree();
  void BeginLearning();
  bool NoteUse(const LearnedLayout::ScalarUse& use);
  bool InMappingsOrder();
  void Learn();
  void FillAround();
  void Translate(std::size_t row);
  bool ReadFeatures(std::size_t row);
  void Emit(int column, const JsonFields::Found& value);
  std::size_t InnerField(std::size_t i) const { return kRecordFieldNames.size() + mapping_.where.size() + i; }

  std::shared_ptr<const TopicPlan> plan_;
  const Mapping& mapping_;
  bool use_layouts_;
  LearnedLayouts layouts_;
  std::vector<InnerLayouts> inner_;  // in the order of Mapping::decode
  std::optional<AvroMessages> avro_;
  const AvroSchema* schema_ = nullptr;  // of the message; nullptr: it is JSON
  AvroLayout::Room room_;
  AvroText avro_text_;
  bool matched_ = false;
  std::size_t unmatched_ = 0;  // the document that no layout matched: 0 the message, then the texts in it
  MappedMessage mapped_;
  FieldList fields_;
  RecordFiller filler_;
  Message message_;
  std::string_view json_;
  enum class Stage : std::uint8_t { kDone, kWhole, kRows } stage_ = Stage::kDone;  // kWhole: the record is ready
  std::size_t row_ = 0, rows_ = 0;
  std::vector<Document> documents_;
  // Column and place of each feature that was given, in the order of the mapping.
  std::vector<std::pair<int, const char*>> filled_;
  bool learnable_ = false;
  std::string scratch_, canonical_, row_id_;
};

}  // namespace monitor
