#include "baselines/complete.h"

#include <optional>

namespace baselines {
namespace {

bool FromTraffic(const std::optional<ProfileColumn>& column) { return column && !column->learnt.empty(); }

bool TakeColumn(std::optional<ProfileColumn>& column, const std::optional<ProfileColumn>& learnt) {
  if (column || !FromTraffic(learnt)) return false;
  column = learnt;
  return true;
}

bool TakeQuality(Profile& baseline, const Profile& learnt) {
  const bool comparable = baseline.task == learnt.task && baseline.positive == learnt.positive &&
                          ScoreBinsOf(baseline) == ScoreBinsOf(learnt);
  if (baseline.quality || !learnt.quality || learnt.quality_learnt.empty() || !comparable) return false;
  baseline.quality = learnt.quality;
  baseline.quality_learnt = learnt.quality_learnt;
  TakeColumn(baseline.label, learnt.label);
  return true;
}

}  // namespace

void MarkLearnt(Profile& profile, const std::string& traffic) {
  for (std::optional<ProfileColumn>* column : {&profile.prediction, &profile.score, &profile.label}) {
    if (*column) (*column)->learnt = traffic;
  }
  if (profile.quality) profile.quality_learnt = traffic;
}

Profile Complete(Profile baseline, const Profile& learnt) {
  const std::string before = baseline.digest;
  bool taken = TakeColumn(baseline.prediction, learnt.prediction);
  taken = TakeColumn(baseline.score, learnt.score) || taken;
  // Training data without predictions and scores may be without labels, too: what the task is, traffic tells then.
  if (FromTraffic(baseline.prediction) || FromTraffic(baseline.score)) {
    if (baseline.task == Task::kNone && learnt.task != Task::kNone) {
      baseline.task = learnt.task;
      taken = true;
    }
    if (baseline.positive.empty() && baseline.task == learnt.task && !learnt.positive.empty()) {
      baseline.positive = learnt.positive;
      taken = true;
    }
  }
  taken = TakeQuality(baseline, learnt) || taken;
  if (!taken) return baseline;
  baseline.digest = Digest(baseline);
  if (baseline.completes.empty()) baseline.completes = before;
  return baseline;
}

const std::string& BaseDigestOf(const Profile& baseline) {
  return baseline.completes.empty() ? baseline.digest : baseline.completes;
}

const std::string& DigestOf(const Profile& baseline, const ProfileColumn& column) {
  return column.learnt.empty() ? BaseDigestOf(baseline) : column.learnt;
}

std::string ReferenceText(const ProfileColumn& column) {
  return column.learnt.empty() ? "training" : "the " + column.learnt;
}

std::map<std::string, std::string> LearntParts(const Profile& baseline) {
  std::map<std::string, std::string> parts;
  if (FromTraffic(baseline.prediction)) parts["prediction"] = baseline.prediction->learnt;
  if (FromTraffic(baseline.score)) parts["score"] = baseline.score->learnt;
  if (!baseline.quality_learnt.empty()) parts["quality"] = baseline.quality_learnt;
  return parts;
}

}  // namespace baselines
