// EvidenceBook: all monitors of the columns of one (model, variant) that share a budget of false alarms, fed once per
// closed step.
//
// Every column (feature, prediction, score) has one for each of its quantities, with the shares of alarm_shares.h.
// While a fault of a column is alerted its monitors rest: what is known to be broken is no evidence of drift. Evidence
// belongs to the column and goes on from version to version, whatever their baselines' bins and categories are; only a
// column that is numeric for one version and categorical for another has a monitor for each, within the column's share.
//
// Beside the baselines it keeps the last weeks of live traffic of every column (live_reference.h), anew after each
// alarm of the column; steps with a fault are left out. Part of the checkpoint; depends on the sequence of steps only.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "detectors/encoding.h"
#include "detectors/evidence/alarm_budget.h"
#include "monitor/ingest/shard_delta.h"
#include "monitor/judge/evidence/evidence_monitor.h"
#include "monitor/judge/evidence/live_reference.h"
#include "monitor/judge/windows/gross_faults.h"

namespace monitor {

struct EvidenceSettings {
  detectors::AlarmBudget budget;  // of the model
  double min_effect = 0.1;
  std::map<std::string, double> importances = {};
};

// What is said of one quantity of one column.
struct EvidenceFinding {
  bool firing = false;
  double evidence = 0;        // M/c; 1 is an alarm
  double fired_evidence = 0;  // while firing, of the alarm
  std::int64_t began_ns = 0;
  std::uint32_t took = 0;  // steps
  bool standing = false;   // while firing: since the first step that was judged
  std::string words;
  std::uint32_t quiet_steps = 0;  // while firing: steps in a row in which it seems to be over
  // While firing: the further changes that it was told of since, when the newest most likely began and what it was. The
  // live traffic that it is watched by is stable since stable_since_ns; 0: too little of it yet.
  std::uint32_t changes = 0;
  std::int64_t changed_ns = 0;
  bool toward_training = false;
  std::string change_words;
  double change_evidence = 0;
  std::int64_t stable_since_ns = 0;
  std::int64_t accepted_since_ns = 0;  // start of the accepted traffic that it is compared with; 0: with training
  std::string account;                 // while firing: JSON array of how its alarms were computed (evidence_account.h)
  double more_steps = 0;  // until a change of kWarningEffect would have been seen; infinite where it never is
};

class EvidenceBook {
 public:
  // c of a monitor of a column that has `share` of what all columns have together.
  static double Threshold(const EvidenceSettings& settings, std::int64_t step_ns, double share, Quantity quantity);

  struct StepInput {
    const EvidenceSettings& settings;
    std::int64_t start_ns, step_ns;
    std::size_t variants;                          // that share the budget in this step
    std::int64_t cover_ns;                         // what live traffic has to cover to be a reference
    bool learn_only;                               // design effects only: no evidence yet
    std::span<const PaneSummary* const> versions;  // the step's own counts
    const GrossFaults* faults;                     // nullptr when there are none
  };
  void AddStep(const StepInput& input);

  // Upper bounds of the effects over the running window, the largest of all versions; what has none is not there.
  using WindowEffects = std::map<std::pair<std::string, Quantity>, double>;
  void Settle(const WindowEffects& effects);

  // An operator accepts what a monitor found, or takes that back. False: there is no such monitor, or no live traffic;
  // nothing was accepted.
  bool Accept(const std::string& column, Quantity quantity);
  bool UndoAccept(const std::string& column, Quantity quantity);
  // What a quantity of a column under a baseline is compared with where it is not that baseline.
  std::optional<detectors::FeatureSummary> AcceptedOf(
      const std::string& column, Quantity quantity, const baselines::Profile& baseline,
      const std::shared_ptr<const detectors::FeatureShape>& shape) const;

  // Nothing where no step had values yet.
  std::optional<EvidenceFinding> Of(const std::string& column, Quantity quantity) const;
  // Steps behind the design effect that knows most. Before the first DesignEffect::kBlockSteps conservative ones are in
  // use: the variant is calibrating.
  std::size_t learnt_steps() const;
  bool calibrating() const { return learnt_steps() < detectors::DesignEffect::kBlockSteps; }

  // Until the next step; see EvidenceMonitor.
  void ReleasePlans();

  void Encode(detectors::Encoder& out) const;
  static EvidenceBook Decode(detectors::Decoder& in);

 private:
  using Key = std::tuple<std::string, Quantity, std::uint64_t>;  // column, quantity, kind of column
  void KeepLive(const StepInput& input, const std::map<Key, std::vector<EvidencePart>>& parts);

  std::map<Key, EvidenceMonitor> monitors_;
  std::map<std::pair<std::string, std::string>, LiveReference> live_;  // by column and baseline
};

}  // namespace monitor
