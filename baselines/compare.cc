#include "baselines/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

namespace baselines {
namespace {

using detectors::CategoryDictionary;
using detectors::FeatureKind;
using detectors::FeatureSummary;

// The distribution function of binned values, not normalised.
class Cumulative {
 public:
  explicit Cumulative(const FeatureSummary& summary) : edges_(summary.shape().binning.edges()) {
    double sum = 0;
    for (const std::uint64_t count : summary.bins()) upto_.push_back(sum += static_cast<double>(count));
  }

  double all() const { return upto_.back(); }
  double At(double value) const {
    const auto edge = static_cast<std::size_t>(std::ranges::lower_bound(edges_, value) - edges_.begin());
    if (edge == edges_.size()) return upto_.back();
    if (edge == 0 || edges_[edge] == value) return edges_[edge] == value ? upto_[edge] : 0;
    const double share = (value - edges_[edge - 1]) / (edges_[edge] - edges_[edge - 1]);
    return upto_[edge - 1] + share * (upto_[edge] - upto_[edge - 1]);
  }

 private:
  std::span<const double> edges_;
  std::vector<double> upto_;  // values up to the upper end of each bin
};

void CompareNumbers(const FeatureSummary& before, const FeatureSummary& after, ColumnChange& change) {
  const Cumulative f(before), g(after);
  std::vector<std::uint64_t> cells;
  double done = 0;
  for (const double cut : before.shape().binning.coarse_cuts()) {
    const double upto = std::max(done, std::round(g.At(cut)));
    cells.push_back(static_cast<std::uint64_t>(upto - done));
    done = upto;
  }
  cells.push_back(static_cast<std::uint64_t>(g.all() - done));
  change.psi = detectors::Psi(before.shape().binning.Coarse(before.bins()), cells);
  for (const auto* summary : {&before, &after}) {
    for (const double edge : summary->shape().binning.edges()) {
      change.ks = std::max(change.ks, std::abs(f.At(edge) / f.all() - g.At(edge) / g.all()));
    }
  }
}

std::vector<std::string> NamesNotIn(const FeatureSummary& summary, const CategoryDictionary& dictionary) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < summary.categories().known().size(); ++i) {
    const std::string& name = summary.shape().dictionary.name(static_cast<detectors::CategoryId>(i));
    if (dictionary.Find(name) == CategoryDictionary::kUnseen) names.push_back(name);
  }
  return names;
}

void CompareNames(const FeatureSummary& before, const FeatureSummary& after, ColumnChange& change) {
  const CategoryDictionary& dictionary = before.shape().dictionary;
  std::vector<std::uint64_t> first(before.categories().known().begin(), before.categories().known().end());
  first.push_back(before.categories().other());
  first.push_back(before.categories().unseen());
  std::vector<std::uint64_t> second(first.size());
  second[dictionary.size()] = after.categories().other();
  second[dictionary.size() + 1] = after.categories().unseen();
  for (std::size_t i = 0; i < after.categories().known().size(); ++i) {
    const auto id = dictionary.Find(after.shape().dictionary.name(static_cast<detectors::CategoryId>(i)));
    const std::size_t cell =
        id < dictionary.size() ? id : dictionary.size() + (id == CategoryDictionary::kOther ? 0 : 1);
    second[cell] += after.categories().known()[i];
  }
  change.psi = detectors::Psi(first, second);
  change.new_names = NamesNotIn(after, dictionary);
  change.lost_names = NamesNotIn(before, after.shape().dictionary);
}

ColumnChange CompareColumns(const std::string& name, const ProfileColumn* before, const ProfileColumn* after) {
  ColumnChange change;
  change.name = name;
  change.before = before;
  change.after = after;
  if (before == nullptr || after == nullptr) return change;
  change.same_kind = before->kind() == after->kind();
  if (!change.same_kind || before->summary.values() == 0 || after->summary.values() == 0) return change;
  if (before->kind() == FeatureKind::kNumeric) {
    CompareNumbers(before->summary, after->summary, change);
  } else {
    CompareNames(before->summary, after->summary, change);
  }
  return change;
}

}  // namespace

std::vector<ColumnChange> CompareBaselines(const Profile& before, const Profile& after) {
  std::vector<ColumnChange> changes;
  for (const ProfileColumn& feature : before.features)
    changes.push_back(CompareColumns(feature.name, &feature, after.Find(feature.name)));
  for (const ProfileColumn& feature : after.features) {
    if (before.Find(feature.name) == nullptr) changes.push_back(CompareColumns(feature.name, nullptr, &feature));
  }
  const auto role = [&](const char* name, const std::optional<ProfileColumn>& first,
                        const std::optional<ProfileColumn>& second) {
    if (first || second)
      changes.push_back(CompareColumns(name, first ? &*first : nullptr, second ? &*second : nullptr));
  };
  role("[prediction]", before.prediction, after.prediction);
  role("[score]", before.score, after.score);
  role("[label]", before.label, after.label);
  return changes;
}

std::string MovedText(const Profile& before, const Profile& after) {
  constexpr double kMoved = 0.1;
  constexpr std::size_t kNamed = 3;
  std::vector<std::pair<double, std::string>> moved;
  for (const ColumnChange& change : CompareBaselines(before, after)) {
    const bool gone = change.before == nullptr || change.after == nullptr || !change.same_kind;
    if (!gone && !(change.psi.ok() && change.psi.value >= kMoved)) continue;
    char psi[32];
    std::snprintf(psi, sizeof psi, "PSI %.2g", change.psi.value);
    const std::string how = change.before == nullptr  ? "new"
                            : change.after == nullptr ? "gone"
                            : !change.same_kind       ? "another type"
                                                      : psi;
    moved.emplace_back(
        gone ? HUGE_VAL : change.psi.value,
        change.name + " (" + how + (change.new_names.empty() ? "" : ", new: " + change.new_names.front()) + ")");
  }
  if (moved.empty()) return "its training data did not move";
  std::ranges::stable_sort(moved, [](const auto& a, const auto& b) { return a.first > b.first; });
  std::string text = "its training data moved: ";
  for (std::size_t i = 0; i < std::min(moved.size(), kNamed); ++i) text += (i == 0 ? "" : ", ") + moved[i].second;
  if (moved.size() > kNamed) text += " and " + std::to_string(moved.size() - kNamed) + " more";
  return text;
}

}  // namespace baselines
