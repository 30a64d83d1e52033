#include "monitor/judge/gross_faults.h"

#include <algorithm>
#include <cmath>

#include "alerts/time_text.h"
#include "monitor/judge/wording.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr double kCalm = 4.605;          // ln 100
constexpr double kCap = 2;               // times the firing sum: an hour of faults must not take a day to forgive
constexpr double kLeastRate = 0.005;     // a baseline cannot promise less
constexpr std::uint64_t kLeastRun = 30;  // equal values before a feature can stand still
constexpr double kCommon = 0.05;         // a value with that share may stand for a routine
constexpr std::int64_t kRoutineNs = 26LL * 3600 * 1'000'000'000;

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
  if (outside == 0 || !(range > 0)) return 0;
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
    const baselines::ProfileColumn& column = pane.frame->column(i);
    const detectors::FeatureSummary& base = column.summary;
    const detectors::FeatureSummary& live = pane.columns[i];
    if (base.values() == 0) continue;  // all missing in training: nothing to compare with
    const double fire = fire_nats(column.name);
    AddRate(key, end_ns, column.name, kMissing, RatesOf(base.missing(), base.records(), fire), live.missing(),
            live.records(), out);
    AddRate(key, end_ns, column.name, kTypeFaults, RatesOf(base.type_faults(), base.records(), fire),
            live.type_faults(), live.records(), out);
    if (live.kind() == detectors::FeatureKind::kCategorical) {
      AddRate(key, end_ns, column.name, kUnseen, RatesOf(0, base.values(), fire), live.unseen(), live.values(), out);
    } else {
      AddRate(key, end_ns, column.name, kOutOfRange, RatesOf(0, base.values(), fire), FarOutside(column, live),
              live.values(), out);
    }
    AddConstant(key, end_ns, column, live, fire, out);
  }
}

void GrossFaults::AddRate(const PaneKey& key, std::int64_t end_ns, const std::string& feature, Kind kind, Rates rates,
                          std::uint64_t faulty, std::uint64_t records, std::vector<alerts::Observation>& out) {
  const auto found = watches_.find({feature, kind});
  if (records == 0 || (faulty == 0 && found == watches_.end())) return;
  Watch& watch = found == watches_.end() ? watches_[{feature, kind}] : found->second;
  const double ratio = static_cast<double>(faulty) * std::log(rates.alternative / rates.null) +
                       static_cast<double>(records - faulty) * std::log((1 - rates.alternative) / (1 - rates.null));
  if (watch.sum <= 0 && !watch.firing) {
    watch.since_ns = key.start_ns;
    watch.faulty = watch.records = 0;
  }
  watch.sum = std::clamp(watch.sum + ratio, 0.0, kCap * rates.fire);
  watch.calm = watch.firing ? std::max(0.0, watch.calm - ratio) : 0;
  if (!watch.firing || faulty > 0) {
    watch.faulty += faulty;
    watch.records += records;
  }
  const bool was_firing = watch.firing;
  const bool over = was_firing && watch.calm >= kCalm;
  watch.firing = (was_firing || watch.sum >= rates.fire) && !over;
  if (was_firing || watch.firing) {
    alerts::Observation observation;
    observation.model = key.model;
    observation.version = key.version;
    observation.variant = key.variant;
    observation.feature = feature;
    observation.monitor = std::string(MonitorName(kind)) + ":" + feature;
    observation.cause = alerts::Cause::kBrokenPipeline;
    observation.severity = alerts::Severity::kWarning;
    // Good records on the way to its end neither confirm a fault nor water down its figures.
    observation.verdict = over         ? alerts::Observation::Verdict::kClear
                          : faulty > 0 ? alerts::Observation::Verdict::kViolated
                                       : alerts::Observation::Verdict::kInsufficient;
    observation.step_start_ns = key.start_ns;
    observation.step_end_ns = end_ns;
    observation.began_at_ns = watch.since_ns;
    observation.value = static_cast<double>(watch.faulty) / static_cast<double>(watch.records);
    observation.baseline = rates.baseline;
    observation.threshold = rates.null;
    observation.count = watch.records;
    observation.summary = "feature " + feature + ": " + Percent(*observation.value) + " of its values are " +
                          std::string(Word(kind)) + " (" + Thousands(watch.faulty) + " of " + Thousands(watch.records) +
                          " records since " + alerts::FormatTimeForPeople(watch.since_ns) + "); in training " +
                          Percent(rates.baseline) + ", up to " + Percent(rates.null) + " would be tolerated";
    watch.why = observation.summary;
    out.push_back(std::move(observation));
  }
  if (!watch.firing && (over || watch.sum <= 0)) watches_.erase({feature, kind});
}

void GrossFaults::AddConstant(const PaneKey& key, std::int64_t end_ns, const baselines::ProfileColumn& column,
                              const detectors::FeatureSummary& live, double fire_nats,
                              std::vector<alerts::Observation>& out) {
  if (live.values() == 0) return;
  const double share = LargestShare(column.summary);
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
  const auto found = watches_.find({column.name, kConstant});
  if (!constant && found == watches_.end()) return;
  Watch& watch = found == watches_.end() ? watches_[{column.name, kConstant}] : found->second;
  const bool was_firing = watch.firing;
  const bool goes_on = constant && (watch.run == 0 || watch.value == value);
  if (!goes_on || watch.run == 0) {
    if (const std::int64_t lasted = key.start_ns - watch.since_ns; watch.run > 0 && lasted > kRoutineNs)
      watch.longest_ns = std::max(watch.longest_ns, lasted);
    watch.run = 0;
    watch.since_ns = key.start_ns;
    watch.value = value;
  }
  if (constant) watch.run += live.values();
  // Values in a row are rarely independent (one weather report serves an hour of flights): the odds get the same factor
  // of three.
  const double chance = RateOfOdds(3 * Odds(std::min(share, 0.999999)));
  const std::int64_t patience = share < kCommon ? 0 : std::max(kRoutineNs, 2 * watch.longest_ns);
  watch.firing = constant && watch.run >= kLeastRun &&
                 -std::log(chance) * static_cast<double>(watch.run) >= fire_nats && end_ns - watch.since_ns >= patience;
  if (was_firing || watch.firing) {
    alerts::Observation observation;
    observation.model = key.model;
    observation.version = key.version;
    observation.variant = key.variant;
    observation.feature = column.name;
    observation.monitor = "constant:" + column.name;
    observation.cause = alerts::Cause::kBrokenPipeline;
    observation.verdict = watch.firing ? alerts::Observation::Verdict::kViolated : alerts::Observation::Verdict::kClear;
    observation.step_start_ns = key.start_ns;
    observation.step_end_ns = end_ns;
    observation.began_at_ns = watch.since_ns;
    if (live.kind() == detectors::FeatureKind::kNumeric) observation.value = watch.value;
    observation.baseline = share;
    observation.count = watch.run;
    observation.summary = watch.firing ? "feature " + column.name + " stands still: " + text + " in all of the last " +
                                             Thousands(watch.run) + " records since " +
                                             alerts::FormatTimeForPeople(watch.since_ns) +
                                             "; in training its commonest value or bin held " + Percent(share)
                                       : "feature " + column.name + " varies again";
    watch.why = observation.summary;
    out.push_back(std::move(observation));
  }
  if (watch.run == 0 && watch.longest_ns == 0) watches_.erase({column.name, kConstant});
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
  }
}

GrossFaults GrossFaults::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "gross faults");
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
    faults.watches_.emplace(std::pair(feature, kind), watch);
  }
  return faults;
}

}  // namespace monitor
