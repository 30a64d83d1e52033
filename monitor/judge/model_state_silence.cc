// What is missing: records that the log lost, and records that do not come.
#include <algorithm>

#include "alerts/messages/time_text.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/model_state.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr double kSilentRecords = 80;  // records that should have come before silence is a finding

}  // namespace

void ModelState::NoteGap(const ShardId& shard, std::uint64_t lost) {
  const std::string name = shard.topic + "/" + std::to_string(shard.partition);
  alerts::Observation gap;
  gap.model = plan_->name;
  gap.monitor = "log_gap:" + name;
  gap.cause = alerts::Cause::kBrokenPipeline;
  gap.severity = alerts::Severity::kCritical;
  gap.verdict = alerts::Observation::Verdict::kViolated;
  gap.step_start_ns = gap.step_end_ns = gap.began_at_ns = last_event_ns_;
  gap.value = static_cast<double>(lost);
  gap.count = lost;
  gap.summary = "records of " + name + " are gone: " +
                (lost > 0 ? Thousands(lost) + " were deleted from the log before they were read"
                          : std::string("the topic was recreated or cut")) +
                "; counts since " + alerts::FormatTimeForPeople(last_event_ns_) + " are not complete";
  gaps_.insert(gap.monitor);
  changed_ = true;
  closings_.push_back({last_event_ns_, {std::move(gap)}});
}

void ModelState::CheckSilence(std::int64_t watermark_ns) {
  if (last_event_ns_ == 0 || silent_since_ns_ != 0 || !panes_.empty()) return;
  const std::int64_t silence = watermark_ns - last_event_ns_;
  const std::int64_t history = last_event_ns_ - first_event_ns_;
  const Epoch& epoch = plan_->EpochAt(last_event_ns_);
  // Without a day of history nothing is known about nights: a whole step, at least a day, must pass.
  const std::int64_t patience = history < kDayNs
                                    ? std::max(epoch.step_ns, kDayNs)
                                    : std::max(epoch.pane_ns, SaturatingAdd(longest_gap_ns_, longest_gap_ns_));
  const double expected =
      history > 0 ? static_cast<double>(counters_.counted) * static_cast<double>(silence) / static_cast<double>(history)
                  : kSilentRecords;
  if (silence < patience || expected < kSilentRecords) return;

  alerts::Observation observation;
  observation.model = plan_->name;
  observation.monitor = "no_data";
  observation.cause = alerts::Cause::kNoData;
  observation.severity = alerts::Severity::kCritical;
  observation.verdict = alerts::Observation::Verdict::kViolated;
  observation.step_start_ns = FloorTo(last_event_ns_, epoch.pane_ns);
  observation.step_end_ns = watermark_ns;
  observation.began_at_ns = last_event_ns_;
  observation.value = 0;
  observation.baseline = expected;
  observation.summary = "no records since " + alerts::FormatTimeForPeople(last_event_ns_) + ", for " +
                        alerts::FormatDuration(silence) + "; at the rate so far about " +
                        Thousands(static_cast<std::uint64_t>(expected)) +
                        " would have come, and the longest pause before was " + alerts::FormatDuration(longest_gap_ns_);
  silent_since_ns_ = last_event_ns_;
  changed_ = true;
  closings_.push_back({watermark_ns, {std::move(observation)}});
}

}  // namespace monitor
