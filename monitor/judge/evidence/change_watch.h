// ChangeWatch: goes on watching a monitor that has fired, for more.
//
// A standing drift must not hide the next change. While a monitor fires, its steps are also compared with the last
// weeks of live traffic since it fired (live_reference.h), by a Shiryaev–Roberts e-detector of the same components and
// the same threshold c. The null is a change from the live reference within min_effect and within that reference's own
// error.
//
// Both detectors share one budget without splitting it: only the first can raise an alarm while the monitor does not
// fire, only this one while it does, and each starts from 0 when its turn comes. With M the evidence of the one whose
// turn it is and N the alarms of both, M + c·N − t stays a supermartingale, so E[N in T steps] ≤ T/c as before
// (STATISTICS 3.2). Part of the checkpoint; depends on the sequence of steps only. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "detectors/evidence/alarm_budget.h"
#include "detectors/evidence/seasons.h"
#include "detectors/evidence/shiryaev_roberts.h"
#include "detectors/evidence/step_ladder.h"
#include "monitor/judge/evidence/evidence_path.h"
#include "monitor/judge/evidence/evidence_plan.h"
#include "monitor/judge/evidence/live_reference.h"
#include "monitor/judge/evidence/seasonal_reference.h"

namespace monitor {

// One version's share of a step.
struct EvidencePart {
  const std::string* digest;  // of its baseline
  const detectors::FeatureSummary* baseline;
  const detectors::FeatureSummary* step;
  const LiveReference* live = nullptr;          // of the column before this step; nullptr: none
  const detectors::StepLadder* ladder;          // of the quantity; what has none has an unknown one
  const detectors::Seasons* seasons = nullptr;  // of a distribution whose baseline has some
};

// Steps are numbered by the second that they begin in: in rising order also where their length changes.
std::uint32_t StepNumber(std::int64_t start_ns);

class ChangeWatch {
 public:
  struct Input {
    std::int64_t start_ns = 0, step_ns = 0;
    std::span<const EvidencePart> parts;
    const detectors::DesignEffect* scatter;  // of live steps
    const CategorySlots* slots;              // of the plans (EvidencePlan)
    double min_effect = 0.1;
    detectors::AlarmBudget budget;
    double threshold = 1;
  };

  explicit ChangeWatch(Quantity quantity) : quantity_(quantity) {}

  bool AddStep(const Input& input);  // true: an alarm

  double evidence() const { return evidence_; }       // M/c; 1 is an alarm
  std::uint32_t changes() const { return changes_; }  // but for those back towards training
  // The newest alarm: its step lies less than half as far from training as the traffic before it did.
  bool toward_training() const { return toward_training_; }
  std::int64_t changed_ns() const { return changed_ns_; }  // when the newest change most likely began; 0: none
  const std::string& words() const { return words_; }
  const std::string& account() const { return account_; }  // JSON of the newest alarm (evidence_account.h)

  void Encode(detectors::Encoder& out) const;
  static ChangeWatch Decode(detectors::Decoder& in, Quantity quantity);

 private:
  struct Prepared {
    std::int64_t until_ns;       // of the reference
    std::uint64_t step_records;  // of one of its steps
    double scale;                // LiveReference::Weighted
    double min_effect, design_effect;
    std::int64_t season;  // SeasonOfStep::OfWeek
    std::size_t slots;
    std::shared_ptr<const EvidencePlan> plan;
    std::shared_ptr<const detectors::FeatureSummary> live;       // of whole weeks
    std::shared_ptr<const detectors::FeatureSummary> reference;  // of this step
  };
  const Prepared* PlanOf(const EvidencePart& part, const Input& input);
  void Note(const detectors::EvidenceStep& alarm, const EvidencePart& part, const Prepared& prepared);

  Quantity quantity_;
  std::optional<detectors::ShiryaevRoberts> detector_;
  double evidence_ = 0;
  std::uint32_t changes_ = 0;
  bool toward_training_ = false;
  std::int64_t changed_ns_ = 0;
  std::string words_, account_;
  EvidencePath path_;
  std::map<std::string, Prepared> plans_;  // by baseline; made again when needed
};

}  // namespace monitor
