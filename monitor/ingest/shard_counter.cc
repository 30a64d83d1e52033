#include "monitor/ingest/shard_counter.h"

#include <algorithm>

#include "detectors/hash.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr std::size_t kLargeBytes = 16u << 20;   // of summaries in one delta
constexpr std::size_t kLargeMessages = 500'000;  // bounds the identities of one delta
constexpr std::size_t kBytesPerColumn = 2200;    // of an empty summary, about

}  // namespace

struct ShardCounter::Counting {
  const ModelPlan* model = nullptr;
  const Epoch* epoch = nullptr;
  PaneKey key;
  std::int64_t end_ns = INT64_MIN;  // of the pane of `key`
  PaneSummary* pane = nullptr;      // in delta_.panes
  PredictionBatch* predictions = nullptr;
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
  decoder_.reset();
  label_decoder_.reset();
  if (plan_->labels) {
    label_decoder_ = std::make_unique<FlatLabelDecoder>(plan_);
  } else {
    decoder_ = std::make_unique<FlatJsonDecoder>(plan_);
  }
}

std::optional<Reject> ShardCounter::Add(const Message& message) {
  ++delta_.messages;
  delta_.next_offset = message.offset + 1;
  delta_.last_offset = message.offset;
  last_value_ = message.value;
  has_last_value_ = true;

  if (label_decoder_ != nullptr) return AddLabel(message);
  const DecodedRecord& record = decoder_->Decode(message.value, message.timestamp_ns);
  if (record.reject) {
    const std::string model = record.model == nullptr ? std::string() : record.model->name;
    ++delta_.counters[model].rejects[static_cast<std::size_t>(*record.reject)];
    Sample(model, *record.reject, message);
    if (*record.reject == Reject::kFuture) {
      if (PaneSummary* newest = NewestPane(*record.model, record.model->default_version, {})) ++newest->future;
    }
  } else {
    Count(record);
  }
  return record.reject;
}

std::optional<Reject> ShardCounter::AddLabel(const Message& message) {
  std::optional<Reject> reject;
  for (const DecodedLabel& label : label_decoder_->Decode(message.value, message.timestamp_ns)) {
    if (!label.reject) {
      Keep(label);
      continue;
    }
    reject = label.reject;
    const std::string model = label.model == nullptr ? std::string() : label.model->name;
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
    if (counting->frame != record.frame) {
      counting->frame = record.frame;
      counting->block.emplace(frame);
    }
    const auto [pane, fresh] = delta_.panes.try_emplace(counting->key);
    if (fresh) {
      pane->second = PaneSummary::Empty(frame);
      summary_bytes_ += record.frame->columns() * kBytesPerColumn;
    }
    counting->pane = &pane->second;
    counting->predictions = &delta_.predictions[counting->key];
  }
  counting->block->Append(*record.row);
  PaneSummary& pane = *counting->pane;
  ++pane.records;
  pane.extra += record.row->extra;
  pane.last_event_ns = std::max(pane.last_event_ns, record.time_ns);
  if (!record.id.empty()) {
    PredictionBatch& batch = *counting->predictions;
    batch.seen.push_back({IdentityOf(counting->scope, record.id), record.time_ns, record.outcome.value,
                          batch.classes.Code(record.outcome.predicted), batch.segments.Code(record.outcome.segment)});
  }
  if (counting->block->full()) Flush(*counting);
}

// The pane of the newest record; nullptr before the first.
PaneSummary* ShardCounter::NewestPane(const ModelPlan& model, std::string_view version, std::string_view variant) {
  const auto largest = delta_.largest_event_ns.find(model.name);
  if (largest == delta_.largest_event_ns.end()) return nullptr;
  const Epoch& epoch = model.EpochAt(largest->second);
  const auto [pane, fresh] = delta_.panes.try_emplace(
      {model.name, FloorTo(largest->second, epoch.pane_ns), std::string(version), std::string(variant)});
  if (fresh) pane->second = PaneSummary::Empty(epoch.FrameOf(version));
  return &pane->second;
}

void ShardCounter::Flush(Counting& counting) {
  if (counting.block && counting.pane != nullptr) counting.block->CountInto(counting.pane->columns);
}

void ShardCounter::Sample(const std::string& model, Reject reject, const Message& message) {
  RejectSample sample{model, reject, message.timestamp_ns.value_or(0), message.offset,
                      std::string(message.value.substr(0, ShardDelta::kSampleBytes))};
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
  MakeDecoder();
}

std::int64_t ShardCounter::largest_event_ns() const {
  std::int64_t largest = INT64_MIN;
  for (const auto& [model, ns] : delta_.largest_event_ns) largest = std::max(largest, ns);
  return largest;
}

bool ShardCounter::large() const { return summary_bytes_ > kLargeBytes || delta_.messages > kLargeMessages; }

ShardDelta ShardCounter::Take() {
  for (auto& [key, counting] : counting_) {
    Flush(*counting);
    counting->pane = nullptr;
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
  summary_bytes_ = 0;
  std::erase_if(taken.predictions, [](const auto& entry) { return entry.second.seen.empty(); });
  return taken;
}

}  // namespace monitor
