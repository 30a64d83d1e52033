#include "monitor/labels/cohort_book.h"

#include <cmath>

#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr std::size_t kMostStreams = 60'000;  // below the codes that the prediction index keeps for itself

}  // namespace

void CohortBook::SetPlan(std::shared_ptr<const ModelPlan> plan) {
  plan_ = std::move(plan);
  classes_.Code(plan_->positive);
}

std::uint16_t CohortBook::StreamOf(const std::string& version, const std::string& variant, const std::string& segment) {
  Stream stream{version, variant, {}};
  if (const std::uint16_t code = segments_.Code(segment); code != CodeBook::kNone)
    stream.segment = segments_.names()[code];
  const auto found = codes_.find(stream);
  if (found != codes_.end()) return found->second;
  if (streams_.size() >= kMostStreams) return static_cast<std::uint16_t>(streams_.size() - 1);
  const auto code = static_cast<std::uint16_t>(streams_.size());
  codes_.emplace(stream, code);
  streams_.push_back(std::move(stream));
  return code;
}

std::uint16_t CohortBook::BinOf(std::int64_t time_ns, std::uint16_t stream, double score) const {
  if (std::isnan(score)) return detectors::kNone;
  return plan_->EpochAt(time_ns).FrameOf(streams_[stream].version)->score_bins().BinOf(score);
}

Cohort& CohortBook::At(std::int64_t time_ns, std::uint16_t stream) {
  const Epoch& epoch = plan_->EpochAt(time_ns);
  const Key key{FloorTo(time_ns, epoch.step_ns), stream};
  changed_.insert(key);
  const auto found = cohorts_.find(key);
  if (found != cohorts_.end()) return found->second;
  const Stream& names = streams_[stream];
  if (const auto stored = store_.OneCohort(plan_->name, key.first, names.version, names.variant, names.segment)) {
    return cohorts_.emplace(key, Cohort::Decode(*stored)).first->second;
  }
  const baselines::Profile& profile = epoch.FrameOf(streams_[stream].version)->profile();
  const bool numbers = plan_->task == baselines::Task::kRegression;
  CohortCounts empty{detectors::ClassificationCounts(
                         plan_->task == baselines::Task::kBinary ? classes_.Find(plan_->positive) : detectors::kNone),
                     detectors::RegressionCounts()};
  if (numbers && profile.label && profile.label->kind() == detectors::FeatureKind::kNumeric &&
      profile.label->summary.moments().count() > 0) {
    empty.numbers = detectors::RegressionCounts(profile.label->summary.moments().mean());
  }
  return cohorts_
      .emplace(key, Cohort(SaturatingAdd(key.first, epoch.step_ns), profile.digest, numbers, std::move(empty)))
      .first->second;
}

void CohortBook::SampleAllAt(unsigned level) {
  for (auto& [key, cohort] : cohorts_) {
    cohort.SampleAt(level);
    changed_.insert(key);
  }
}

void CohortBook::Retire(std::int64_t before_ns) { retire_before_ns_ = std::max(retire_before_ns_, before_ns); }

void CohortBook::Save() {
  for (const Key& key : changed_) {
    const Cohort& cohort = cohorts_.at(key);
    const Stream& stream = streams_[key.second];
    store_.PutCohort(
        {plan_->name, stream.version, stream.variant, stream.segment, key.first, cohort.end_ns(), cohort.Encode()});
  }
  changed_.clear();
  std::erase_if(cohorts_, [this](const auto& entry) { return entry.second.end_ns() <= retire_before_ns_; });
}

void CohortBook::Load(std::int64_t from_ns) {
  for (const StoredCohort& stored : store_.Cohorts(plan_->name, from_ns)) {
    cohorts_.insert_or_assign(Key{stored.start_ns, StreamOf(stored.version, stored.variant, stored.segment)},
                              Cohort::Decode(stored.bytes));
  }
}

void CohortBook::EncodeNames(detectors::Encoder& out) const {
  classes_.Encode(out);
  segments_.Encode(out);
  out.Varint(streams_.size());
  for (const Stream& stream : streams_) {
    out.Text(stream.version);
    out.Text(stream.variant);
    out.Text(stream.segment);
  }
}

void CohortBook::DecodeNames(detectors::Decoder& in) {
  classes_.Decode(in);
  segments_.Decode(in);
  for (std::size_t left = in.Count(kMostStreams); left > 0; --left) {
    const std::string version(in.Text()), variant(in.Text()), segment(in.Text());
    StreamOf(version, variant, segment);
  }
}

}  // namespace monitor
