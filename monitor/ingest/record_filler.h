// RecordFiller: the values that a message has for the fields of a record → that record over the frame of its model and
// version. What every decoder of requests shares, so that a value means the same in every format.
//
//   - `version`, `variant`, `segment` that are neither text nor number count as absent; empty text is absent for these
//   three.
//   - `probabilities` is an object by class, or a list in the order of the model's `classes:`.
//   - Boolean, object or list where a number is expected, and a score outside [0, 1], are type faults.
// Order of use: Envelope, then FillFeature for every value unless RowFits or Refit, then Complete. The record's views
// live until the next Envelope or the end of the message. One per decoder; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "monitor/ingest/category_cache.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/json/json_fields.h"
#include "monitor/ingest/mapping/mapping.h"
#include "monitor/ingest/record_block.h"
#include "monitor/ingest/reject.h"

namespace monitor {

// What the label join needs of a record, filled in for models that have labels.
struct Outcome {
  std::string_view predicted;  // class as canonical text; empty: none
  double value = 0;  // regression: the predicted number; else the score, of multi-class models that of the predicted
                     // class; NaN: none
  std::string_view segment;
};

struct DecodedRecord {
  const ModelPlan* model = nullptr;  // nullptr: unknown, or none named where several read the topic
  std::optional<Reject> reject;
  bool skipped = false;  // left out by a `where:`
  std::string_view id;   // empty: none
  std::string_view version, variant;
  std::int64_t time_ns = 0;
  const Epoch* epoch = nullptr;  // these three are set when there is no reject
  const Frame* frame = nullptr;  // of the plan
  const Row* row = nullptr;
  Outcome outcome;
};

enum RecordField : std::uint8_t {
  kRecordId,
  kRecordModel,
  kRecordVersion,
  kRecordVariant,
  kRecordSegment,
  kRecordTimestamp,
  kRecordFeatures,
  kRecordPrediction,
  kRecordScore,
  kRecordProbabilities
};
inline constexpr std::array<std::string_view, 10> kRecordFieldNames{
    "id", "model", "version", "variant", "segment", "timestamp", "features", "prediction", "score", "probabilities"};

class RecordFiller {
 public:
  using Fields = std::span<const JsonFields::Found>;  // at least one for each RecordField

  explicit RecordFiller(std::shared_ptr<const TopicPlan> plan);

  // Model, id, time and version of the next record, and so the frame of its row. `event_ns`: the event time, where it
  // was found in another way than as a field.
  std::optional<Reject> Envelope(Fields fields, std::optional<std::int64_t> message_ns,
                                 std::optional<std::int64_t> event_ns = std::nullopt);
  // The model that a rejected message counts under, where it says or only one reads the topic.
  void Disown(Fields fields, bool object, Reject reject);
  void Skip(Fields fields);

  // Whether the row was filled over the frame that the envelope asks for.
  bool RowFits() const { return row_frame_ == record_.frame && missing_ == row_missing_; }
  // An empty row over the frame of the envelope, or, before there is one, over that of the record before: it is right
  // for nearly every one.
  void BeginRow();
  void BeginRow(const Frame& frame);
  // For a layout that was learned over `learned`: of the frames with its columns, that of the record before.
  void BeginRowLike(const Frame& learned) { BeginRow(guess_->SameColumns(learned) ? *guess_ : learned); }
  void ForgetRow() { row_frame_ = nullptr; }
  // FillFeature, where Refit may have to do it again.
  void FillText(std::size_t column, const JsonReader::Value& value) {
    FillFeature(column, value);
    if (keeps_texts_) texts_.emplace_back(column, value);
  }
  // They do not last, or a column may have been filled twice, where the order matters: no Refit.
  void ForgetTexts() { keeps_texts_ = false; }
  // Makes a row that was filled by FillText, and with numbers, fit the envelope: versions and models often share all
  // their columns. False: they do not, or the texts are not known; the row has to be filled again.
  bool Refit();
  Row& row() { return row_; }
  const std::shared_ptr<const Frame>& guess() const { return guess_; }
  const Frame& frame() const { return *row_frame_; }  // of the row
  void FillFeature(std::size_t column, const JsonReader::Value& value) {
    if (value.type != JsonReader::Type::kText || value.escaped) return FillCell(value, *row_frame_, column);
    CategoryCache* const cache = (*row_caches_)[column].get();
    if (cache == nullptr) return FillCell(value, *row_frame_, column);
    Cell& cell = row_.cells[column];
    if (const Cell* const known = cache->Find(value.raw)) {
      cell = *known;
      return;
    }
    FillCell(value, *row_frame_, column);
    // The name of an unseen category has to be noted each time.
    if (cell.category != detectors::CategoryDictionary::kUnseen) cache->Put(value.raw, cell);
  }
  // Whether the column's values need more than being read as numbers.
  bool HasRules(const Frame& frame, std::size_t column) { return RuleOf(frame, column) != nullptr; }

  // Prediction, score and outcome; the record is whole then.
  void Complete(Fields fields);

  DecodedRecord& record() { return record_; }

 private:
  const ValueRules* RuleOf(const Frame& frame, std::size_t column);
  std::string_view TextOf(const JsonReader::Value& value, std::string_view fallback, std::string& scratch);
  std::optional<std::int64_t> TimeOf(const JsonReader::Value& value);
  void FillCell(const JsonReader::Value& value, const Frame& frame, std::size_t column);
  void FillScore(Fields fields, const Frame& frame);
  void FillOutcome(Fields fields, const Frame& frame);
  JsonReader::Value ProbabilityOf(const JsonFields::Found& all, std::string_view wanted);

  std::shared_ptr<const TopicPlan> plan_;
  Row row_;
  std::shared_ptr<const Frame> guess_;
  bool several_frames_ = false;  // in the plan
  bool keeps_texts_ = false;
  std::vector<std::pair<std::size_t, JsonReader::Value>> texts_;  // of the row: by column
  const baselines::MissingTexts* missing_ = nullptr;
  const Frame* row_frame_ = nullptr;  // that row_ was filled over, with these missing texts
  const baselines::MissingTexts* row_missing_ = nullptr;
  const Frame* rules_frame_ = nullptr;  // that rules_ holds for
  std::vector<const ValueRules*> rules_;
  // Of the categorical columns of a frame, where texts mean the same: with these missing texts. The plan keeps both
  // alive.
  using Caches = std::vector<std::unique_ptr<CategoryCache>>;
  Caches& CachesOf(const Frame& frame);
  std::map<std::pair<const Frame*, const baselines::MissingTexts*>, Caches> caches_;
  Caches* row_caches_ = nullptr;  // of the row
  std::string id_scratch_, version_scratch_, variant_scratch_, segment_scratch_, text_scratch_, canonical_scratch_,
      predicted_scratch_;
  DecodedRecord record_;
};

}  // namespace monitor
