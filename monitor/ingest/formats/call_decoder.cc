#include "monitor/ingest/formats/call_decoder.h"

#include <algorithm>

namespace monitor {
namespace {

using Index = JsonTree::Index;
using Type = JsonReader::Type;

JsonFields::Found Text(std::string_view text) {
  return text.empty() ? JsonFields::Found{} : JsonFields::Found{{Type::kText, text, false}, {}};
}

Index FirstMember(const JsonTree& tree, Index object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const Index found = tree.Member(object, name); found != JsonTree::kNone) return found;
  }
  return JsonTree::kNone;
}

}  // namespace

CallDecoder::CallDecoder(std::shared_ptr<const TopicPlan> plan) : plan_(plan), filler_(std::move(plan)) {}

void CallDecoder::StartReject(Reject reject) {
  fields_ = {};
  rows_ = 0;
  whole_ = true;
  filler_.Disown(fields_, false, reject);
}

void CallDecoder::Start(const Call& call, const ModelPlan* model, std::optional<std::int64_t> message_ns) {
  if (model == nullptr) return StartReject(Reject::kModel);
  call_ = call;
  message_ns_ = message_ns;
  whole_ = false;
  row_ = rows_ = 0;
  tree_.Clear();
  requests_.clear();
  responses_.clear();
  model_ = model->name;
  if (call.request) {
    auto rows = PayloadRows(tree_, *call.request, PayloadSide::kRequest);
    if (!rows) return StartReject(Reject::kShape);
    requests_ = std::move(*rows);
  }
  if (call.response) {
    auto rows = PayloadRows(tree_, *call.response, PayloadSide::kResponse);
    if (!rows) return StartReject(Reject::kShape);
    responses_ = std::move(*rows);
  }
  // Some servers write the values of all rows as one line.
  if (requests_.size() > 1 && responses_.size() == 1 && tree_.IsArray(responses_[0]) &&
      tree_[responses_[0]].size == requests_.size()) {
    const Index line = responses_[0];
    responses_.clear();
    for (std::size_t i = 0; i < requests_.size(); ++i) responses_.push_back(tree_.Child(line, i));
  }
  rows_ = std::max(requests_.size(), responses_.size());
  if (rows_ == 0 || (!requests_.empty() && !responses_.empty() && requests_.size() != responses_.size()))
    return StartReject(Reject::kShape);
}

const DecodedRecord* CallDecoder::Next() {
  if (whole_) {
    whole_ = false;
    return &filler_.record();
  }
  if (row_ == rows_) return nullptr;
  const std::size_t row = row_++;
  fields_ = {};
  id_ = call_.id;
  if (rows_ > 1 && !id_.empty()) id_.append("#").append(std::to_string(row));
  version_ = call_.version;
  variant_ = call_.variant;
  Field(kRecordId) = Text(id_);
  Field(kRecordModel) = Text(model_);
  Field(kRecordVersion) = Text(version_);
  Field(kRecordVariant) = Text(variant_);
  if (!responses_.empty()) FillResponse(responses_[row]);
  auto reject = filler_.Envelope(fields_, message_ns_, call_.time_ns ? call_.time_ns : message_ns_);
  if (!reject) {
    filler_.BeginRow();
    if (!requests_.empty()) FillRow(requests_[row]);
    filler_.Complete(fields_);
  }
  filler_.record().reject = reject;
  return &filler_.record();
}

void CallDecoder::FillRow(Index row) {
  if (const Index inner = tree_.Member(row, "features"); tree_.IsObject(inner) || tree_.IsArray(inner)) row = inner;
  const Frame& frame = filler_.frame();
  const Mapping* const mapping = plan_->mapping.get();
  const std::vector<std::string>* const order =
      mapping != nullptr && !mapping->features.empty() ? &mapping->features.front().order : nullptr;
  const bool list = tree_.IsArray(row);
  if (!list && !tree_.IsObject(row)) return;
  std::size_t expected = 0;
  for (std::size_t i = 0; i < tree_[row].size; ++i) {
    const Index child = tree_.Child(row, i);
    int column = -1;
    if (list && order == nullptr) {
      column = i < frame.features() ? static_cast<int>(i) : -1;
    } else if (!list || i < order->size()) {
      std::string_view name = list ? std::string_view((*order)[i]) : tree_[child].name;
      if (const std::string* const renamed = mapping == nullptr ? nullptr : mapping->Renamed(name)) name = *renamed;
      column = frame.Find(name, expected);
    }
    if (column < 0) {
      ++filler_.row().extra;
      continue;
    }
    expected = static_cast<std::size_t>(column) + 1;
    JsonReader::Value value = tree_[child].value;
    // Columns of a table may come as lists of one value.
    if (tree_.IsArray(child) && tree_[child].size == 1) value = tree_[tree_.Child(child, 0)].value;
    filler_.FillFeature(static_cast<std::size_t>(column), value);
  }
}

void CallDecoder::FillResponse(Index row) {
  if (!tree_.IsObject(row)) {
    if (!tree_.IsArray(row)) return FillAlone(row);
    return tree_[row].size == 1 ? FillAlone(tree_.Child(row, 0)) : FillProbabilities(row);
  }
  const auto set = [this](RecordField field, Index value) {
    if (value == JsonTree::kNone) return;
    if (tree_.IsArray(value) && tree_[value].size == 1) value = tree_.Child(value, 0);
    Field(field) = tree_[value].found();
  };
  const Index score = FirstMember(tree_, row, {"score", "probability"});
  const Index prediction = FirstMember(tree_, row, {"prediction", "predicted_label"});
  const Index probabilities = FirstMember(tree_, row, {"probabilities"});
  set(kRecordScore, score);
  set(kRecordPrediction, prediction);
  if (tree_.IsArray(probabilities)) {
    FillProbabilities(probabilities);
  } else if (probabilities != JsonTree::kNone) {
    Field(kRecordProbabilities) = tree_[probabilities].found();
  } else if (score == JsonTree::kNone && prediction == JsonTree::kNone && tree_[row].size == 1) {
    // The only output of a model, whatever it is called.
    const Index only = tree_.Child(row, 0);
    if (tree_.IsArray(only)) return FillResponse(only);
    FillAlone(only);
  }
}

void CallDecoder::FillAlone(Index value) {
  const Frame& frame = *filler_.guess();
  Field(frame.score() >= 0 ? kRecordScore : kRecordPrediction) = tree_[value].found();
}

// A list that may have been put together from other places, written as one.
void CallDecoder::FillProbabilities(Index list) {
  std::string text;
  for (std::size_t i = 0; i < tree_[list].size; ++i) {
    const std::string_view share = tree_.TextOf(tree_.Child(list, i));
    text.append(share.empty() ? "null" : share).append(i + 1 == tree_[list].size ? "]" : ",");
  }
  Field(kRecordProbabilities) = {{Type::kArray, {}, false}, tree_.Keep(std::move(text))};
}

}  // namespace monitor
