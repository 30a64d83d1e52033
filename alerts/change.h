// Change: how a watched quantity changed — its size, where in the distribution it sits, and the shape by which people
// know its cause.
//
// Value types, filled by the judge and carried by observations and alerts. The texts of kinds are part of the API and
// never change.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace alerts {

enum class ChangeKind {
  kUnnamed,      // nothing more is known than that it changed
  kMissing,      // values went missing
  kTypes,        // values of another type than in training
  kConstant,     // the feature stands still
  kVaries,       // constant in training, and now it varies
  kUnit,         // the values are those of training in another unit
  kFarOutside,   // far outside of the training range, by no known factor
  kNewCategory,  // a category that training never saw
  kRenamed,      // a known category vanished and an unseen one took its share
  kSignFlip,     // the values are those of training with the other sign
  kClipped,      // the values beyond a limit are cut to it or gone
  kSwapped,      // the values are those of another feature, and the other way round
  kClock,        // event times are shifted
  kDuplicates,   // ids come again
  kMix,          // known categories come in other shares
  kMoved,        // a numeric distribution moved
};
std::string_view Text(ChangeKind kind);  // unnamed, missing, types, …
// The inverse; throws std::invalid_argument for any other text.
ChangeKind ParseChangeKind(std::string_view text);

// A fault of the data feed rather than a change of the world: no retraining mends it.
bool IsFault(ChangeKind kind);

struct Change {
  ChangeKind kind = ChangeKind::kUnnamed;
  std::string name = {};      // what exactly: "×1000", the other feature of a swap, "AA → American"; may be empty
  std::string clues = {};     // what speaks for the kind, as a clause: "its mean is 1,002 times that of training"
  std::string confined = {};  // ", confined to segment EWR: …", where a loss is that of one segment alone
  std::string where = {};     // "values above 0.12 up from 3 % to 11 %"; empty where unknown
  std::optional<double> effect_low = {}, effect_high = {};  // interval of the effect, 95 % on each side
  std::optional<double> psi = {}, psi_low = {};  // population stability index less its bias, and its lower bound
  std::uint32_t steps = 0;                       // of evidence that it took; 0 where it was not judged by steps
};

// Adds the API's keys to an alert's object, null for what is unknown.
void PutChange(const Change& change, nlohmann::json& alert);
nlohmann::json ToStored(const Change& change);
Change ChangeFromStored(const nlohmann::json& stored);

}  // namespace alerts
