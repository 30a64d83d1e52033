// EvidenceMonitor: one watched quantity of one (model, variant) through time — its evidence, its design effect, and
// whether it has fired.
//
// AddStep feeds the counts of one closed step, of all versions that served in it: their log-evidence is added, their
// records are one sample for the design effect, and a new version goes on with what there is. Where the baseline has a
// ladder of design effects, it may spare the conservative start (StepEffect); with seasons each step is judged against
// its own part of the week (seasonal_reference.h). Nothing is known of what a baseline's rows have in common, so its
// design effect is taken as 4 or that of live traffic, whichever is more. A step without values changes
// nothing. What a baseline has of its own (bins, categories, their order) does not matter: evidence is kept by what it
// says (category_slots.h, numeric_plan.h). Only where more than CategorySlots::kMost categories have come together does
// a distribution start anew.
//
// Fires when the evidence reaches 1, and fires until Settle has seen the upper bound of the window's effect below
// kClearEffect, and no second alarm, in as many successive steps as the alarm took, at least 3. Fewer would resolve a
// small standing change between two of its alarms. While it fires it is watched for more (change_watch.h).
//
// What it is compared with is the baseline, or, once an operator has accepted what it found, the live traffic since
// then (live_reference.h). That reference grows while nothing fires, until it holds all the generations that it can,
// and stands for this baseline only, so that a version that was trained anew is judged by its own. Part of the
// checkpoint; depends on the sequence of steps only. Not thread-safe. Cost: that of the plan and of ShiryaevRoberts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "detectors/encoding.h"
#include "detectors/evidence/shiryaev_roberts.h"
#include "monitor/judge/evidence/change_watch.h"
#include "monitor/judge/evidence/evidence_path.h"
#include "monitor/judge/evidence/evidence_plan.h"
#include "monitor/judge/evidence/seasonal_reference.h"

namespace monitor {

inline constexpr double kWarningEffect = 0.25;  // standard-deviation equivalents; smaller changes are `info`
inline constexpr double kClearEffect = 0.25;

struct EvidenceInput {
  std::int64_t start_ns = 0, step_ns = 0;
  std::span<const EvidencePart> parts;  // all numeric or all categorical
  double min_effect = 0.1;
  detectors::AlarmBudget budget;
  double threshold = 1;       // c
  std::int64_t cover_ns = 0;  // what live traffic has to cover to be a reference
  bool learn_only = false;    // the design effect only: no evidence yet, unless training tells of days
};

class EvidenceMonitor {
 public:
  explicit EvidenceMonitor(Quantity quantity) : quantity_(quantity) {}

  void AddStep(const EvidenceInput& input);
  // After AddStep: the upper bound of the effect over the running window; nothing where there is none, which neither
  // counts nor resets.
  void Settle(const std::optional<double>& effect_high);

  // Makes live traffic the reference of the baselines that `live` names, and starts anew: nothing fires. False: there
  // has been none.
  bool Accept(const std::map<std::string, const LiveReference*>& live);
  bool UndoAccept();  // back to training; false: nothing was accepted
  bool accepted() const { return !accepted_.empty(); }
  std::int64_t accepted_since_ns() const;                            // start of the traffic that was accepted
  const LiveReference* AcceptedOf(const std::string& digest) const;  // nullptr: the baseline is the reference

  bool firing() const { return firing_; }
  bool alarmed() const { return news_; }  // in the newest step it fired, or was found to have changed again
  const ChangeWatch* change() const { return change_.empty() ? nullptr : &change_.front(); }  // while it fires
  const std::string& account() const { return account_; }     // of the alarm that made it fire: evidence_account.h
  double evidence() const { return evidence_; }               // M/c after the newest step; 1 is an alarm
  double fired_evidence() const { return fired_evidence_; }   // of the alarm that made it fire
  std::int64_t began_ns() const { return began_ns_; }         // start of the step in which the change most likely began
  std::uint32_t took() const { return took_; }                // steps of evidence behind the alarm
  std::uint32_t quiet_steps() const { return clear_steps_; }  // while firing: in a row, counted by Settle
  const std::string& words() const { return words_; }         // what was found: "its values have become larger"
  bool standing() const { return firing_ && began_ns_ == first_ns_; }  // as long as there has been evidence at all
  // Steps with values so far, and how many a change of kWarningEffect takes to be seen; infinite where it lies inside
  // the band.
  std::uint64_t steps() const { return steps_; }
  double needed_steps() const { return needed_steps_; }
  // Of the design effect; all there are to learn where training tells it.
  std::size_t learnt_steps() const {
    if (covered_) return detectors::DesignEffect::kSteps;
    return scatter_ ? scatter_->steps() : 0;
  }
  std::uint64_t idle_steps() const { return idle_steps_; }  // AddStep and Idle since the last step with values
  void Idle() {
    ++idle_steps_;
    alarmed_ = news_ = false;
  }  // a step in which none of its versions served

  // Whether it fires stays as it is; what led to it is forgotten.
  void ForgetEvidence();
  // Gives back the memory of what the next step makes again from its baselines (13 µs, up to 8 KiB each).
  void ReleasePlans();

  void Encode(detectors::Encoder& out) const;
  static EvidenceMonitor Decode(detectors::Decoder& in, Quantity quantity);

 private:
  static constexpr std::int64_t kUnknown = INT64_MIN;

  struct Prepared {
    double design_effect, min_effect;
    std::int64_t until_ns;  // of the accepted reference
    double scale;           // LiveReference::Weighted
    std::int64_t season;    // SeasonOfStep::OfWeek
    std::shared_ptr<const EvidencePlan> plan;
    std::shared_ptr<const detectors::FeatureSummary> accepted;
    std::shared_ptr<const detectors::FeatureSummary> seasonal;  // of the step's part of the week
    const detectors::FeatureSummary& Reference(const detectors::FeatureSummary& baseline) const {
      if (seasonal != nullptr) return *seasonal;
      return accepted != nullptr ? *accepted : baseline;
    }
  };
  // Makes room for what new baselines' categories are.
  void MeetBaselines(const EvidenceInput& input);
  const Prepared& PlanOf(const EvidencePart& part, const EvidenceInput& input);
  void StartAnew();
  double BaselineEffect(const EvidencePart& part, const EvidenceInput& input) const;
  static bool TellsOfDays(const EvidenceInput& input);
  void RaiseEffects(const EvidencePart& part, const EvidencePlan& plan, double records, const EvidenceInput& input,
                    std::span<double> effects) const;
  void Learn(std::span<const EvidencePlan::StepMeans> means, std::span<const EvidencePlan* const> plans,
             std::uint64_t records);
  void Fire(const detectors::EvidenceStep& step, const EvidencePlan& plan, const detectors::FeatureSummary& baseline);
  void WatchForMore(const EvidenceInput& input);

  Quantity quantity_;
  CategorySlots slots_;
  std::optional<detectors::ShiryaevRoberts> detector_;
  std::optional<detectors::DesignEffect> scatter_;
  std::vector<double> variances_;  // of scatter_'s directions: the means of other baselines are scaled to them
  double evidence_ = 0;
  std::uint64_t steps_ = 0, records_ = 0;
  double needed_steps_ = 0;
  std::int64_t first_ns_ = kUnknown;  // the first step that was evidence
  std::uint64_t idle_steps_ = 0;
  bool covered_ = false;                                  // by the ladders of the newest step
  bool firing_ = false, alarmed_ = false, news_ = false;  // alarmed_, news_: in the newest step
  double fired_evidence_ = 0;
  std::int64_t began_ns_ = 0;
  std::uint32_t took_ = 0, clear_steps_ = 0;
  std::string words_, account_;
  EvidencePath path_;
  // One while it fires, which few of them do: it takes a third of what the rest does.
  std::vector<ChangeWatch> change_;
  std::map<std::string, LiveReference> accepted_;  // by baseline
  std::map<std::string, Prepared> plans_;          // by baseline; made again when needed
};

}  // namespace monitor
