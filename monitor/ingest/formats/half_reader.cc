#include "monitor/ingest/formats/half_reader.h"

#include "baselines/base64.h"
#include "baselines/values/timestamp.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

using Index = JsonTree::Index;

constexpr std::string_view kKServeType = "org.kubeflow.serving.inference.";
constexpr std::string_view kSeldonType = "io.seldon.serving.";

std::string_view HeaderText(const Message& message, std::string_view name) {
  const Header* const header = message.Find(name);
  return header == nullptr ? std::string_view() : header->value;
}

}  // namespace

const HalfReader::Result& HalfReader::Read(const Message& message) {
  result_ = {};
  tree_.Clear();
  // A fault that is found before the message has named its model counts under the topic's only one.
  if (plan_->models.size() == 1) result_.model = plan_->models.front().get();
  result_.half.emplace();
  switch (plan_->format) {
    case Format::kKServe:
      result_.reject = ReadKServe(message);
      break;
    case Format::kSeldonV1:
      result_.reject = ReadSeldon1(message);
      break;
    default:
      result_.reject = ReadSeldon2(message);
      break;
  }
  if (!result_.reject && !result_.skipped && result_.half && result_.half->id.empty()) result_.reject = Reject::kId;
  if (result_.reject || result_.skipped) result_.half.reset();
  return result_;
}

std::optional<Reject> HalfReader::ReadBody(std::string_view text, Index& root) {
  if (const auto reject = JsonFields::CheckText(text)) return reject;
  std::optional<Reject> reject;
  root = tree_.Add(text, reject);
  if (!reject && result_.half) result_.half->payload = text;
  return reject;
}

std::optional<Reject> HalfReader::Name(std::string_view service) {
  if (plan_->models.size() == 1) return std::nullopt;
  result_.model = plan_->Find(service);
  return result_.model == nullptr ? std::optional(Reject::kModel) : std::nullopt;
}

void HalfReader::TakeType(std::string_view type, std::string_view prefix) {
  type = type.starts_with(prefix) ? type.substr(prefix.size()) : std::string_view();
  result_.half->response = type == "response";
  result_.skipped = !result_.half->response && type != "request";
}

// The event's own time, else that of the Kafka message; bounded by it as every record's.
std::optional<Reject> HalfReader::TakeTime(std::string_view text, const Message& message) {
  const ModelPlan& model = *result_.model;
  auto time =
      text.empty() || model.time == TimeSource::kArrival ? message.timestamp_ns : baselines::ParseTimestamp(text);
  if (!time || *time < kYear2000Ns) return Reject::kTime;
  if (message.timestamp_ns && *time > SaturatingAdd(*message.timestamp_ns, model.skew_ns)) return Reject::kFuture;
  time_ns_ = *time;
  if (result_.half) result_.half->time_ns = *time;
  return std::nullopt;
}

std::optional<Reject> HalfReader::ReadKServe(const Message& message) {
  std::string_view type = HeaderText(message, "ce_type"), id = HeaderText(message, "ce_id"),
                   time = HeaderText(message, "ce_time"), service = HeaderText(message, "ce_inferenceservicename"),
                   component = HeaderText(message, "ce_component"), endpoint = HeaderText(message, "ce_endpoint");
  Index root = JsonTree::kNone;
  if (type.empty()) {
    if (const auto reject = ReadBody(message.value, root)) return reject;
    const auto attribute = [&](std::string_view name) { return tree_.TextOf(tree_.Member(root, name)); };
    if (tree_.Member(root, "specversion") == JsonTree::kNone) return Reject::kShape;
    type = attribute("type"), id = attribute("id"), time = attribute("time");
    service = attribute("inferenceservicename"), component = attribute("component"), endpoint = attribute("endpoint");
  }
  TakeType(type, kKServeType);
  // A transformer's events have the ids of the predictor's.
  result_.skipped = result_.skipped || (!component.empty() && component != "predictor");
  if (result_.skipped) return std::nullopt;
  const auto reject = root == JsonTree::kNone ? ReadBody(message.value, root) : ReadEvent(root);
  if (reject) return reject;
  if (const auto unknown = Name(service)) return unknown;
  result_.half->id = id;
  if (endpoint != "default") result_.half->variant = endpoint;
  return TakeTime(time, message);
}

// The body within a structured event.
std::optional<Reject> HalfReader::ReadEvent(Index event) {
  if (const Index encoded = tree_.Member(event, "data_base64"); encoded != JsonTree::kNone) {
    auto decoded = baselines::Base64Decode(tree_.TextOf(encoded));
    if (!decoded) return Reject::kEncoding;
    Index root = JsonTree::kNone;
    return ReadBody(tree_.Keep(std::move(*decoded)), root);
  }
  const Index data = tree_.Member(event, "data");
  if (data == JsonTree::kNone) return Reject::kShape;
  const JsonTree::Node& node = tree_[data];
  if (node.value.scalar()) {
    result_.half->payload = tree_.TextOf(data);
    return std::nullopt;
  }
  JsonReader reader(node.rest);
  reader.SkipRest(node.value.type);
  const char* const begin = node.rest.data() - 1;
  result_.half->payload.assign(begin, static_cast<std::size_t>(reader.position() - begin));
  return std::nullopt;
}

std::optional<Reject> HalfReader::ReadSeldon1(const Message& message) {
  std::string_view type = HeaderText(message, "type");
  type = type.starts_with(kSeldonType) ? type.substr(kSeldonType.size()) : std::string_view();
  const bool feedback = type == "feedback";
  if (!feedback) TakeType(type, "inference.");
  if (result_.skipped) return std::nullopt;
  Index root = JsonTree::kNone;
  if (const auto reject = ReadBody(message.value, root)) return reject;
  if (const auto unknown = Name(HeaderText(message, "inferenceservicename"))) return unknown;
  result_.half->id = HeaderText(message, "requestid");
  if (result_.half->id.empty()) return Reject::kId;
  if (const auto reject = TakeTime({}, message)) return reject;
  if (!feedback) return std::nullopt;
  if (result_.model->labels) ReadFeedback(root, result_.half->id);
  result_.half.reset();
  result_.skipped = result_.feedback.empty();
  return std::nullopt;
}

// The truth of each row, as far as the feedback has one; a reward alone is no label.
void HalfReader::ReadFeedback(Index root, std::string_view id) {
  const Index truth = tree_.Member(root, "truth");
  if (!tree_.IsObject(truth)) return;
  const std::vector<Index> rows = PayloadRows(tree_, truth, PayloadSide::kResponse);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Index value = rows[i];
    if (tree_.IsArray(value) && tree_[value].size == 1) value = tree_.Child(value, 0);
    Feedback& feedback = result_.feedback.emplace_back();
    feedback.id = id;
    if (rows.size() > 1) feedback.id.append("#").append(std::to_string(i));
    feedback.time_ns = time_ns_;
    feedback.label = tree_.TextOf(value);
  }
}

std::optional<Reject> HalfReader::ReadSeldon2(const Message& message) {
  Index root = JsonTree::kNone;
  if (const auto reject = ReadBody(message.value, root)) return reject;
  const auto has = [&](std::string_view name) { return tree_.Member(root, name) != JsonTree::kNone; };
  result_.half->response = has("outputs") || has("rawOutputContents");
  if (!result_.half->response && !has("inputs") && !has("rawInputContents")) return Reject::kShape;
  if (const auto unknown = Name(tree_.TextOf(tree_.Member(root, "model_name")))) return unknown;
  result_.half->id = message.key;
  return TakeTime({}, message);
}

}  // namespace monitor
