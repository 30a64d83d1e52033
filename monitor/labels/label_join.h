// LabelJoin: brings the labels of one model together with its predictions, whichever come first (ARCHITECTURE sections
// 4 and 7).
//
// A label belongs to every prediction of its id, whatever its version or variant, for which all of this holds; the
// tests look at times in the log only, so the order in which topics are drained does not matter:
//   - the prediction was still kept when the label was read: labels' watermark then ≤ prediction + max_delay +
//   allowed_lateness (else unmatched);
//   - label ≤ prediction + max_delay (else late);
//   - label ≥ prediction − early_ttl (else unmatched).
// The first label joins, an equal one is a duplicate, a different one corrects. A label of an unknown id waits until
// every prediction that it could belong to would be late: the requests' watermark has passed the end of the pane of its
// time + early_ttl. A prediction that comes after its id was labelled by way of another version takes that label on;
// there the delay is known to the second only. Owned by the judge; not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/shard_delta.h"
#include "monitor/labels/cohort_book.h"
#include "monitor/labels/label_counters.h"
#include "monitor/labels/prediction_index.h"

namespace monitor {

class LabelJoin {
 public:
  LabelJoin(PredictionIndex& index, StateStore& store, std::shared_ptr<const ModelPlan> plan);
  void SetPlan(std::shared_ptr<const ModelPlan> plan);

  // Returns how many of the records were seen before (same version, variant and id).
  std::uint64_t AddPredictions(const PaneKey& key, const PredictionBatch& batch);
  LabelCounters AddLabels(const LabelBatch& batch);  // returns what became of them
  // Labels that no prediction can come for any more, and predictions that no label can.
  void Expire(std::int64_t requests_watermark_ns, std::int64_t labels_watermark_ns);
  // A waiting label was dropped because the index samples.
  void NoteUnsampled(std::int64_t label_time_ns);

  std::uint64_t owner() const { return owner_; }
  // Cohorts that end before are final: none of their predictions is kept for a label any more.
  std::int64_t final_before_ns() const { return final_before_ns_; }
  CohortBook& cohorts() { return cohorts_; }
  const CohortBook& cohorts() const { return cohorts_; }
  const LabelCounters& counters() const { return counters_; }

  void Encode(detectors::Encoder& out) const;  // counters, names, waiting labels by pane; not the cohorts, not the time
  void Decode(detectors::Decoder& in);

 private:
  using Ref = PredictionIndex::Ref;
  enum class Fit { kFits, kLate, kNot };

  Fit Test(std::int64_t prediction_ns, std::int64_t label_ns, std::int64_t watermark_ns) const;
  std::int64_t WaitsUntil(std::int64_t label_ns) const;
  PredictionIndex::SegmentId SegmentAt(std::int64_t time_ns, bool waiting) const;
  CohortOutcome OutcomeOf(Ref ref) const;
  // Gives a prediction its label; 0: it had none, 1: the same, 2: another one.
  int Apply(Ref prediction, std::int64_t label_ns, std::uint16_t label, double number);
  void Settle(int applied);
  void TakeWaiting(Ref prediction, const Identity& id);
  void TakeOver(Ref prediction, const Identity& id);
  bool StopWaiting(std::int64_t label_ns);
  void AddLabel(const LabelSeen& seen, std::uint16_t label);

  PredictionIndex& index_;
  std::shared_ptr<const ModelPlan> plan_;
  std::uint64_t owner_;
  CohortBook cohorts_;
  LabelCounters counters_;
  std::map<std::int64_t, std::uint64_t> waiting_;  // labels by the time until which they wait
  std::int64_t requests_watermark_ns_ = INT64_MIN;
  std::int64_t final_before_ns_ = INT64_MIN;
};

}  // namespace monitor
