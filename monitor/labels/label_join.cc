#include "monitor/labels/label_join.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "detectors/hash.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kDayNs = 86'400 * kSecondNs;
constexpr std::size_t kAhead = 8;       // keys whose entries are fetched before they are needed; slots, twice as many
constexpr std::int64_t kSegments = 16;  // of the time that predictions are kept; forgetting goes by whole segments
constexpr std::size_t kMostPanes = 1 << 22;
// In the place of a watermark that earlier states hold. The next Expire sets it; while all is quiet it moves with the
// clock, and an idle daemon must not write.
constexpr std::int64_t kNoTime = 0;

}  // namespace

LabelJoin::LabelJoin(PredictionIndex& index, StateStore& store, std::shared_ptr<const ModelPlan> plan)
    : index_(index), plan_(std::move(plan)), owner_(detectors::Hash64(plan_->name)), cohorts_(store) {
  cohorts_.SetPlan(plan_);
}

void LabelJoin::SetPlan(std::shared_ptr<const ModelPlan> plan) {
  plan_ = std::move(plan);
  cohorts_.SetPlan(plan_);
}

LabelJoin::Fit LabelJoin::Test(std::int64_t prediction_ns, std::int64_t label_ns, std::int64_t watermark_ns) const {
  const std::int64_t last = SaturatingAdd(prediction_ns, plan_->max_delay_ns);
  if (watermark_ns > SaturatingAdd(last, plan_->lateness_ns) ||
      label_ns < SaturatingAdd(prediction_ns, -plan_->early_ttl_ns))
    return Fit::kNot;
  return label_ns > last ? Fit::kLate : Fit::kFits;
}

std::int64_t LabelJoin::WaitsUntil(std::int64_t label_ns) const {
  const std::int64_t last = SaturatingAdd(label_ns, plan_->early_ttl_ns);
  const std::int64_t pane = plan_->EpochAt(last).pane_ns;
  return SaturatingAdd(FloorTo(last, pane), pane);
}

PredictionIndex::SegmentId LabelJoin::SegmentAt(std::int64_t time_ns, bool waiting) const {
  using Kind = PredictionIndex::Kind;
  const std::int64_t kept = waiting ? plan_->early_ttl_ns : plan_->max_delay_ns;
  // Whole seconds, because the names of files hold them.
  const std::int64_t span = std::clamp(kept / kSegments / kSecondNs * kSecondNs, 60 * kSecondNs, kDayNs);
  const bool numbers = plan_->task == baselines::Task::kRegression;
  return {
      owner_,
      waiting ? (numbers ? Kind::kWaitingNumbers : Kind::kWaiting) : (numbers ? Kind::kNumbers : Kind::kPredictions),
      FloorTo(time_ns, span), span};
}

CohortOutcome LabelJoin::OutcomeOf(Ref ref) const {
  const IndexEntry& entry = index_.at(ref);
  CohortOutcome outcome;
  outcome.labelled = entry.label != IndexEntry::kNoCode;
  if (plan_->task == baselines::Task::kRegression) {
    const IndexValues& values = index_.values(ref);
    outcome.predicted = values.predicted;
    outcome.label = values.label;
  } else {
    outcome.classes = {cohorts_.BinOf(index_.time_ns(ref), entry.stream, entry.score()), entry.predicted,
                       static_cast<std::uint16_t>(entry.label), entry.score()};
  }
  return outcome;
}

int LabelJoin::Apply(Ref ref, std::int64_t label_ns, std::uint16_t label, double number) {
  IndexEntry& entry = index_.at(ref);
  const bool numbers = plan_->task == baselines::Task::kRegression;
  const CohortOutcome before = OutcomeOf(ref);
  if (before.labelled && (numbers ? before.label == number : entry.label == label)) return 1;
  const std::int64_t time = index_.time_ns(ref);
  entry.label = numbers ? 0 : label;
  entry.SetDelay(
      static_cast<std::int32_t>(std::clamp<std::int64_t>((label_ns - time) / kSecondNs, INT32_MIN, INT32_MAX)));
  if (numbers) index_.values(ref).label = number;
  index_.Changed(ref);
  if (plan_->task == baselines::Task::kNone) return before.labelled ? 2 : 0;
  const auto zeros = static_cast<unsigned>(std::countl_zero(entry.id_high));
  Cohort& cohort = cohorts_.At(time, entry.stream);
  if (before.labelled) {
    cohort.ReplaceLabel(zeros, before, OutcomeOf(ref));
  } else {
    cohort.AddLabel(zeros, OutcomeOf(ref), label_ns - time);
  }
  return before.labelled ? 2 : 0;
}

void LabelJoin::Settle(int applied) {
  ++(applied == 0 ? counters_.joined : applied == 1 ? counters_.duplicate : counters_.corrected);
}

std::uint64_t LabelJoin::AddPredictions(const PaneKey& key, const PredictionBatch& batch) {
  std::uint64_t duplicates = 0;
  std::vector<std::uint16_t> classes(batch.classes.names().size());
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = cohorts_.ClassOf(batch.classes.names()[i]);
  const std::uint16_t plain = cohorts_.StreamOf(key.version, key.variant, {});
  std::vector<std::uint16_t> streams(batch.segments.names().size());
  for (std::size_t i = 0; i < streams.size(); ++i)
    streams[i] = cohorts_.StreamOf(key.version, key.variant, batch.segments.names()[i]);

  PredictionIndex::SegmentId segment;  // of the record before: right for nearly every one
  for (std::size_t i = 0; i < batch.seen.size(); ++i) {
    if (i + 2 * kAhead < batch.seen.size()) index_.Prefetch(batch.seen[i + 2 * kAhead].id);
    if (i + kAhead < batch.seen.size()) index_.PrefetchEntries(batch.seen[i + kAhead].id);
    const PredictionSeen& seen = batch.seen[i];
    if (!index_.Sampled(seen.id)) continue;
    const std::uint16_t stream = seen.segment == CodeBook::kNone ? plain : streams[seen.segment];
    bool known = false, waiting = false, sibling = false;
    index_.ForEach(seen.id, [&](Ref ref) {
      const IndexEntry& other = index_.at(ref);
      if (other.stream == IndexEntry::kWaiting) {
        waiting = true;
      } else if (cohorts_.SameSource(other.stream, stream)) {
        known = true;
      } else {
        sibling = sibling || other.label != IndexEntry::kNoCode;
      }
    });
    if (known) {
      ++duplicates;
      continue;
    }
    IndexEntry entry;
    entry.stream = stream;
    entry.predicted = seen.predicted == CodeBook::kNone ? IndexEntry::kNoCode : classes[seen.predicted];
    if (plan_->task != baselines::Task::kRegression) entry.SetScore(static_cast<float>(seen.value));
    if (seen.time_ns < segment.start_ns || seen.time_ns - segment.start_ns >= segment.span_ns)
      segment = SegmentAt(seen.time_ns, false);
    const Ref ref = index_.Insert(segment, seen.id, seen.time_ns, entry, {seen.value, 0});
    if (!plan_->labels || plan_->task == baselines::Task::kNone) {
      if (waiting) TakeWaiting(ref, seen.id);
      continue;
    }
    Cohort& cohort = cohorts_.At(seen.time_ns, stream);
    cohort.SampleAt(index_.level());
    cohort.AddPrediction(PredictionIndex::LeadingZeros(seen.id), OutcomeOf(ref));
    if (sibling) TakeOver(ref, seen.id);
    if (waiting) TakeWaiting(ref, seen.id);
  }
  return duplicates;
}

// The labels that waited for this prediction, in the order in which they came.
void LabelJoin::TakeWaiting(Ref prediction, const Identity& id) {
  std::vector<Ref> waiting;
  index_.ForEach(id, [&](Ref ref) {
    if (index_.at(ref).stream == IndexEntry::kWaiting) waiting.push_back(ref);
  });
  std::sort(waiting.begin(), waiting.end(),
            [this](Ref a, Ref b) { return index_.at(a).predicted < index_.at(b).predicted; });
  for (const Ref ref : waiting) {
    const IndexEntry& label = index_.at(ref);
    const std::int64_t time = index_.time_ns(ref);
    const Fit fit = Test(index_.time_ns(prediction), time, static_cast<std::int64_t>(label.extra));
    if (fit == Fit::kNot) continue;
    if (fit == Fit::kLate) {
      ++counters_.late;
    } else {
      Settle(Apply(prediction, time, static_cast<std::uint16_t>(label.label),
                   plan_->task == baselines::Task::kRegression ? index_.values(ref).label : 0));
    }
    index_.Remove(ref);
    StopWaiting(time);
  }
}

// False when the label had expired already.
bool LabelJoin::StopWaiting(std::int64_t label_ns) {
  auto slot = waiting_.lower_bound(WaitsUntil(label_ns));
  if (slot == waiting_.end()) return false;
  --counters_.waiting;
  if (--slot->second == 0) waiting_.erase(slot);
  return true;
}

// The label that another version's prediction of the same id has.
void LabelJoin::TakeOver(Ref prediction, const Identity& id) {
  Ref from = 0;
  std::int64_t newest = INT64_MIN;
  index_.ForEach(id, [&](Ref ref) {
    const IndexEntry& other = index_.at(ref);
    if (ref == prediction || other.stream == IndexEntry::kWaiting || other.label == IndexEntry::kNoCode) return;
    const std::int64_t label_ns = SaturatingAdd(index_.time_ns(ref), other.delay_s() * kSecondNs);
    if (Test(index_.time_ns(prediction), label_ns, INT64_MIN) != Fit::kFits || label_ns <= newest) return;
    from = ref;
    newest = label_ns;
  });
  if (newest == INT64_MIN) return;
  const double number = plan_->task == baselines::Task::kRegression ? index_.values(from).label : 0;
  Apply(prediction, newest, static_cast<std::uint16_t>(index_.at(from).label), number);
}

LabelCounters LabelJoin::AddLabels(const LabelBatch& batch) {
  const LabelCounters before = counters_;
  for (std::size_t reason = 0; reason < kRejects; ++reason) counters_.rejects[reason] += batch.rejects[reason];
  counters_.skipped += batch.skipped;
  std::vector<std::uint16_t> classes(batch.classes.names().size());
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = cohorts_.ClassOf(batch.classes.names()[i]);
  for (std::size_t i = 0; i < batch.seen.size(); ++i) {
    if (i + kAhead < batch.seen.size()) index_.Prefetch(batch.seen[i + kAhead].id);
    const LabelSeen& seen = batch.seen[i];
    AddLabel(seen, seen.label == CodeBook::kNone ? std::uint16_t{0} : classes[seen.label]);
  }
  return counters_.Since(before);
}

void LabelJoin::AddLabel(const LabelSeen& seen, std::uint16_t label) {
  std::vector<Ref> fitting;
  bool any = false, late = false;
  std::uint16_t waiting = 0;
  index_.ForEach(seen.id, [&](Ref ref) {
    if (index_.at(ref).stream == IndexEntry::kWaiting) {
      waiting = std::max<std::uint16_t>(waiting, static_cast<std::uint16_t>(index_.at(ref).predicted + 1));
      return;
    }
    any = true;
    const Fit fit = Test(index_.time_ns(ref), seen.time_ns, seen.watermark_ns);
    late = late || fit == Fit::kLate;
    if (fit == Fit::kFits) fitting.push_back(ref);
  });
  if (!fitting.empty()) {
    int applied = 0;
    bool labelled = false;
    for (const Ref ref : fitting) labelled = labelled || index_.at(ref).label != IndexEntry::kNoCode;
    for (const Ref ref : fitting) applied = std::max(applied, Apply(ref, seen.time_ns, label, seen.number));
    Settle(labelled ? std::max(applied, 1) : 0);
    return;
  }
  if (late) {
    ++counters_.late;
  } else if (!index_.Sampled(seen.id)) {
    ++counters_.unsampled;
  } else if (const std::int64_t until = WaitsUntil(seen.time_ns); any || until <= requests_watermark_ns_) {
    ++counters_.unmatched;
  } else {
    IndexEntry entry;
    entry.stream = IndexEntry::kWaiting;
    entry.predicted = waiting;
    entry.label = label;
    entry.extra = static_cast<std::uint64_t>(seen.watermark_ns);
    index_.Insert(SegmentAt(seen.time_ns, true), seen.id, seen.time_ns, entry, {0, seen.number});
    ++counters_.waiting;
    ++waiting_[until];
  }
}

void LabelJoin::Expire(std::int64_t requests_watermark_ns, std::int64_t labels_watermark_ns) {
  using Kind = PredictionIndex::Kind;
  requests_watermark_ns_ = std::max(requests_watermark_ns_, requests_watermark_ns);
  while (!waiting_.empty() && waiting_.begin()->first <= requests_watermark_ns_) {
    counters_.unmatched += waiting_.begin()->second;
    counters_.waiting -= waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
  }
  // Settled waiting labels stay in the index until their segment goes; what reads them tests times, so they match
  // nothing.
  const std::int64_t longest_pane = plan_->EpochAt(requests_watermark_ns_).pane_ns;
  for (const Kind kind : {Kind::kWaiting, Kind::kWaitingNumbers}) {
    index_.Forget(owner_, kind, SaturatingAdd(requests_watermark_ns_, -plan_->early_ttl_ns - longest_pane));
  }
  const std::int64_t kept = plan_->labels
                                ? SaturatingAdd(labels_watermark_ns, -plan_->max_delay_ns - plan_->lateness_ns)
                                : SaturatingAdd(requests_watermark_ns_, -plan_->max_delay_ns);
  for (const Kind kind : {Kind::kPredictions, Kind::kNumbers}) index_.Forget(owner_, kind, kept);
  final_before_ns_ = SaturatingAdd(kept, -kDayNs);
}

void LabelJoin::NoteUnsampled(std::int64_t label_time_ns) {
  if (StopWaiting(label_time_ns)) ++counters_.unsampled;
}

void LabelJoin::Encode(detectors::Encoder& out) const {
  counters_.Encode(out);
  cohorts_.EncodeNames(out);
  out.Signed(kNoTime);
  out.Varint(waiting_.size());
  for (const auto& [until, count] : waiting_) {
    out.Signed(until);
    out.Varint(count);
  }
}

void LabelJoin::Decode(detectors::Decoder& in) {
  counters_ = LabelCounters::Decode(in);
  cohorts_.DecodeNames(in);
  in.Signed();
  for (std::size_t left = in.Count(kMostPanes); left > 0; --left) {
    const std::int64_t until = in.Signed();
    waiting_[until] = in.Varint();
  }
}

}  // namespace monitor
