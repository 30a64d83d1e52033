#include "detectors/evidence/step_ladder.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;

bool Sound(const std::vector<StepLadder::Rung>& rungs) {
  for (std::size_t i = 0; i < rungs.size(); ++i) {
    const StepLadder::Rung& rung = rungs[i];
    if (rung.step_s <= 0 || rung.blocks < StepLadder::kLeastBlocks) return false;
    if (!(std::isfinite(rung.records) && rung.records > 0) || rung.effects.empty()) return false;
    if (!std::ranges::all_of(rung.effects, [](float effect) { return std::isfinite(effect) && effect >= 0; }))
      return false;
    if (i > 0 && (rung.step_s <= rungs[i - 1].step_s || rung.effects.size() != rungs[0].effects.size())) return false;
  }
  return true;
}

// What makes a variance estimate of N blocks a 95 % upper bound: (N−1)/χ²(5 %; N−1), by Wilson and Hilferty (1931).
double Upper(std::uint32_t blocks) {
  const double part = 2 / (9.0 * (blocks - 1));
  const double root = 1 - part - 1.645 * std::sqrt(part);
  return 1 / (root * root * root);
}

double Bound(const StepLadder::Rung& rung, std::size_t direction) {
  return std::max(1.0, static_cast<double>(rung.effects[direction]) * Upper(rung.blocks));
}

double Largest(const StepLadder::Rung& rung) {
  double largest = 1;
  for (std::size_t d = 0; d < rung.effects.size(); ++d) largest = std::max(largest, Bound(rung, d));
  return largest;
}

}  // namespace

StepLadder::StepLadder(std::vector<Rung> rungs) : rungs_(std::move(rungs)) {
  if (!Sound(rungs_)) throw std::invalid_argument("step ladder: a rung out of range");
}

const StepLadder::Rung& StepLadder::RungFor(std::int64_t step_s) const {
  const auto rung = std::ranges::lower_bound(rungs_, step_s, {}, &Rung::step_s);
  return rung == rungs_.end() ? rungs_.back() : *rung;
}

double StepLadder::Value(std::size_t direction, const Question& question) const {
  const Rung* const rung = &RungFor(question.step_s);
  const double events = rung->records * rung->blocks * question.events;
  double value = (events * Bound(*rung, direction) + DesignEffect::kConservativeEvents * DesignEffect::kConservative) /
                 (events + DesignEffect::kConservativeEvents);
  for (const Rung* longer = rung + 1; longer != rungs_.data() + rungs_.size(); ++longer) {
    const auto effect = static_cast<double>(longer->effects[direction]);
    if (effect <= 0) continue;
    const double beyond = 1 - question.min_effect / (3 * std::sqrt(effect / longer->records));
    if (beyond > 0) value = std::max(value, effect * beyond * beyond);
  }
  return 1 + (value - 1) * std::max(1.0, question.records / rung->records);
}

double StepLadder::OfBaseline() const { return Largest(rungs_.back()); }

double StepLadder::OfSeason(std::int64_t step_s) const { return Largest(RungFor(step_s)); }

void StepLadder::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(rungs_.size());
  for (const Rung& rung : rungs_) {
    out.Varint(static_cast<std::uint64_t>(rung.step_s));
    out.Varint(rung.blocks);
    out.Double(rung.records);
    out.Varint(rung.effects.size());
    for (const float effect : rung.effects) out.Double(static_cast<double>(effect));
  }
}

StepLadder StepLadder::Decode(Decoder& in) {
  in.Version(kVersion, "step ladder");
  std::vector<Rung> rungs(in.Count(kSteps.size()));
  for (Rung& rung : rungs) {
    rung.step_s = static_cast<std::int64_t>(in.Varint());
    rung.blocks = static_cast<std::uint32_t>(in.Varint());
    rung.records = in.Double();
    rung.effects.resize(in.Count(DesignEffect::kMaxDirections));
    for (float& effect : rung.effects) effect = static_cast<float>(in.Double());
  }
  if (!Sound(rungs)) throw DecodeError("step ladder: a rung out of range");
  StepLadder ladder;
  ladder.rungs_ = std::move(rungs);
  return ladder;
}

double StepEffect(const StepLadder& ladder, std::size_t of_ladder, StepLadder::Question question,
                  const DesignEffect& live, std::size_t direction) {
  const double learnt = live.Value(direction, static_cast<std::uint64_t>(question.records));
  if (!ladder.known() || live.state() != DesignEffect::State::kConservative) return learnt;
  return std::min(learnt, ladder.Value(of_ladder, question));
}

}  // namespace detectors
