// GrossFaults: faults of the data feed that nobody should wait a step for; judged whenever a pane closes.
//
// Per feature and kind of fault (missing, type faults, unseen categories, values far out of range) a cumulative sum of
// log-likelihood ratios (Page 1954) over the records: "the odds of the fault are at most three times the baseline's"
// against "thirty times, and at least every second record". The baseline's rate is taken at its upper 95 % bound and
// never below 0.5 %. The sum fires at the nats that the budget of false alarms asks for (alarm_shares.h), so about
// eight faulty records in a row are enough where training had none, and traffic of one record a pane is judged as well
// as a million. It resolves when the reverse sum reaches ln 100: some seven good records in a row. Far out of range
// means that the values outside the baseline's range lie, on average, further out than the whole range is wide: a
// changed unit, not a warm day. A feature that stands still is a fault when that many equal values in a row are as
// unlikely in the baseline, and the run has lasted twice as long as any that has ended before: one weather report
// serves all flights of an hour. Where training has values that hold 5 % and more, as a day of the week or an airport
// does, it must last longer than a day as well: calendars and routines stand still by nature. The same patience is had
// with values that 1 % of training lack: what is missing now and then is missing in clusters. A feature that is gone
// altogether for six hours is a dead feed: critical.
//
// While a fault is watched its column's counts are kept, and the shape of the fault is named from them
// (change_shape.h). State belongs to (model, variant), is part of the checkpoint, and depends on the sequence of panes
// only. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/alert.h"
#include "detectors/encoding.h"
#include "monitor/ingest/shard_delta.h"
#include "monitor/judge/evidence/seen_counts.h"

namespace monitor {

class GrossFaults {
 public:
  // Feeds one closed pane. Appends an observation for every fault that fires, goes on firing, or is over. `fire_nats`:
  // of a column, GrossFaultNats.
  using FireNats = std::function<double(const std::string& column)>;
  void AddPane(const PaneKey& key, std::int64_t end_ns, const PaneSummary& pane, const FireNats& fire_nats,
               std::vector<alerts::Observation>& out);

  // Evidence of one faulty record where training had none.
  static constexpr double kNatsPerFault = 3.49;

  // The sentence of a fault of `feature` that is firing now; empty when there is none.
  std::string_view Firing(const std::string& feature) const;

  void Encode(detectors::Encoder& out) const;
  static GrossFaults Decode(detectors::Decoder& in);

 private:
  enum Kind : std::uint8_t { kMissing, kTypeFaults, kUnseen, kOutOfRange, kConstant };

  struct Watch {
    double sum = 0;   // evidence of the fault, in nats
    double calm = 0;  // evidence that it is over
    bool firing = false;
    std::int64_t since_ns = 0;              // start of the pane in which the sum left zero
    std::uint64_t faulty = 0, records = 0;  // since then
    std::uint64_t run = 0;                  // kConstant: equal values in a row
    double value = 0;                       // kConstant: that value, or the number of the category
    std::int64_t longest_ns = 0;            // kConstant, kMissing: the longest run that ended by itself
    std::string why;                        // while firing: the sentence
    SeenCounts seen;                        // of the column since then
  };
  struct Rates {
    double baseline, null, alternative;
    double fire;  // the sum at which the fault is told
  };

  // One column of the pane that closes.
  struct PaneColumn {
    const PaneKey& key;
    std::int64_t end_ns;
    const std::string& digest;  // of the baseline
    const baselines::ProfileColumn& base;
    const detectors::FeatureSummary& live;
    double fire_nats;  // at which a fault of this column is told
  };

  static Rates RatesOf(std::uint64_t faulty, std::uint64_t records, double fire_nats);
  void AddRate(const PaneColumn& column, Kind kind, Rates rates, std::uint64_t faulty, std::uint64_t records,
               std::vector<alerts::Observation>& out);
  void AddConstant(const PaneColumn& column, std::vector<alerts::Observation>& out);
  void NameSwaps(const PaneSummary& pane, std::vector<alerts::Observation>& out) const;
  static alerts::Observation ObservationOf(const PaneColumn& column, Kind kind);
  static alerts::Change ChangeOf(const PaneColumn& column, Kind kind, const Watch& watch);

  std::map<std::pair<std::string, Kind>, Watch> watches_;  // whose sum is not zero, that fire, or that have learnt
};

}  // namespace monitor
