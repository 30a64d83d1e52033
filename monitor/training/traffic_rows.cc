#include "monitor/training/traffic_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "alerts/messages/time_text.h"
#include "baselines/build/profile_builder.h"
#include "detectors/hash.h"
#include "monitor/training/feature_names.h"
#include "monitor/training/json_table.h"

namespace monitor {
namespace {

constexpr std::size_t kBytesPerHalf = 200;

std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Also where there is no value: columns come in the order in which they first occur.
void AddMember(std::string& to, std::string_view name, std::string_view text) {
  to.append(to.ends_with('{') ? "" : ",").append(Quoted(name)).append(":").append(text.empty() ? "null" : Quoted(text));
}

std::string NumberText(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

}  // namespace

TrafficRows::TrafficRows(const Config& config, const std::string& model, TimeRange range, double share, bool score)
    : config_(config), model_(nullptr), range_(range), share_(share), spool_("the traffic of " + model) {
  for (const ModelConfig& each : config_.models) {
    if (each.name == model) model_ = &each;
  }
  if (model_ == nullptr) throw ConfigError(config.file.string() + ": there is no model `" + model + "`");
  columns_.score = score && model_->task != baselines::Task::kRegression;
  Plan();
}

void TrafficRows::Plan() {
  plan_ = LearningPlan(config_, model_->name, columns_);
  const auto& requests = plan_->topics.at(model_->requests.topic);
  requests_ = std::make_unique<TopicDecoder>(requests);
  if (requests_->halves() != nullptr) feedback_ = std::make_unique<LabelDecoder>(requests);
  if (model_->labels && !model_->labels->topic.empty())
    label_decoder_ = std::make_unique<LabelDecoder>(plan_->topics.at(model_->labels->topic));
}

void TrafficRows::Add(const std::string& topic, const Message& message) {
  if (label_decoder_ != nullptr && topic == model_->labels->topic) return AddLabels(label_decoder_->Decode(message));
  ++counts_.messages;
  message_hash_ = detectors::Hash64(message.value);
  if (requests_->halves() != nullptr) return AddHalf(message);
  AddRows([&](const auto& take) { requests_->Decode(message, take); },
          [&] { return FeatureNames(*plan_->topics.at(topic), message); });
}

void TrafficRows::AddLabels(const std::vector<DecodedLabel>& labels) {
  for (const DecodedLabel& label : labels) {
    if (label.reject || label.model == nullptr || label.model->name != model_->name) continue;
    labels_[label.id] = label.model->task == baselines::Task::kRegression ? NumberText(label.number) : label.text;
  }
}

void TrafficRows::AddHalf(const Message& message) {
  const HalfReader::Result& read = requests_->halves()->Read(message);
  if (read.reject) ++counts_.rejected;
  if (read.skipped) ++counts_.skipped;
  for (const HalfReader::Feedback& feedback : read.feedback)
    AddLabels(feedback_->DecodeOne(*read.model, feedback.id, feedback.time_ns, feedback.label));
  if (!read.half) return;
  CallHalf half = *read.half;
  const auto other = waiting_.find(half.id);
  if (other == waiting_.end()) {
    waiting_bytes_ += half.payload.size() + kBytesPerHalf;
    if (waiting_bytes_ > kMostWaiting)
      throw std::runtime_error("more than 1 GiB of requests wait for their responses; learn from a shorter time");
    std::string id = half.id;
    waiting_.emplace(std::move(id), std::move(half));
    return;
  }
  if (other->second.response == half.response) {
    ++counts_.repeated;
    return;
  }
  CallHalf request = std::move(other->second), response = std::move(half);
  waiting_.erase(other);
  waiting_bytes_ -= request.payload.size() + kBytesPerHalf;
  if (request.response) std::swap(request, response);
  AddRows(
      [&](const auto& take) {
        CallDecoder& calls = requests_->halves()->calls();
        calls.Start({request.id, request.version, request.variant, request.time_ns, request.payload, response.payload},
                    plan_->topics.at(model_->requests.topic)->Find(model_->name), std::nullopt);
        while (const DecodedRecord* const record = calls.Next()) take(*record);
      },
      [&] { return FeatureNamesOfRequest(*plan_->topics.at(model_->requests.topic), request.payload); });
}

// A message with features that are new, or with a class where a score was looked for, is decoded again over a frame
// that fits.
template <class Decode>
void TrafficRows::AddRows(const Decode& decode, const std::function<std::vector<std::string>()>& names) {
  bool extra = false, no_score = false;
  decode([&](const DecodedRecord& record) {
    if (record.reject || record.skipped || record.model->name != model_->name) return;
    extra = extra || record.row->extra > 0;
    const int score = record.frame->score(), prediction = record.frame->prediction();
    no_score =
        no_score || (score >= 0 && record.row->cells[static_cast<std::size_t>(score)].state == CellState::kTypeFault &&
                     RowText(*record.row, static_cast<std::size_t>(prediction)).empty());
  });
  const bool joined = extra && Join(names());
  const bool turned = requests_->unnamed_outputs() && no_score && columns_.score && counts_.rows == 0;
  if (turned) columns_.score = false;
  // A response without a name is looked for before the first row.
  if (joined || turned) Plan();
  decode([&](const DecodedRecord& record) { Write(record); });
}

bool TrafficRows::Join(const std::vector<std::string>& names) {
  const std::size_t before = columns_.features.size();
  for (const std::string& name : names) {
    if (std::ranges::find(columns_.features, name) == columns_.features.end()) columns_.features.push_back(name);
  }
  if (columns_.features.size() > kMostFeatures)
    throw std::runtime_error("there are more than 10,000 features; are names of features made of values?");
  return columns_.features.size() > before;
}

void TrafficRows::Write(const DecodedRecord& record) {
  if (record.skipped) {
    ++counts_.skipped;
    return;
  }
  if (record.reject) {
    ++counts_.rejected;
    return;
  }
  if (record.model->name != model_->name) {
    ++counts_.others;
    return;
  }
  if (!range_.Has(record.time_ns)) {
    ++counts_.outside;
    return;
  }
  const std::uint64_t hash = record.id.empty() ? message_hash_ : detectors::Hash64(record.id);
  if (!Chosen(hash)) {
    ++counts_.unchosen;
    return;
  }
  if (!record.id.empty() && !seen_.insert(hash).second) {
    ++counts_.repeated;
    return;
  }
  const Frame& frame = *record.frame;
  const Row& row = *record.row;
  line_ = "{";
  if (!record.id.empty()) AddMember(line_, "id", record.id);
  AddMember(line_, "timestamp", alerts::FormatTime(record.time_ns));
  std::string features = "{";
  for (std::size_t i = 0; i < frame.features(); ++i) AddMember(features, frame.column(i).name, RowText(row, i));
  line_.append(",\"features\":").append(features).append("}");
  if (const auto said = RowText(row, static_cast<std::size_t>(frame.prediction())); !said.empty())
    AddMember(line_, "prediction", said);
  if (const int score = frame.score(); score >= 0) {
    const Cell& cell = row.cells[static_cast<std::size_t>(score)];
    if (cell.state == CellState::kValue) AddMember(line_, "score", NumberText(cell.number));
  }
  if (const auto label = labels_.find(std::string(record.id)); label != labels_.end()) {
    AddMember(line_, "label", label->second);
    ++counts_.labelled;
  }
  spool_.Write(line_ += "}\n");
  ++counts_.rows;
  ++counts_.versions[std::string(record.version)];
  counts_.first_ns = std::min(counts_.first_ns, record.time_ns);
  counts_.last_ns = std::max(counts_.last_ns, record.time_ns);
}

baselines::Profile TrafficRows::Build(const std::string& version, const std::string& created,
                                      std::optional<detectors::ScoreBins> score_bins) {
  counts_.waiting = waiting_.size();
  baselines::BuildOptions options;
  options.model = model_->name;
  options.version = version;
  options.created = created;
  options.missing = model_->missing_values;
  options.score_bins = std::move(score_bins);
  options.task = model_->task;
  if (!model_->positive.empty()) options.positive = model_->positive;
  options.source = "traffic of " + alerts::FormatTimeForPeople(counts_.first_ns) + " to " +
                   alerts::FormatTimeForPeople(counts_.last_ns);
  std::vector<baselines::TextFile> traffic;
  traffic.emplace_back(std::move(spool_), "the traffic of " + model_->name);
  return baselines::BuildProfile(CsvOfJson(traffic, traffic.front().name(), {}), options);
}

}  // namespace monitor
