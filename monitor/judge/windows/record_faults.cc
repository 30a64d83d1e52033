#include "monitor/judge/windows/record_faults.h"

#include <algorithm>
#include <string>

#include "alerts/messages/time_text.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint64_t kLeastBad = 30;
constexpr double kFires = 0.5;
constexpr double kOver = 0.1;
constexpr std::uint64_t kLeastGood = 7;

double Share(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

// In nanoseconds. Clocks are wrong by whole time zones, which are quarters of an hour.
std::int64_t Rounded(std::uint64_t seconds) {
  const std::uint64_t unit = seconds >= 3600 ? 900 : 60;
  return static_cast<std::int64_t>(std::max<std::uint64_t>(1, (seconds + unit / 2) / unit) * unit) * 1'000'000'000;
}

bool IsFaulty(std::uint64_t bad, std::uint64_t records) { return bad >= kLeastBad && Share(bad, records) > kFires; }

}  // namespace

alerts::Observation RecordFaults::Tell(const PaneKey& key, std::int64_t end_ns, bool clock, const Watch& watch) {
  alerts::Observation observation;
  observation.model = key.model;
  observation.version = key.version;
  observation.variant = key.variant;
  observation.monitor = clock ? "clock" : "duplicates";
  observation.cause = alerts::Cause::kBrokenPipeline;
  observation.verdict = watch.firing ? alerts::Observation::Verdict::kViolated : alerts::Observation::Verdict::kClear;
  observation.step_start_ns = key.start_ns;
  observation.step_end_ns = end_ns;
  observation.began_at_ns = watch.since_ns;
  observation.value = Share(watch.bad, watch.records);
  observation.threshold = kFires;
  observation.count = watch.records;
  const std::string since = "since " + alerts::FormatTimeForPeople(watch.since_ns);
  if (!watch.firing) {
    observation.summary = clock ? "records carry times near their arrival again" : "ids come once again";
    return observation;
  }
  if (clock) {
    const std::string shift = watch.late_seconds > 0 ? alerts::FormatDuration(Rounded(watch.late_seconds)) + " behind"
                                                     : "ahead of their arrival";
    observation.change = {.kind = alerts::ChangeKind::kClock,
                          .name = shift,
                          .clues = "most records " + since + " carry times " + shift +
                                   (watch.late_seconds > 0 ? " the newest ones" : "")};
    observation.summary = "times of records are shifted: " + observation.change.clues + ", and are left out as " +
                          (watch.late_seconds > 0 ? "late" : "future");
  } else {
    observation.change = {.kind = alerts::ChangeKind::kDuplicates,
                          .clues = Percent(*observation.value) + " of the records " + since +
                                   " have ids that had come before (" + Thousands(watch.bad) + " of " +
                                   Thousands(watch.records) + ")"};
    observation.summary = "ids come again: " + observation.change.clues + "; they are counted twice";
  }
  return observation;
}

void RecordFaults::AddPane(const PaneKey& key, std::int64_t end_ns, const PaneSummary& pane,
                           std::vector<alerts::Observation>& out) {
  const std::uint64_t displaced = pane.late + pane.future;
  for (const bool clock : {true, false}) {
    Watch& watch = clock ? clock_ : duplicates_;
    const std::uint64_t bad = clock ? displaced : pane.duplicates;
    const std::uint64_t records = clock ? pane.records + displaced : pane.records;
    if (bad == 0 && watch.since_ns == 0) continue;
    const bool calm = Share(bad, records) < kOver;
    const bool was_firing = watch.firing;
    if (calm && (!was_firing || records >= kLeastGood)) {
      watch.firing = false;
      if (was_firing) out.push_back(Tell(key, end_ns, clock, watch));
      watch = {};
      continue;
    }
    if (watch.since_ns == 0) watch.since_ns = key.start_ns;
    watch.bad += bad;
    watch.records += records;
    if (clock) watch.late_seconds = std::max(watch.late_seconds, pane.late_seconds);
    watch.firing = was_firing || IsFaulty(watch.bad, watch.records);
    if (watch.firing && bad > 0) out.push_back(Tell(key, end_ns, clock, watch));
  }
}

void RecordFaults::LookAt(const PaneKey& key, std::int64_t end_ns, const PaneSummary& pane,
                          std::vector<alerts::Observation>& out) {
  const std::uint64_t displaced = pane.late + pane.future;
  if (clock_.firing || !IsFaulty(displaced, pane.records + displaced)) return;
  Watch watch{displaced, pane.records + displaced, key.start_ns, pane.late_seconds, true};
  out.push_back(Tell(key, end_ns, true, watch));
  // The pane's counts are added when it closes.
  if (clock_.since_ns == 0) clock_.since_ns = key.start_ns;
  clock_.firing = true;
}

void RecordFaults::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  for (const Watch* watch : {&clock_, &duplicates_}) {
    out.Varint(watch->bad);
    out.Varint(watch->records);
    out.Signed(watch->since_ns);
    out.Varint(watch->late_seconds);
    out.Byte(watch->firing ? 1 : 0);
  }
}

RecordFaults RecordFaults::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "faults of records");
  RecordFaults faults;
  for (Watch* watch : {&faults.clock_, &faults.duplicates_}) {
    watch->bad = in.Varint();
    watch->records = in.Varint();
    watch->since_ns = in.Signed();
    watch->late_seconds = in.Varint();
    watch->firing = in.Byte() != 0;
  }
  return faults;
}

}  // namespace monitor
