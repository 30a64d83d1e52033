#include "monitor/judge/triage/renamed_category.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <set>

#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using alerts::Change;
using alerts::ChangeKind;
using detectors::FeatureSummary;

constexpr double kLeastShare = 0.01;  // of training, of a category that may be renamed
constexpr std::size_t kNamesShown = 3;

double Share(std::uint64_t count, std::uint64_t total) {
  return total == 0 ? 0 : static_cast<double>(count) / static_cast<double>(total);
}

// Shares by name; what has no name is left out.
std::map<std::string, double> Shares(const FeatureSummary& summary) {
  std::map<std::string, double> shares;
  const auto known = summary.categories().known();
  for (std::size_t i = 0; i < known.size(); ++i)
    shares[summary.shape().dictionary.name(static_cast<detectors::CategoryId>(i))] = Share(known[i], summary.values());
  for (const auto& unseen : summary.categories().TopUnseen(detectors::CategoryCounts::kMaxUnseenNames))
    shares[unseen.name] += Share(unseen.count, summary.values());
  return shares;
}

double TotalVariation(const std::map<std::string, double>& a, const std::map<std::string, double>& b) {
  double sum = 0, left_a = 1, left_b = 1;
  const auto of = [](const std::map<std::string, double>& shares, const std::string& name) {
    const auto found = shares.find(name);
    return found == shares.end() ? 0 : found->second;
  };
  std::set<std::string> names;
  for (const auto* shares : {&a, &b}) {
    for (const auto& [name, share] : *shares) names.insert(name);
  }
  for (const std::string& name : names) {
    sum += std::abs(of(a, name) - of(b, name));
    left_a -= of(a, name);
    left_b -= of(b, name);
  }
  return (sum + std::abs(left_a - left_b)) / 2;
}

// Letters and digits in lower case: how a name is meant, however it is written.
std::string Bare(const std::string& name) {
  std::string bare;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80)
      bare += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return bare;
}

std::string Quoted(const std::string& name) { return "“" + name + "”"; }

}  // namespace

Change NameOfCategories(const FeatureSummary& base, const FeatureSummary& live) {
  const auto unseen = live.categories().TopUnseen(kNamesShown);
  const double unseen_share = Share(live.unseen(), live.values());
  const auto before = base.categories().known(), now = live.categories().known();
  const auto name = [&](std::size_t i) { return live.shape().dictionary.name(static_cast<detectors::CategoryId>(i)); };
  for (const auto& fresh : unseen) {
    const double share = Share(fresh.count, live.values());
    for (std::size_t i = 0; i < before.size(); ++i) {
      const double was = Share(before[i], base.values()), is = Share(now[i], live.values());
      const bool same_but_written = Bare(fresh.name) == Bare(name(i)) && !Bare(fresh.name).empty();
      const bool took_over = was >= kLeastShare && is <= was / 5 && share >= was / 2 && share <= 2 * was;
      if (!same_but_written && !took_over) continue;
      return {.kind = ChangeKind::kRenamed,
              .name = name(i) + " → " + fresh.name,
              .clues = Quoted(name(i)) + " went from " + Percent(was) + " to " + Percent(is) + " while " +
                       Quoted(fresh.name) + ", unknown to training, took " + Percent(share)};
    }
  }
  if (unseen_share >= 0.005 && live.unseen() > 1) {
    std::string names;
    for (const auto& fresh : unseen) names += (names.empty() ? "" : ", ") + Quoted(fresh.name);
    return {.kind = ChangeKind::kNewCategory,
            .name = names,
            .clues = Percent(unseen_share) + " of its values are unknown to training, most often " + names +
                     ", and no known category vanished for them"};
  }
  if (std::ranges::any_of(now, [&](std::uint64_t count) { return count == live.values(); }) && live.values() >= 30)
    return {.kind = ChangeKind::kConstant, .clues = "all values are the same category"};
  return {.kind = ChangeKind::kMix, .clues = WhereChanged(base, live)};
}

bool SwappedCategories(const ChangedColumn& a, const ChangedColumn& b) {
  constexpr double kClose = 0.15, kDifferent = 0.3;
  const auto base_a = Shares(a.base->summary), base_b = Shares(b.base->summary);
  const auto live_a = Shares(*a.live), live_b = Shares(*b.live);
  const auto noise = [](const FeatureSummary& live) { return 1 / std::sqrt(static_cast<double>(live.values())); };
  return TotalVariation(live_a, base_b) <= kClose + noise(*a.live) &&
         TotalVariation(live_b, base_a) <= kClose + noise(*b.live) && TotalVariation(live_a, base_a) >= kDifferent &&
         TotalVariation(live_b, base_b) >= kDifferent;
}

}  // namespace monitor
