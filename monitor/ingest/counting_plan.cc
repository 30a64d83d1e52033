#include "monitor/ingest/counting_plan.h"

#include <string>

#include "detectors/hash.h"
#include "monitor/ingest/mapping/mapping.h"

namespace monitor {

Frame::Frame(std::shared_ptr<const baselines::Profile> profile)
    : profile_(std::move(profile)), score_bins_(baselines::ScoreBinsOf(*profile_)) {
  for (const auto& feature : profile_->features) {
    by_name_.emplace(feature.name, static_cast<int>(columns_.size()));
    columns_.push_back(&feature);
  }
  if (profile_->prediction) {
    prediction_ = static_cast<int>(columns_.size());
    columns_.push_back(&*profile_->prediction);
  }
  if (profile_->score) {
    score_ = static_cast<int>(columns_.size());
    columns_.push_back(&*profile_->score);
  }
  std::string said = std::to_string(prediction_) + ' ' + std::to_string(score_);
  for (const auto* column : columns_) {
    said += column->kind() == detectors::FeatureKind::kNumeric ? " n" : " c";
    said += std::to_string(column->name.size()) + column->name;
  }
  columns_hash_ = {detectors::Hash64(said, 1), detectors::Hash64(said, 2)};
}

int Frame::Find(std::string_view name, std::size_t expected) const {
  if (expected < features() && columns_[expected]->name == name) return static_cast<int>(expected);
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? -1 : found->second;
}

bool Epoch::SamePlan(const Epoch& other) const {
  if (pane_ns != other.pane_ns || step_ns != other.step_ns || window_ns != other.window_ns ||
      by_version.size() != other.by_version.size() || newest->profile().digest != other.newest->profile().digest) {
    return false;
  }
  for (const auto& [version, frame] : by_version) {
    const auto found = other.by_version.find(version);
    if (found == other.by_version.end() || found->second->profile().digest != frame->profile().digest) return false;
  }
  return true;
}

const Epoch& ModelPlan::EpochAt(std::int64_t ns) const {
  for (auto epoch = epochs.rbegin(); epoch != epochs.rend(); ++epoch) {
    if (epoch->from_ns <= ns) return *epoch;
  }
  return epochs.front();
}

const ModelPlan* TopicPlan::Find(std::string_view model) const {
  for (const auto& plan : models) {
    if (plan->name == model) return plan.get();
  }
  return nullptr;
}

bool TopicPlan::NeedsHeaders() const {
  return format == Format::kKServe || format == Format::kSeldonV1 ||
         (mapping != nullptr && mapping->Uses(FieldSource::Kind::kHeader));
}

}  // namespace monitor
