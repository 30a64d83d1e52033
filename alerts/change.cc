#include "alerts/change.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace alerts {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 16> kKinds{
    "unnamed", "missing",   "types",   "constant", "varies", "unit",       "far_outside", "new_category",
    "renamed", "sign_flip", "clipped", "swapped",  "clock",  "duplicates", "mix",         "moved"};

json OrNull(const std::string& text) { return text.empty() ? json() : json(text); }
json OrNull(const std::optional<double>& number) { return number ? json(*number) : json(); }

std::optional<double> Number(const json& stored, const char* key) {
  const auto found = stored.find(key);
  return found == stored.end() || found->is_null() ? std::nullopt : std::optional(found->get<double>());
}

std::string TextOr(const json& stored, const char* key) {
  const auto found = stored.find(key);
  return found == stored.end() || found->is_null() ? std::string() : found->get<std::string>();
}

}  // namespace

std::string_view Text(ChangeKind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }

ChangeKind ParseChangeKind(std::string_view text) {
  const auto found = std::ranges::find(kKinds, text);
  if (found == kKinds.end()) throw std::invalid_argument("kind of change `" + std::string(text) + "` is unknown");
  return static_cast<ChangeKind>(found - kKinds.begin());
}

bool IsFault(ChangeKind kind) {
  return kind != ChangeKind::kUnnamed && kind != ChangeKind::kMix && kind != ChangeKind::kMoved;
}

void PutChange(const Change& change, json& alert) {
  alert["change"] = change.kind == ChangeKind::kUnnamed ? json() : json(Text(change.kind));
  alert["where"] = OrNull(change.where);
  alert["effect_low"] = OrNull(change.effect_low);
  alert["effect_high"] = OrNull(change.effect_high);
  alert["psi"] = OrNull(change.psi);
  alert["psi_low"] = OrNull(change.psi_low);
  alert["steps"] = change.steps == 0 ? json() : json(change.steps);
}

json ToStored(const Change& change) {
  json stored;
  PutChange(change, stored);
  stored["name"] = change.name;
  stored["clues"] = change.clues;
  stored["confined"] = change.confined;
  return stored;
}

Change ChangeFromStored(const json& stored) {
  Change change;
  if (const std::string kind = TextOr(stored, "change"); !kind.empty()) change.kind = ParseChangeKind(kind);
  change.name = TextOr(stored, "name");
  change.clues = TextOr(stored, "clues");
  change.where = TextOr(stored, "where");
  change.confined = TextOr(stored, "confined");
  change.effect_low = Number(stored, "effect_low");
  change.effect_high = Number(stored, "effect_high");
  change.psi = Number(stored, "psi");
  change.psi_low = Number(stored, "psi_low");
  if (const auto steps = stored.find("steps"); steps != stored.end() && steps->is_number())
    change.steps = steps->get<std::uint32_t>();
  return change;
}

}  // namespace alerts
