#include "monitor/judge/evidence/evidence_book.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <set>
#include <vector>

#include "baselines/complete.h"

namespace monitor {
namespace {

constexpr std::uint8_t kVersion = 3;  // 2 had monitors by sets of categories
constexpr std::uint8_t kWithoutReferences = 1;
constexpr std::uint64_t kForgetAfter = detectors::DesignEffect::kSteps;  // steps without values

constexpr std::int64_t kForgetLiveNs = (LiveReference::kComplete + 1) * LiveReference::kWeekNs;
const detectors::StepLadder& LadderOf(const baselines::ProfileColumn& column, Quantity quantity) {
  static const detectors::StepLadder unknown;
  if (quantity == Quantity::kDistribution) return column.value_steps;
  return quantity == Quantity::kMissing ? column.missing_steps : unknown;
}

// Monitors of a numeric and of a categorical distribution differ; all others are alike.
constexpr std::uint64_t kNumeric = 0, kOther = 1;
std::uint64_t KindOf(const baselines::ProfileColumn& column, Quantity quantity) {
  return quantity == Quantity::kDistribution && column.kind() == detectors::FeatureKind::kNumeric ? kNumeric : kOther;
}

const std::string& DigestOfColumn(const baselines::Profile& baseline, const std::string& column) {
  for (const auto* outcome : {&baseline.prediction, &baseline.score}) {
    if (*outcome && (*outcome)->name == column) return baselines::DigestOf(baseline, **outcome);
  }
  return baselines::BaseDigestOf(baseline);
}

}  // namespace

double EvidenceBook::Threshold(const EvidenceSettings& settings, std::int64_t step_ns, double share,
                               Quantity quantity) {
  return settings.budget.Threshold(step_ns, kColumnsShare * share * ShareOf(quantity));
}

void EvidenceBook::AddStep(const StepInput& input) {
  std::vector<const Frame*> frames;
  std::map<Key, std::vector<EvidencePart>> parts;
  std::map<std::pair<std::string, Quantity>, std::size_t> kinds;
  std::list<detectors::FeatureSummary> merged;
  for (const PaneSummary* version : input.versions) {
    frames.push_back(version->frame.get());
    for (std::size_t i = 0; i < version->columns.size(); ++i) {
      const baselines::ProfileColumn& column = version->frame->column(i);
      if (input.faults != nullptr && !input.faults->Firing(column.name).empty()) continue;
      for (const Quantity quantity : QuantitiesOf(column.kind())) {
        auto& slot = parts[{column.name, quantity, KindOf(column, quantity)}];
        if (slot.empty()) ++kinds[{column.name, quantity}];
        const std::string& digest = baselines::DigestOf(version->frame->profile(), column);
        const auto same = std::ranges::find_if(slot, [&](const EvidencePart& part) { return *part.digest == digest; });
        if (same == slot.end()) {
          const auto live = live_.find({column.name, digest});
          const bool seasonal = quantity == Quantity::kDistribution && column.seasons;
          slot.push_back({.digest = &digest,
                          .baseline = &column.summary,
                          .step = &version->columns[i],
                          .live = live == live_.end() ? nullptr : &live->second,
                          .ladder = &LadderOf(column, quantity),
                          .seasons = seasonal ? &column.seasons->cells : nullptr});
          continue;
        }
        // Versions with one baseline are one traffic: a rate's log e is not additive within a step.
        merged.push_back(*same->step);
        merged.back().Merge(version->columns[i]);
        same->step = &merged.back();
      }
    }
  }
  for (auto& [key, monitor] : monitors_) {
    if (!parts.contains(key)) monitor.Idle();
  }
  const ColumnShares shares(frames, input.settings.importances);
  for (const auto& [key, of_step] : parts) {
    const auto& [column, quantity, kind] = key;
    const double sharers = static_cast<double>(input.variants * kinds.at({column, quantity}));
    const auto at = monitors_.try_emplace(key, quantity).first;
    at->second.AddStep({.start_ns = input.start_ns,
                        .step_ns = input.step_ns,
                        .parts = of_step,
                        .min_effect = input.settings.min_effect,
                        .budget = input.settings.budget,
                        .threshold = Threshold(input.settings, input.step_ns, shares.Of(column), quantity) * sharers,
                        .cover_ns = input.cover_ns,
                        .learn_only = input.learn_only});
  }
  KeepLive(input, parts);
  std::erase_if(monitors_,
                [](const auto& entry) { return !entry.second.firing() && entry.second.idle_steps() > kForgetAfter; });
}

void EvidenceBook::ReleasePlans() {
  for (auto& [key, monitor] : monitors_) monitor.ReleasePlans();
}

void EvidenceBook::KeepLive(const StepInput& input, const std::map<Key, std::vector<EvidencePart>>& parts) {
  std::set<std::string> changed;
  for (const auto& [key, monitor] : monitors_) {
    if (parts.contains(key) && monitor.alarmed()) changed.insert(std::get<0>(key));
  }
  for (auto& [key, live] : live_) {
    if (changed.contains(key.first)) live.Restart();
  }
  for (const auto& [key, of_step] : parts) {
    if (std::get<1>(key) != Quantity::kDistribution) continue;
    for (const EvidencePart& part : of_step) {
      live_[{std::get<0>(key), *part.digest}].Add(input.start_ns, input.start_ns + input.step_ns, input.cover_ns,
                                                  *part.step);
    }
  }
  std::erase_if(live_, [&](const auto& entry) {
    return entry.second.empty() || input.start_ns - entry.second.newest_ns() > kForgetLiveNs;
  });
}

bool EvidenceBook::Accept(const std::string& column, Quantity quantity) {
  std::map<std::string, const LiveReference*> live;
  for (const auto& [key, reference] : live_) {
    if (key.first == column) live.emplace(key.second, &reference);
  }
  bool any = false;
  for (auto& [key, monitor] : monitors_) {
    if (std::get<0>(key) == column && std::get<1>(key) == quantity) any = monitor.Accept(live) || any;
  }
  return any;
}

bool EvidenceBook::UndoAccept(const std::string& column, Quantity quantity) {
  bool any = false;
  for (auto& [key, monitor] : monitors_) {
    if (std::get<0>(key) == column && std::get<1>(key) == quantity) any = monitor.UndoAccept() || any;
  }
  return any;
}

std::optional<detectors::FeatureSummary> EvidenceBook::AcceptedOf(
    const std::string& column, Quantity quantity, const baselines::Profile& baseline,
    const std::shared_ptr<const detectors::FeatureShape>& shape) const {
  for (auto at = monitors_.lower_bound({column, quantity, 0}); at != monitors_.end(); ++at) {
    if (std::get<0>(at->first) != column || std::get<1>(at->first) != quantity) break;
    if (const LiveReference* const accepted = at->second.AcceptedOf(DigestOfColumn(baseline, column)))
      return accepted->Sum(shape)->sum;
  }
  return std::nullopt;
}

void EvidenceBook::Settle(const WindowEffects& effects) {
  for (auto& [key, monitor] : monitors_) {
    const auto effect = effects.find({std::get<0>(key), std::get<1>(key)});
    monitor.Settle(effect == effects.end() ? std::nullopt : std::optional(effect->second));
  }
}

std::optional<EvidenceFinding> EvidenceBook::Of(const std::string& column, Quantity quantity) const {
  std::optional<EvidenceFinding> finding;
  for (auto at = monitors_.lower_bound({column, quantity, 0}); at != monitors_.end(); ++at) {
    const auto& [key, monitor] = *at;
    if (std::get<0>(key) != column || std::get<1>(key) != quantity) break;
    if (monitor.steps() == 0) continue;
    if (!finding) finding.emplace();
    finding->evidence = std::max(finding->evidence, monitor.evidence());
    finding->more_steps =
        std::max(finding->more_steps, std::ceil(monitor.needed_steps()) - static_cast<double>(monitor.steps()));
    if (monitor.accepted()) finding->accepted_since_ns = monitor.accepted_since_ns();
    if (!monitor.firing() || (finding->firing && finding->began_ns <= monitor.began_ns())) continue;
    finding->firing = true;
    finding->fired_evidence = monitor.fired_evidence();
    finding->began_ns = monitor.began_ns();
    finding->took = monitor.took();
    finding->standing = monitor.standing();
    finding->quiet_steps = monitor.quiet_steps();
    finding->words = monitor.words();
    finding->account = "[" + monitor.account();
    if (const ChangeWatch* const change = monitor.change()) {
      finding->changes = change->changes();
      finding->changed_ns = change->changed_ns();
      finding->toward_training = change->toward_training();
      finding->change_words = change->words();
      finding->change_evidence = change->evidence();
      if (!change->account().empty()) finding->account += "," + change->account();
    }
    finding->account += "]";
    // Of the versions that serve now, the one that has changed last.
    finding->stable_since_ns = 0;
    for (auto live = live_.lower_bound({column, ""}); live != live_.end() && live->first.first == column; ++live) {
      if (live->second.ready() && live->second.since_ns() > finding->stable_since_ns)
        finding->stable_since_ns = live->second.since_ns();
    }
  }
  return finding;
}

std::size_t EvidenceBook::learnt_steps() const {
  std::size_t most = 0;
  for (const auto& [key, monitor] : monitors_) most = std::max(most, monitor.learnt_steps());
  return most;
}

void EvidenceBook::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(monitors_.size());
  for (const auto& [key, monitor] : monitors_) {
    out.Text(std::get<0>(key));
    out.Byte(static_cast<std::uint8_t>(std::get<1>(key)));
    out.Varint(std::get<2>(key));
    monitor.Encode(out);
  }
  out.Varint(live_.size());
  for (const auto& [key, live] : live_) {
    out.Text(key.first);
    out.Text(key.second);
    live.Encode(out);
  }
}

EvidenceBook EvidenceBook::Decode(detectors::Decoder& in) {
  const std::uint8_t version = in.Byte();
  if (version == 0 || version > kVersion) throw detectors::DecodeError("evidence book: an unknown version");
  EvidenceBook book;
  for (std::size_t left = in.Count(1 << 20); left > 0; --left) {
    const std::string column(in.Text());
    const std::uint8_t quantity = in.Byte();
    if (quantity > static_cast<std::uint8_t>(Quantity::kUnseen))
      throw detectors::DecodeError("evidence book: an unknown quantity");
    const std::uint64_t kind = in.Varint();
    const auto of = static_cast<Quantity>(quantity);
    EvidenceMonitor monitor = EvidenceMonitor::Decode(in, of);
    // Up to version 2 categorical distributions had a monitor for every set of categories, whose names are not known.
    if (kind > kOther) monitor.ForgetEvidence();
    EvidenceMonitor& slot = book.monitors_.try_emplace(Key{column, of, std::min(kind, kOther)}, of).first->second;
    if (!slot.firing()) slot = std::move(monitor);
  }
  if (version == kWithoutReferences) return book;
  for (std::size_t left = in.Count(1 << 20); left > 0; --left) {
    std::string column(in.Text());
    std::string digest(in.Text());
    book.live_.emplace(std::pair{std::move(column), std::move(digest)}, LiveReference::Decode(in));
  }
  return book;
}

}  // namespace monitor
