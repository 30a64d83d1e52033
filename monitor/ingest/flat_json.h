// FlatJsonDecoder: one message of the project's own flat JSON → one record over the frame of its model and version.
//
// What ARCHITECTURE 7 leaves open is decided here (tests/monitor/flat_json_test.cc and tests/data/bad hold every case):
//   - The whole message is validated, also what nobody reads; the checks run in the order of Reject.
//   - UTF-16 without a mark is told by the zeros among its first four bytes (RFC 4627, section 3): json_fields.cc.
//   - `version`, `variant`, `segment` that are neither text nor number count as absent; empty text is absent for these
//   three.
//   - Of equal keys the last wins.
//   - `probabilities` is an object by class, or a list in the order of the model's `classes:`.
//   - Boolean, object or list where a number is expected, and a score outside [0, 1], are type faults.
// Records of a learned layout are read without looking at names again (learned_layout.h); all others as JSON in
// general, with the same result. One decoder per thread and topic. The record's views live until the next Decode or the
// end of the message. Cost: about 0.6 ns per byte, 2 ns the general way.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/json_fields.h"
#include "monitor/ingest/learned_layouts.h"
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
  std::string_view id;  // empty: none
  std::string_view version, variant;
  std::int64_t time_ns = 0;
  const Epoch* epoch = nullptr;  // these three are set when there is no reject
  const Frame* frame = nullptr;  // of the plan
  const Row* row = nullptr;
  Outcome outcome;
};

class FlatJsonDecoder {
 public:
  // Without layouts every message is decoded the general way; the records are the same.
  enum class Layouts : std::uint8_t { kNone, kLearned };
  explicit FlatJsonDecoder(std::shared_ptr<const TopicPlan> plan, Layouts layouts = Layouts::kLearned);

  // `message_ns`: time of the Kafka message, nullopt where it has none. `null` value: pass an empty view.
  const DecodedRecord& Decode(std::string_view message, std::optional<std::int64_t> message_ns);
  // Whether the last message was read by a learned layout.
  bool matched() const { return matched_; }

 private:
  enum Field : std::uint8_t {
    kId,
    kModel,
    kVersion,
    kVariant,
    kSegment,
    kTimestamp,
    kFeatures,
    kPrediction,
    kScore,
    kProbabilities
  };

  struct LayoutSink;

  void ReadFeatures(JsonReader& reader, const Frame& frame);
  std::optional<Reject> Check(std::optional<std::int64_t> message_ns);
  std::string_view TextOf(Field field, std::string_view fallback, std::string& scratch);
  void FillCell(const JsonReader::Value& value, const Frame& frame, std::size_t column);
  void FillScore(const Frame& frame);
  void FillOutcome(const Frame& frame);
  JsonReader::Value ProbabilityOf(std::string_view wanted);

  std::shared_ptr<const TopicPlan> plan_;
  Layouts use_layouts_;
  LearnedLayouts layouts_;
  bool matched_ = false;
  JsonFields fields_;
  Row row_;
  std::shared_ptr<const Frame> guess_;  // frame of the previous record: right for nearly every one
  const baselines::MissingTexts* missing_ = nullptr;
  const Frame* row_frame_ = nullptr;  // frame that row_ was read with
  std::string id_scratch_, version_scratch_, variant_scratch_, segment_scratch_, text_scratch_, canonical_scratch_,
      predicted_scratch_;
  DecodedRecord record_;
  std::string_view message_;
};

}  // namespace monitor
