#include "baselines/profile.h"

#include <algorithm>
#include <cstdio>

#include "detectors/hash.h"

namespace baselines {

std::string_view TaskName(Task task) {
  switch (task) {
    case Task::kNone:
      return "none";
    case Task::kBinary:
      return "binary";
    case Task::kMultiClass:
      return "multi-class";
    case Task::kRegression:
      return "regression";
  }
  return "none";
}

std::optional<Task> TaskNamed(std::string_view name) {
  for (const Task task : {Task::kNone, Task::kBinary, Task::kMultiClass, Task::kRegression}) {
    if (name == TaskName(task)) return task;
  }
  return std::nullopt;
}

const ProfileColumn* Profile::Find(std::string_view feature) const {
  const auto found = std::ranges::find(features, feature, &ProfileColumn::name);
  return found == features.end() ? nullptr : &*found;
}

detectors::ScoreBins ScoreBinsOf(const Profile& profile) {
  return detectors::ScoreBins::Make(profile.score ? profile.score->summary.shape().binning.edges()
                                                  : std::span<const double>());
}

std::string Hex128(std::string_view bytes) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(detectors::Hash64(bytes, 1)),
                static_cast<unsigned long long>(detectors::Hash64(bytes, 2)));
  return text;
}

std::string Digest(const Profile& profile) {
  detectors::Encoder out;
  const auto column = [&](std::string_view role, const ProfileColumn& item) {
    out.Text(role);
    out.Text(item.name);
    out.Text(item.inferred);
    out.Double(item.distinct);
    item.summary.shape().Encode(out);
    item.summary.Encode(out);
    for (const detectors::StepLadder* ladder : {&item.value_steps, &item.missing_steps}) {
      if (ladder->known()) ladder->Encode(out);  // a baseline without times keeps the digest it has always had
    }
    if (item.seasons) item.seasons->cells.Encode(out);
  };
  out.Text(profile.model);
  out.Text(profile.version);
  out.Varint(profile.rows);
  out.Text(TaskName(profile.task));
  out.Text(profile.positive);
  for (const ProfileColumn& feature : profile.features) column("feature", feature);
  if (profile.prediction) column("prediction", *profile.prediction);
  if (profile.score) column("score", *profile.score);
  if (profile.quality) profile.quality->Encode(out);
  if (profile.label) column("label", *profile.label);
  if (profile.joint) profile.joint->Encode(out);
  if (profile.outcome) profile.outcome->Encode(out);
  for (const std::string& text : profile.missing_texts) out.Text(text);
  return Hex128(out.bytes());
}

}  // namespace baselines
