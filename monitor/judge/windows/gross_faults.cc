#include "monitor/judge/windows/gross_faults.h"

#include <algorithm>
#include <cmath>

#include "alerts/messages/time_text.h"
#include "baselines/complete.h"
#include "monitor/judge/triage/change_shape.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 2;      // 1 had no counts
constexpr double kCalm = 4.605;           // ln 100
constexpr double kCap = 2;                // times the firing sum: an hour of faults must not take a day to forgive
constexpr double kLeastRate = 0.005;      // a baseline cannot promise less
constexpr std::uint64_t kLeastRun = 30;   // equal values before a feature can stand still
constexpr std::uint64_t kLearntRun = 10;  // equal values that a run is learnt from
constexpr double kCommon = 0.05;          // a value with that share may stand for a routine
constexpr double kOftenMissing = 0.01;    // of training: such values go missing in clusters
constexpr std::int64_t kHourNs = 3600LL * 1'000'000'000;
constexpr std::int64_t kRoutineNs = 26 * kHourNs;
constexpr std::int64_t kDeadNs = 6 * kHourNs;
constexpr double kDead = 0.99;
constexpr std::uint64_t kDeadRecords = 100;

double Odds(double rate) { return rate / (1 - rate); }
double RateOfOdds(double odds) { return odds / (1 + odds); }

// Upper end of the Wilson interval at 95 %, two-sided.
double UpperBound(double share, double n) {
  if (n <= 0) return 1;
  constexpr double kZ = 1.96;
  const double centre = share + kZ * kZ / (2 * n);
  const double spread = kZ * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
  return std::min(1.0, (centre + spread) / (1 + kZ * kZ / n));
}

std::string_view Word(int kind) {
  constexpr std::string_view kWords[] = {"missing", "of the wrong type", "unknown to training",
                                         "far outside the training range"};
  return kWords[kind];
}
std::string_view MonitorName(int kind) {
  constexpr std::string_view kNames[] = {"missing", "type_faults", "unseen", "out_of_range", "constant"};
  return kNames[kind];
}

// Share of the commonest value of the baseline (for numbers: of the fullest bin, which is at least that).
double LargestShare(const detectors::FeatureSummary& summary) {
  const auto counts =
      summary.kind() == detectors::FeatureKind::kNumeric ? summary.bins() : summary.categories().known();
  std::uint64_t largest = 0;
  for (const std::uint64_t count : counts) largest = std::max(largest, count);
  return summary.values() == 0 ? 1 : static_cast<double>(largest) / static_cast<double>(summary.values());
}

// Values outside the baseline's range when they lie further out than the range is wide; else none.
std::uint64_t FarOutside(const baselines::ProfileColumn& column, const detectors::FeatureSummary& live) {
  const std::uint64_t outside = live.below_min() + live.above_max();
  const std::uint64_t ordinary = outside - std::min(outside, live.moments().extreme());
  const double range = column.summary.moments().max() - column.summary.moments().min();
  if (outside == 0 || range < 0) return 0;
  if (range == 0) return outside;  // constant in training: anything else is something new
  if (ordinary == 0) return outside;
  return (live.below_sum() + live.above_sum()) / static_cast<double>(ordinary) > range ? outside
                                                                                       : live.moments().extreme();
}

}  // namespace

GrossFaults::Rates GrossFaults::RatesOf(std::uint64_t faulty, std::uint64_t records, double fire_nats) {
  const double n = static_cast<double>(records);
  const double share = records == 0 ? 0 : static_cast<double>(faulty) / n;
  const double upper = std::clamp(UpperBound(share, n), kLeastRate, 0.999);
  return {share, RateOfOdds(3 * Odds(upper)), std::max(0.5, RateOfOdds(30 * Odds(upper))),
          // Where values are rare they come in clusters: long stretches without any are usual (a gust is reported only
          // when there is one).
          fire_nats / (1 - upper)};
}

void GrossFaults::AddPane(const PaneKey& key, std::int64_t end_ns, const PaneSummary& pane, const FireNats& fire_nats,
                          std::vector<alerts::Observation>& out) {
  for (std::size_t i = 0; i < pane.columns.size(); ++i) {
    const PaneColumn column{key,
                            end_ns,
                            pane.frame->profile().digest,
                            pane.frame->column(i),
                            pane.columns[i],
                            fire_nats(pane.frame->column(i).name)};
    const detectors::FeatureSummary &base = column.base.summary, &live = column.live;
    if (base.values() == 0) continue;  // all missing in training: nothing to compare with
    AddRate(column, kMissing, RatesOf(base.missing(), base.records(), column.fire_nats), live.missing(), live.records(),
            out);
    AddRate(column, kTypeFaults, RatesOf(base.type_faults(), base.records(), column.fire_nats), live.type_faults(),
            live.records(), out);
    if (live.kind() == detectors::FeatureKind::kCategorical) {
      AddRate(column, kUnseen, RatesOf(0, base.values(), column.fire_nats), live.unseen(), live.values(), out);
    } else {
      AddRate(column, kOutOfRange, RatesOf(0, base.values(), column.fire_nats), FarOutside(column.base, live),
              live.values(), out);
    }
    AddConstant(column, out);
  }
  NameSwaps(pane, out);
}

alerts::Observation GrossFaults::ObservationOf(const PaneColumn& column, Kind kind) {
  alerts::Observation observation;
  observation.model = column.key.model;
  observation.version = column.key.version;
  observation.variant = column.key.variant;
  observation.feature = column.base.name;
  observation.monitor = std::string(MonitorName(kind)) + ":" + column.base.name;
  observation.cause = alerts::Cause::kBrokenPipeline;
  observation.severity = alerts::Severity::kWarning;
  observation.step_start_ns = column.key.start_ns;
  observation.step_end_ns = column.end_ns;
  return observation;
}

alerts::Change GrossFaults::ChangeOf(const PaneColumn& column, Kind kind, const Watch& watch) {
  const std::string share =
      Percent(static_cast<double>(watch.faulty) / static_cast<double>(watch.records)) + " of its values are ";
  const std::string clues = share + std::string(Word(kind));
  if (kind == kMissing) return {.kind = alerts::ChangeKind::kMissing, .clues = clues};
  if (kind == kTypeFaults) return {.kind = alerts::ChangeKind::kTypes, .clues = clues};
  const auto seen = watch.seen.Counts(column.digest, column.live.shared_shape());
  alerts::Change change = seen ? NameChange(column.base, *seen) : alerts::Change{};
  if (!alerts::IsFault(change.kind)) {
    change.kind = kind == kUnseen ? alerts::ChangeKind::kNewCategory : alerts::ChangeKind::kFarOutside;
    change.clues = clues;
  }
  if (seen) change.where = WhereChanged(column.base.summary, *seen);
  return change;
}

// Pairs of columns whose values are each other's, among those with a fault of their values.
void GrossFaults::NameSwaps(const PaneSummary& pane, std::vector<alerts::Observation>& out) const {
  const auto foreign = [](const alerts::Observation& observation) {
    return observation.verdict == alerts::Observation::Verdict::kViolated &&
           (observation.monitor.starts_with("unseen:") || observation.monitor.starts_with("out_of_range:"));
  };
  if (std::ranges::count_if(out, foreign) == 0) return;
  struct Suspect {
    const baselines::ProfileColumn* base;
    detectors::FeatureSummary seen;
  };
  std::map<std::string, Suspect> suspects;
  for (std::size_t i = 0; i < pane.columns.size(); ++i) {
    const baselines::ProfileColumn& base = pane.frame->column(i);
    for (const Kind kind : {kUnseen, kOutOfRange}) {
      const auto watch = watches_.find({base.name, kind});
      if (watch == watches_.end() || !watch->second.firing) continue;
      if (auto seen = watch->second.seen.Counts(pane.frame->profile().digest, pane.columns[i].shared_shape()))
        suspects.emplace(base.name, Suspect{&base, *std::move(seen)});
    }
  }
  if (suspects.size() > kMostSwapSuspects) return;
  for (alerts::Observation& observation : out) {
    const auto own = suspects.find(observation.feature);
    if (!foreign(observation) || own == suspects.end()) continue;
    for (const auto& [name, other] : suspects) {
      if (name == own->first || !Swapped({own->second.base, &own->second.seen}, {other.base, &other.seen})) continue;
      observation.change.kind = alerts::ChangeKind::kSwapped;
      observation.change.name = name;
      observation.change.clues = "the values of `" + own->first + "` are distributed as those of `" + name +
                                 "` in training, and the other way round";
      break;
    }
  }
}

void GrossFaults::AddRate(const PaneColumn& column, Kind kind, Rates rates, std::uint64_t faulty, std::uint64_t records,
                          std::vector<alerts::Observation>& out) {
  const std::pair at{column.base.name, kind};
  const auto found = watches_.find(at);
  if (records == 0 || (faulty == 0 && found == watches_.end())) return;
  Watch& watch = found == watches_.end() ? watches_[at] : found->second;
  const double ratio = static_cast<double>(faulty) * std::log(rates.alternative / rates.null) +
                       static_cast<double>(records - faulty) * std::log((1 - rates.alternative) / (1 - rates.null));
  if (watch.sum <= 0 && !watch.firing) {
    watch.since_ns = column.key.start_ns;
    watch.faulty = watch.records = 0;
    watch.seen.Clear();
  }
  watch.sum = std::clamp(watch.sum + ratio, 0.0, kCap * rates.fire);
  watch.calm = watch.firing ? std::max(0.0, watch.calm - ratio) : 0;
  if (!watch.firing || faulty > 0) {
    watch.faulty += faulty;
    watch.records += records;
    if (kind == kUnseen || kind == kOutOfRange) watch.seen.Add(column.digest, column.live);
  }
  const std::int64_t lasts = column.end_ns - watch.since_ns;
  const bool clusters = kind == kMissing && rates.baseline >= kOftenMissing;
  const std::int64_t patience = clusters ? std::max(kHourNs, 2 * watch.longest_ns) : 0;
  const bool was_firing = watch.firing;
  const bool over = was_firing && watch.calm >= kCalm;
  watch.firing = (was_firing || (watch.sum >= rates.fire && lasts >= patience)) && !over;
  if (was_firing || watch.firing) {
    alerts::Observation observation = ObservationOf(column, kind);
    // Good records on the way to its end neither confirm a fault nor water down its figures.
    observation.verdict = over         ? alerts::Observation::Verdict::kClear
                          : faulty > 0 ? alerts::Observation::Verdict::kViolated
                                       : alerts::Observation::Verdict::kInsufficient;
    observation.began_at_ns = watch.since_ns;
    observation.value = static_cast<double>(watch.faulty) / static_cast<double>(watch.records);
    if (kind == kMissing && *observation.value >= kDead && watch.records >= kDeadRecords && lasts >= kDeadNs)
      observation.severity = alerts::Severity::kCritical;
    observation.baseline = rates.baseline;
    observation.threshold = rates.null;
    observation.count = watch.records;
    observation.summary = "feature " + column.base.name + ": " + Percent(*observation.value) + " of its values are " +
                          std::string(Word(kind)) + " (" + Thousands(watch.faulty) + " of " + Thousands(watch.records) +
                          " records since " + alerts::FormatTimeForPeople(watch.since_ns) + "); in " +
                          baselines::ReferenceText(column.base) + " " + Percent(rates.baseline) + ", up to " +
                          Percent(rates.null) + " would be tolerated";
    if (observation.verdict == alerts::Observation::Verdict::kViolated)
      observation.change = ChangeOf(column, kind, watch);
    watch.why = observation.summary;
    out.push_back(std::move(observation));
  }
  if (watch.firing || (!over && watch.sum > 0)) return;
  if (clusters) watch.longest_ns = std::max(watch.longest_ns, lasts);
  if (watch.longest_ns == 0) {
    watches_.erase(at);
  } else {
    watch.sum = watch.calm = 0;
  }
}

void GrossFaults::AddConstant(const PaneColumn& column, std::vector<alerts::Observation>& out) {
  const detectors::FeatureSummary& live = column.live;
  if (live.values() == 0) return;
  const double share = LargestShare(column.base.summary);
  if (share >= 1) return;
  bool constant = false;
  double value = 0;
  std::string text;
  if (live.kind() == detectors::FeatureKind::kNumeric) {
    value = live.moments().min();
    constant = value == live.moments().max();
    text = Number(value);
  } else {
    const auto known = live.categories().known();
    const auto most = std::max_element(known.begin(), known.end());
    constant = most != known.end() && *most == live.values();
    value = static_cast<double>(most - known.begin());
    if (constant) text = live.shape().dictionary.name(static_cast<detectors::CategoryId>(most - known.begin()));
  }
  const auto found = watches_.find({column.base.name, kConstant});
  if (!constant && found == watches_.end()) return;
  Watch& watch = found == watches_.end() ? watches_[{column.base.name, kConstant}] : found->second;
  const bool was_firing = watch.firing;
  const bool goes_on = constant && (watch.run == 0 || watch.value == value);
  if (!goes_on || watch.run == 0) {
    if (watch.run >= kLearntRun) watch.longest_ns = std::max(watch.longest_ns, column.key.start_ns - watch.since_ns);
    watch.run = 0;
    watch.since_ns = column.key.start_ns;
    watch.value = value;
  }
  if (constant) watch.run += live.values();
  // Values in a row are rarely independent (one weather report serves an hour of flights): the odds get the same factor
  // of three.
  const double chance = RateOfOdds(3 * Odds(std::min(share, 0.999999)));
  const std::int64_t patience = std::max(share < kCommon ? 0 : kRoutineNs, 2 * watch.longest_ns);
  watch.firing = constant && watch.run >= kLeastRun &&
                 -std::log(chance) * static_cast<double>(watch.run) >= column.fire_nats &&
                 column.end_ns - watch.since_ns >= patience;
  if (was_firing || watch.firing) {
    alerts::Observation observation = ObservationOf(column, kConstant);
    observation.verdict = watch.firing ? alerts::Observation::Verdict::kViolated : alerts::Observation::Verdict::kClear;
    observation.began_at_ns = watch.since_ns;
    if (live.kind() == detectors::FeatureKind::kNumeric) observation.value = watch.value;
    observation.baseline = share;
    observation.count = watch.run;
    observation.summary =
        watch.firing
            ? "feature " + column.base.name + " stands still: " + text + " in all of the last " + Thousands(watch.run) +
                  " records since " + alerts::FormatTimeForPeople(watch.since_ns) + "; in " +
                  baselines::ReferenceText(column.base) + " its commonest value or bin held " + Percent(share)
            : "feature " + column.base.name + " varies again";
    observation.change = {.kind = alerts::ChangeKind::kConstant,
                          .clues = "all of its last " + Thousands(watch.run) + " values are " + text};
    watch.why = observation.summary;
    out.push_back(std::move(observation));
  }
  if (watch.run == 0 && watch.longest_ns == 0) watches_.erase({column.base.name, kConstant});
}

std::string_view GrossFaults::Firing(const std::string& feature) const {
  for (auto watch = watches_.lower_bound({feature, kMissing}); watch != watches_.end() && watch->first.first == feature;
       ++watch) {
    if (watch->second.firing) return watch->second.why;
  }
  return {};
}

void GrossFaults::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(watches_.size());
  for (const auto& [key, watch] : watches_) {
    out.Text(key.first);
    out.Byte(key.second);
    out.Double(watch.sum);
    out.Double(watch.calm);
    out.Byte(watch.firing ? 1 : 0);
    out.Signed(watch.since_ns);
    out.Varint(watch.faulty);
    out.Varint(watch.records);
    out.Varint(watch.run);
    out.Double(watch.value);
    out.Signed(watch.longest_ns);
    out.Text(watch.why);
    watch.seen.Encode(out);
  }
}

GrossFaults GrossFaults::Decode(detectors::Decoder& in) {
  const std::uint8_t version = in.Byte();
  if (version == 0 || version > kVersion)
    throw detectors::DecodeError("gross faults: version " + std::to_string(version) + " is not known");
  GrossFaults faults;
  for (std::size_t left = in.Count(1 << 20); left > 0; --left) {
    const std::string feature(in.Text());
    const auto kind = static_cast<Kind>(in.Byte());
    Watch watch;
    watch.sum = in.Double();
    watch.calm = in.Double();
    watch.firing = in.Byte() != 0;
    watch.since_ns = in.Signed();
    watch.faulty = in.Varint();
    watch.records = in.Varint();
    watch.run = in.Varint();
    watch.value = in.Double();
    watch.longest_ns = in.Signed();
    watch.why = in.Text();
    if (version >= 2) watch.seen = SeenCounts::Decode(in);
    faults.watches_.emplace(std::pair(feature, kind), watch);
  }
  return faults;
}

}  // namespace monitor
