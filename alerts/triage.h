// Triage: what probably happened, why, what else it could be, and whether retraining is worth a thought — from the
// facts of alerts.
//
// The causes of the API stay what they are (cause.h); a triage says within and across them which story fits: a broken
// pipeline of a named kind, drift of the inputs, a changed mix of the traffic, drift of the predictions alone, or a
// quality loss with or without drift. A broken pipeline is never worth a retraining. Pure, thread-safe.
#pragma once

#include <span>
#include <string>

namespace alerts {

struct Alert;

struct Triage {
  std::string likely;     // "the unit of `distance` changed (×1000)"; empty where there is nothing to say
  std::string because;    // "its mean is 1,002 times that of training"
  std::string otherwise;  // "else": what to think of when it is not that
  bool retrain = false;   // whether a retraining could mend it
  bool operator==(const Triage&) const = default;
};

// `alerts` of one incident, firing ones (all of them once it is over), not empty; `others`: the firing alerts of the
// same model and variant with other causes.
Triage Assess(std::span<const Alert* const> alerts, std::span<const Alert* const> others);

// "likely the unit of `distance` changed (×1000), because …; else …; retraining would not mend it"; empty for an empty
// triage.
std::string Sentence(const Triage& triage);

}  // namespace alerts
