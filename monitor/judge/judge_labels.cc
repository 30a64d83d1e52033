// Labels in the judge: those of topics and those that are pushed, the budget of the prediction index, and what of them
// is saved.
#include "monitor/judge/judge_model.h"

namespace monitor {

LabelCounters Judge::ApplyLabels(ShardDelta& delta, std::int64_t now) {
  LabelCounters became;
  for (const auto& [name, batch] : delta.labels) {
    const auto found = models_.find(name);
    if (found == models_.end()) {
      LabelCounters rejected;
      rejected.rejects = batch.rejects;
      rejected.skipped = batch.skipped;
      unknown_labels_.Add(rejected);
      became.Add(rejected);
      unknown_changed_ = true;
      continue;
    }
    Model& model = *found->second;
    if (model.label_watermark.all_idle())
      model.quality.NoteLabels(model.watermark.value(), model.label_watermark.value());
    became.Add(model.labels.AddLabels(batch));
    KeepWithinBudget();
    if (const auto largest = delta.largest_event_ns.find(name); largest != delta.largest_event_ns.end()) {
      model.label_watermark.Observe(delta.shard, largest->second, now);
    }
    Close(model);
  }
  return became;
}

bool Judge::HasLabels(const std::string& name) const {
  const auto model = models_.find(name);
  return model != models_.end() && model->second->state.config().labels.has_value();
}

LabelCounters Judge::PushLabels(const std::string& name, std::string_view lines) {
  Model& model = *models_.at(name);
  const LabelsConfig& config = *model.state.config().labels;
  auto topic = std::make_shared<TopicPlan>();
  topic->topic = kPushedTopic;
  topic->labels = true;
  topic->fields = config.fields;
  topic->mapping = config.mapping;
  // What is pushed is lines of JSON, also where the topic has Avro.
  topic->format = config.format == "avro" ? Format::kFlatJson : FormatNamed(config.format);
  topic->models.push_back(model.state.shared_plan());
  const ShardId shard{topic->topic, 0};
  // Where labels are pushed only, these are the model's labels' watermark; else the topic's decides what is still kept.
  const bool own = config.topic.empty();
  ShardCounter counter(shard, topic, own ? AddShard(shard, 0) : ShardStart{});
  std::int64_t offset = counter.next_offset();
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    if (const std::string_view line = lines.substr(0, end); line.find_first_not_of(" \t\r") != line.npos)
      counter.Add({line, offset++, std::nullopt});
    lines.remove_prefix(std::min(lines.size(), end + 1));
    counter.EndBatch();
  }
  ShardDelta delta = counter.Take();
  // A file has no order of time: whatever prediction is still kept may have its label.
  for (auto& [label_model, batch] : delta.labels) {
    for (LabelSeen& label : batch.seen) label.watermark_ns = INT64_MIN;
  }
  if (own) return Apply(std::move(delta));
  delta.largest_event_ns.clear();
  if (!delta.samples.empty()) samples_.emplace_back(delta.shard, std::move(delta.samples));
  return ApplyLabels(delta, clocks_.steady());
}

// Models without labels need their predictions for telling duplicates alone, so theirs go first; then every second id
// goes.
void Judge::KeepWithinBudget() {
  while (index_.bytes() > config_.labels_memory && index_.size() > 0) {
    bool forgot = false;
    for (auto& [name, model] : models_) {
      if (!forgot && !model->state.plan().labels) forgot = index_.ForgetOldest(model->labels.owner());
    }
    if (forgot) continue;
    index_.RaiseLevel([this](const PredictionIndex::SegmentId& segment, std::int64_t time_ns) {
      for (auto& [name, model] : models_) {
        if (model->labels.owner() == segment.owner) model->labels.NoteUnsampled(time_ns);
      }
    });
    for (auto& [name, model] : models_) model->labels.cohorts().SampleAllAt(index_.level());
  }
}

QualityFacts Judge::FactsOf(const Model& model) const {
  QualityFacts facts;
  const ModelConfig& config = model.state.config();
  facts.task = model.state.plan().task;
  facts.classes = model.labels.cohorts().classes().names();
  facts.positive = model.state.plan().positive;
  facts.window_ns = model.state.plan().epochs.back().window_ns;
  facts.labels_watermark_ns = model.label_watermark.value();
  facts.judged_up_to_ns = model.quality.judged_up_to_ns();
  facts.counters = model.labels.counters();
  if (config.labels) {
    facts.mature_age_ns = model.quality.mature_age_ns(config);
    if (config.labels->absent) {
      facts.absent_value = config.labels->absent->value;
      facts.absent_after_ns = config.labels->absent->after.count();
    }
  }
  return facts;
}

void Judge::SaveLabels(Model& model) {
  detectors::Encoder out;
  model.labels.Encode(out);
  model.quality.Encode(out);
  if (const std::string facts = FactsOf(model).ToJson();
      out.bytes() != model.saved_labels || facts != model.saved_facts) {
    model.saved_labels = out.bytes();
    model.saved_facts = facts;
    store_.PutLabels(model.name(), model.saved_labels, facts);
  }
  model.labels.cohorts().Save();
}

}  // namespace monitor
