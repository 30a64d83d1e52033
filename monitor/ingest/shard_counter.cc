#include "monitor/ingest/shard_counter.h"

#include <algorithm>

#include "detectors/hash.h"
#include "monitor/ingest/avro/schema_prefix.h"
#include "monitor/ingest/formats/capture_decoder.h"
#include "monitor/ingest/formats/half_reader.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr std::size_t kLargeBytes = 16u << 20;  // of rows in one delta
// Of full blocks: what another processor counts while they are in a cache that both share.
constexpr std::size_t kWorthCountingBytes = 4u << 20;
constexpr std::size_t kLargeMessages = 500'000;  // bounds the identities of one delta
constexpr std::size_t kBytesPerHalf = 150;       // besides its payload

}  // namespace

struct ShardCounter::Counting {
  const ModelPlan* model = nullptr;
  const Epoch* epoch = nullptr;
  PaneKey key;
  std::int64_t end_ns = INT64_MIN;  // of the pane of `key`
  PaneSummary* pane = nullptr;      // in delta_.panes
  PredictionBatch* predictions = nullptr;
  std::size_t usual_predictions = 0;  // of a delta: as many as there were in the last one
  std::optional<RecordBlock> block;
  const Frame* frame = nullptr;
  std::int64_t* largest_ns = nullptr;  // of the model, in delta_.largest_event_ns
  std::uint64_t scope = 0;             // IdentityScope
};

ShardCounter::ShardCounter(ShardId id, std::shared_ptr<const TopicPlan> plan, const ShardStart& start)
    : id_(std::move(id)), plan_(std::move(plan)) {
  MakeDecoder();
  delta_.shard = id_;
  delta_.next_offset = start.next_offset;
  delta_.last_offset = start.last_offset;
  delta_.last_hash = start.last_hash;
  delta_.largest_event_ns = start.largest_event_ns;
}

ShardCounter::~ShardCounter() = default;

void ShardCounter::MakeDecoder() {
  flat_decoder_.reset();
  mapped_decoder_.reset();
  capture_decoder_.reset();
  half_reader_.reset();
  label_decoder_.reset();
  needs_headers_ = plan_->NeedsHeaders();
  if (plan_->labels) {
    label_decoder_ = std::make_unique<LabelDecoder>(plan_);
  } else if (plan_->format == Format::kSageMaker) {
    capture_decoder_ = std::make_unique<CaptureDecoder>(plan_);
  } else if (ComesInHalves(plan_->format)) {
    half_reader_ = std::make_unique<HalfReader>(plan_);
    label_decoder_ = std::make_unique<LabelDecoder>(plan_);  // of feedback
  } else if (plan_->mapping != nullptr) {
    mapped_decoder_ = std::make_unique<MappedJsonDecoder>(plan_);
  } else {
    flat_decoder_ = std::make_unique<FlatJsonDecoder>(plan_);
  }
}

bool ShardCounter::Ready(const Message& message) {
  if (plan_->format != Format::kAvro) [[likely]]
    return true;
  const bool ready = label_decoder_ != nullptr ? label_decoder_->Ready(message) : mapped_decoder_->Ready(message);
  awaited_ = ready ? std::nullopt : std::optional(SchemaId(message.value));
  return ready;
}

bool ShardCounter::schema_arrived() const {
  return !awaited_ || plan_->registry == nullptr || plan_->registry->Find(*awaited_) != nullptr;
}

std::string ShardCounter::HintOf(Reject reject, std::string_view message) {
  if (reject == Reject::kSchema && plan_->format != Format::kAvro && HasSchemaPrefix(message))
    return "Avro or Protobuf, schema id " + std::to_string(SchemaId(message)) + "; `format: avro` reads Avro";
  if (reject != Reject::kSchema && reject != Reject::kAvro) return {};
  return label_decoder_ != nullptr ? label_decoder_->Hint(message) : mapped_decoder_->Hint(message);
}

std::optional<Reject> ShardCounter::Add(const Message& message) {
  ++delta_.messages;
  delta_.next_offset = message.offset + 1;
  delta_.last_offset = message.offset;
  last_value_ = message.value;
  has_last_value_ = true;

  if (flat_decoder_ != nullptr) return TakeRecord(flat_decoder_->Decode(message.value, message.timestamp_ns), message);
  if (mapped_decoder_ != nullptr) return TakeAll(*mapped_decoder_, message);
  if (capture_decoder_ != nullptr) return TakeAll(*capture_decoder_, message);
  if (half_reader_ != nullptr) return AddHalf(message);
  return TakeLabels(label_decoder_->Decode(message), message);
}

template <class Decoder>
std::optional<Reject> ShardCounter::TakeAll(Decoder& decoder, const Message& message) {
  std::optional<Reject> reject;
  decoder.Start(message);
  while (const DecodedRecord* const record = decoder.Next()) {
    if (const auto why = TakeRecord(*record, message)) reject = why;
  }
  return reject;
}

std::optional<Reject> ShardCounter::TakeRecord(const DecodedRecord& record, const Message& message) {
  if (observer_) [[unlikely]]
    observer_(record, message);
  if (!record.reject && !record.skipped) [[likely]] {
    Count(record);
    return std::nullopt;
  }
  if (record.skipped) {
    ++delta_.counters[record.model == nullptr ? std::string() : record.model->name].skipped;
  } else {
    CountReject(record.model, *record.reject, message);
  }
  return record.reject;
}

void ShardCounter::CountReject(const ModelPlan* plan, Reject reject, const Message& message) {
  const std::string model = plan == nullptr ? std::string() : plan->name;
  ++delta_.counters[model].rejects[static_cast<std::size_t>(reject)];
  Sample(model, reject, message);
  if (reject != Reject::kFuture) return;
  if (PaneSummary* newest = NewestPane(*plan, plan->default_version, {})) ++newest->future;
}

std::optional<Reject> ShardCounter::AddHalf(const Message& message) {
  const HalfReader::Result& read = half_reader_->Read(message);
  if (read.reject) {
    CountReject(read.model, *read.reject, message);
    return read.reject;
  }
  const std::string model = read.model == nullptr ? std::string() : read.model->name;
  if (read.skipped) ++delta_.counters[model].skipped;
  if (read.half) {
    std::int64_t& largest = delta_.largest_event_ns.try_emplace(model, read.half->time_ns).first->second;
    largest = std::max(largest, read.half->time_ns);
    half_bytes_ += read.half->payload.size() + kBytesPerHalf;
    delta_.halves[model].push_back(*read.half);
  }
  std::optional<Reject> reject;
  for (const HalfReader::Feedback& feedback : read.feedback) {
    const auto& labels = label_decoder_->DecodeOne(*read.model, feedback.id, feedback.time_ns, feedback.label);
    if (const auto why = TakeLabels(labels, message)) reject = why;
  }
  return reject;
}

void ShardCounter::AddPair(const CallHalf& request, const CallHalf& response, std::int64_t seen_ns) {
  std::int64_t& largest = delta_.largest_event_ns.try_emplace(plan_->models.front()->name, seen_ns).first->second;
  largest = std::max(largest, seen_ns);
  CallDecoder& calls = half_reader_->calls();
  const Call call{request.id, request.version, request.variant, request.time_ns, request.payload, response.payload};
  calls.Start(call, plan_->models.front().get(), std::nullopt);
  while (const DecodedRecord* const record = calls.Next()) TakeRecord(*record, {request.payload, -1});
}

std::optional<Reject> ShardCounter::TakeLabels(const std::vector<DecodedLabel>& labels, const Message& message) {
  std::optional<Reject> reject;
  for (const DecodedLabel& label : labels) {
    if (!label.reject && !label.skipped) {
      Keep(label);
      continue;
    }
    const std::string model = label.model == nullptr ? std::string() : label.model->name;
    if (label.skipped) {
      ++delta_.labels[model].skipped;
      continue;
    }
    reject = label.reject;
    ++delta_.labels[model].rejects[static_cast<std::size_t>(*label.reject)];
    Sample(model, *label.reject, message);
  }
  return reject;
}

void ShardCounter::Keep(const DecodedLabel& label) {
  const ModelPlan& model = *label.model;
  LabelBatch& batch = delta_.labels[model.name];
  LabelSeen seen;
  seen.id = IdentityOf(IdentityScope(model.name), label.id);
  seen.time_ns = label.time_ns;
  seen.number = label.number;
  seen.label = batch.classes.Code(label.text);
  const auto [largest, first] = delta_.largest_event_ns.try_emplace(model.name, label.time_ns);
  seen.watermark_ns = first ? INT64_MIN : SaturatingAdd(largest->second, -model.lateness_ns);
  largest->second = std::max(largest->second, label.time_ns);
  batch.seen.push_back(seen);
}

void ShardCounter::Count(const DecodedRecord& record) {
  const ModelPlan& model = *record.model;
  Counting* counting = last_;
  if (counting == nullptr || counting->model != &model || counting->key.version != record.version ||
      counting->key.variant != record.variant) {
    auto& slot = counting_[{&model, std::string(record.version), std::string(record.variant)}];
    if (slot == nullptr) {
      slot = std::make_unique<Counting>();
      slot->model = &model;
      slot->key = {model.name, INT64_MIN, std::string(record.version), std::string(record.variant)};
    }
    counting = last_ = slot.get();
    counting->scope = IdentityScope(model.name);
  }
  std::int64_t start = counting->key.start_ns, end = counting->end_ns;
  if (counting->epoch != record.epoch || record.time_ns < start || record.time_ns >= end) {
    start = FloorTo(record.time_ns, record.epoch->pane_ns);
    end = SaturatingAdd(start, record.epoch->pane_ns);
  }
  if (counting->largest_ns == nullptr)
    counting->largest_ns = &delta_.largest_event_ns.try_emplace(model.name, record.time_ns).first->second;
  if (end <= SaturatingAdd(*counting->largest_ns, -model.lateness_ns)) {
    ++delta_.counters[model.name].late;
    if (PaneSummary* newest = NewestPane(model, record.version, record.variant)) {
      ++newest->late;
      const auto behind = static_cast<std::uint64_t>(*counting->largest_ns - record.time_ns) / 1'000'000'000;
      newest->late_seconds = std::max(newest->late_seconds, behind);
    }
    return;
  }
  *counting->largest_ns = std::max(*counting->largest_ns, record.time_ns);
  if (counting->pane == nullptr || counting->key.start_ns != start || counting->frame != record.frame) {
    Flush(*counting);
    const std::shared_ptr<const Frame>& frame = record.epoch->FrameOf(record.version);
    counting->epoch = record.epoch;
    counting->key.start_ns = start;
    counting->end_ns = end;
    counting->frame = record.frame;
    const auto [pane, fresh] = delta_.panes.try_emplace(counting->key);
    if (fresh) pane->second.frame = frame;
    counting->pane = &pane->second;
    Open(*counting, frame);
    counting->predictions = &delta_.predictions[counting->key];
    if (counting->predictions->seen.empty()) counting->predictions->seen.reserve(counting->usual_predictions);
  }
  PaneSummary& pane = *counting->pane;
  ++pane.records;
  pane.extra += record.row->extra;
  pane.last_event_ns = std::max(pane.last_event_ns, record.time_ns);
  std::uint64_t hash = 0;
  if (!record.id.empty()) {
    const Identity id = IdentityOf(counting->scope, record.id);
    hash = id.low;
    PredictionBatch& batch = *counting->predictions;
    batch.seen.push_back({id, record.time_ns, record.outcome.value, batch.classes.Code(record.outcome.predicted),
                          batch.segments.Code(record.outcome.segment)});
  }
  if (record.id.empty() && counting->block->samples())
    hash = detectors::Hash64({reinterpret_cast<const char*>(&delta_.last_offset), sizeof delta_.last_offset});
  const std::size_t before = counting->block->bytes();
  counting->block->Append(*record.row, hash);
  row_bytes_ += counting->block->bytes() - before;
  if (!counting->block->full()) return;
  Flush(*counting);
  row_bytes_ += counting->block.emplace(record.epoch->FrameOf(record.version), RecordBlock::kRows).bytes();
}

// Goes on with the pane's last block, so that records which come to two panes in turn make no block each time.
void ShardCounter::Open(Counting& counting, const std::shared_ptr<const Frame>& frame) {
  const auto earlier = delta_.rows.find(counting.key);
  if (earlier == delta_.rows.end() || earlier->second.back().full()) {
    row_bytes_ += counting.block.emplace(frame).bytes();
    return;
  }
  counting.block = std::move(earlier->second.back());
  earlier->second.pop_back();
  if (earlier->second.empty()) delta_.rows.erase(earlier);
}

// The pane of the newest record; nullptr before the first.
PaneSummary* ShardCounter::NewestPane(const ModelPlan& model, std::string_view version, std::string_view variant) {
  const auto largest = delta_.largest_event_ns.find(model.name);
  if (largest == delta_.largest_event_ns.end()) return nullptr;
  const Epoch& epoch = model.EpochAt(largest->second);
  const auto [pane, fresh] = delta_.panes.try_emplace(
      {model.name, FloorTo(largest->second, epoch.pane_ns), std::string(version), std::string(variant)});
  if (fresh) pane->second.frame = epoch.FrameOf(version);
  return &pane->second;
}

void ShardCounter::Flush(Counting& counting) {
  if (!counting.block) return;
  if (counting.block->rows() > 0) {
    full_bytes_ += counting.block->full() ? counting.block->bytes() : 0;
    delta_.rows[counting.key].push_back(*std::move(counting.block));
  } else {
    row_bytes_ -= counting.block->bytes();
  }
  counting.block.reset();
}

void ShardCounter::Sample(const std::string& model, Reject reject, const Message& message) {
  RejectSample sample{model,
                      reject,
                      message.timestamp_ns.value_or(0),
                      message.offset,
                      std::string(message.value.substr(0, ShardDelta::kSampleBytes)),
                      HintOf(reject, message.value)};
  // A ring per reason keeps the newest ones.
  std::size_t& next = next_sample_[{model, static_cast<int>(reject)}];
  std::size_t seen = 0;
  if (next >= ShardDelta::kSamplesPerReason) {
    for (RejectSample& old : delta_.samples) {
      if (old.model == model && old.reason == reject && seen++ == next % ShardDelta::kSamplesPerReason) {
        old = std::move(sample);
        break;
      }
    }
  } else {
    delta_.samples.push_back(std::move(sample));
  }
  ++next;
}

void ShardCounter::EndBatch() {
  if (!has_last_value_) return;
  delta_.last_hash = detectors::Hash64(last_value_);
  has_last_value_ = false;
}

void ShardCounter::SetNext(std::int64_t offset) {
  if (offset <= delta_.next_offset) return;
  delta_.next_offset = offset;
  moved_ = true;
}

void ShardCounter::NoteGap(std::uint64_t lost, std::int64_t next_offset) {
  delta_.gap = true;
  delta_.lost += lost;
  delta_.next_offset = next_offset;
  delta_.last_offset = -1;
}

void ShardCounter::SetPlan(std::shared_ptr<const TopicPlan> plan) {
  for (auto& [key, counting] : counting_) Flush(*counting);
  counting_.clear();
  last_ = nullptr;
  plan_ = std::move(plan);
  awaited_.reset();
  MakeDecoder();
}

std::int64_t ShardCounter::largest_event_ns() const {
  std::int64_t largest = INT64_MIN;
  for (const auto& [model, ns] : delta_.largest_event_ns) largest = std::max(largest, ns);
  return largest;
}

std::size_t ShardCounter::bytes() const { return row_bytes_ + half_bytes_ + delta_.messages * sizeof(PredictionSeen); }

bool ShardCounter::large() const { return row_bytes_ + half_bytes_ > kLargeBytes || delta_.messages > kLargeMessages; }

bool ShardCounter::worth_counting() const { return full_bytes_ > kWorthCountingBytes; }

ShardDelta ShardCounter::Take() {
  for (auto& [key, counting] : counting_) {
    Flush(*counting);
    counting->pane = nullptr;
    if (counting->predictions != nullptr) counting->usual_predictions = counting->predictions->seen.size();
    counting->predictions = nullptr;
    counting->largest_ns = nullptr;
  }
  ShardDelta taken = std::move(delta_);
  delta_ = {};
  delta_.shard = id_;
  delta_.next_offset = taken.next_offset;
  delta_.last_offset = taken.last_offset;
  delta_.last_hash = taken.last_hash;
  delta_.largest_event_ns = taken.largest_event_ns;
  moved_ = false;
  next_sample_.clear();
  row_bytes_ = full_bytes_ = half_bytes_ = 0;
  std::erase_if(taken.predictions, [](const auto& entry) { return entry.second.seen.empty(); });
  return taken;
}

}  // namespace monitor
