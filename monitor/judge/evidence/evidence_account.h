// AccountOf: how an alarm was computed, with everything that it takes to compute it again by hand.
//
// JSON, kept with the alert and answered with it under "account". Pure function.
//
//   {"alarm": "training" | "live" | "accepted"         what the traffic was compared with
//    "compared_until": time, of a live reference its newest step
//    "budget": {"expected_false_alarms": X, "period_seconds", "step_seconds", "steps_per_period": T, "weight": w,
//               "threshold": c = T/(X·w)},
//    "evidence": M/c,
//    "component": the one with the largest part of M: {"words", "weight": v, "mass_before": R, "log_e", "mass":
//               (1 + R)·e^log_e, "part": v·mass/M},
//    "null": {"min_effect", "reference_design_effect"},
//    "design_effect": φ of the component,
//    "parts": [{"baseline": digest, "records", "form": "bet" | "edge" | "rate" | "burst", "log_e", …}], by version:
//       bet:   "degree", "up", "size": λ, "tolerance": τ, "cells": [{"upto", "reference", "step", "score", "log_e"}]
//       edge:  "up", "null_share": q0, "alternative_share": q1, "cells": as above, score 1 at or below the edge
//       rate:  "what", "non_events", "null_share": q0, "factor": ρ, "dispersion": φ', "reference": {"events",
//              "records"}, "step": {"events", "records"}
//       burst: the same, "factor" is the bet
//    "path": [{"start", "records", "evidence"}]}
#pragma once

#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "detectors/evidence/alarm_budget.h"
#include "detectors/evidence/shiryaev_roberts.h"
#include "monitor/judge/evidence/evidence_path.h"
#include "monitor/judge/evidence/evidence_plan.h"

namespace monitor {

struct AccountedPart {
  std::string digest;
  const EvidencePlan* plan;
  const detectors::FeatureSummary* reference;
  const detectors::FeatureSummary* step;
};

struct AccountInput {
  const char* compared_with;
  std::int64_t compared_until_ns = 0;  // 0: not said
  detectors::AlarmBudget budget;
  std::int64_t step_ns = 0;
  double threshold = 1;  // c
  detectors::EvidenceStep alarm;
  double weight = 0;  // v
  std::string words;
  double min_effect = 0, reference_design_effect = 1;
  std::span<const double> design_effects;  // by direction
  std::span<const AccountedPart> parts;
  const EvidencePath* path;
};

nlohmann::json AccountOf(const AccountInput& input);

}  // namespace monitor
