// CallDecoder: request and response of one call, as model servers write them (payload.h) → its records.
//
// A list of features is in the order of `fields.features.order`, else of the baseline's columns; `{"features": …}` is
// looked into. Of a response row, a value alone is the score where the baseline has one, else the prediction; several
// values are the probabilities in the order of the model's `classes`; an object says `score` or `probability`,
// `prediction` or `predicted_label`, `probabilities`. A call of several rows gives ids `id#row`, from 0. Requests and
// responses of different numbers of rows are `shape`. The views of a record live until the next call of anything.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/ingest/formats/payload.h"
#include "monitor/ingest/record_filler.h"

namespace monitor {

struct Call {
  std::string_view id, version, variant;
  std::optional<std::int64_t> time_ns;                // nullopt: that of the Kafka message
  std::optional<std::string_view> request, response;  // nullopt: it was not logged
};

class CallDecoder {
 public:
  explicit CallDecoder(std::shared_ptr<const TopicPlan> plan);

  // `model`: nullptr where the call does not say, or names one that is unknown.
  void Start(const Call& call, const ModelPlan* model, std::optional<std::int64_t> message_ns);
  // nullptr at the end.
  const DecodedRecord* Next();
  // A message that is no call: the next record is this reject.
  void StartReject(Reject reject);

 private:
  void FillRow(JsonTree::Index row);
  void FillResponse(JsonTree::Index row);
  void FillAlone(JsonTree::Index value);
  void FillProbabilities(JsonTree::Index list);
  JsonFields::Found& Field(RecordField field) { return fields_[field]; }

  std::shared_ptr<const TopicPlan> plan_;
  RecordFiller filler_;
  JsonTree tree_;
  std::array<JsonFields::Found, kRecordFieldNames.size()> fields_{};
  std::optional<std::int64_t> message_ns_;
  Call call_;
  std::vector<JsonTree::Index> requests_, responses_;
  std::size_t row_ = 0, rows_ = 0;
  bool whole_ = false;  // the record of the filler is the next one
  std::string id_, version_, variant_, model_;
};

}  // namespace monitor
