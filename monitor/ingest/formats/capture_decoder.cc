#include "monitor/ingest/formats/capture_decoder.h"

#include "baselines/base64.h"
#include "baselines/values/timestamp.h"
#include "baselines/values/value_text.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

using Index = JsonTree::Index;
using Type = JsonReader::Type;

}  // namespace

CaptureDecoder::CaptureDecoder(std::shared_ptr<const TopicPlan> plan) : plan_(plan), calls_(std::move(plan)) {}

std::optional<std::string_view> CaptureDecoder::Data(Index capture, std::string_view name, bool& fault) {
  const Index side = tree_.Member(capture, name);
  const Index data = tree_.Member(side, "data");
  if (data == JsonTree::kNone) return std::nullopt;
  const std::string_view text = tree_.TextOf(data);
  if (tree_.TextOf(tree_.Member(side, "encoding")) != "BASE64") return text;
  auto decoded = baselines::Base64Decode(text);
  fault = fault || !decoded;
  return decoded ? std::optional(tree_.Keep(std::move(*decoded))) : std::nullopt;
}

void CaptureDecoder::Start(const Message& message) {
  std::string_view text = message.value;
  auto reject = JsonFields::CheckText(text);
  tree_.Clear();
  const Index root = reject ? JsonTree::kNone : tree_.Add(text, reject);
  if (reject) return calls_.StartReject(*reject);
  const Index capture = tree_.Member(root, "captureData"), metadata = tree_.Member(root, "eventMetadata");
  if (!tree_.IsObject(capture) || !tree_.IsObject(metadata)) return calls_.StartReject(Reject::kShape);
  Call call;
  bool fault = false;
  call.request = Data(capture, "endpointInput", fault);
  call.response = Data(capture, "endpointOutput", fault);
  if (fault) return calls_.StartReject(Reject::kEncoding);
  call.id = tree_.TextOf(tree_.Member(metadata, "inferenceId"));
  if (call.id.empty()) call.id = tree_.TextOf(tree_.Member(metadata, "eventId"));
  if (const auto time = tree_.TextOf(tree_.Member(metadata, "inferenceTime")); !time.empty()) {
    call.time_ns = baselines::ParseTimestamp(time);
    if (!call.time_ns) return calls_.StartReject(Reject::kTime);
  }
  calls_.Start(call, plan_->models.size() == 1 ? plan_->models.front().get() : nullptr, message.timestamp_ns);
}

std::optional<GroundTruth> ReadGroundTruth(JsonTree& tree, Index root) {
  const Index data = tree.Member(root, "groundTruthData"), metadata = tree.Member(root, "eventMetadata");
  if (!tree.IsObject(data) || !tree.IsObject(metadata)) return std::nullopt;
  const auto value = [&tree](Index index) {
    return index == JsonTree::kNone ? JsonReader::Value{Type::kNull, {}, false} : tree[index].value;
  };
  GroundTruth truth{value(tree.Member(metadata, "eventId")), value(tree.Member(metadata, "inferenceTime")),
                    value(tree.Member(data, "data"))};
  if (tree.TextOf(tree.Member(data, "encoding")) == "BASE64") {
    auto decoded = baselines::Base64Decode(tree.TextOf(tree.Member(data, "data")));
    if (!decoded) return std::nullopt;
    truth.label = {Type::kText, tree.Keep(std::move(*decoded)), false};
  }
  return truth;
}

}  // namespace monitor
