#include "detectors/evidence/category_plan.h"

#include <algorithm>

namespace detectors {
namespace {

std::vector<CategoryId> LargeCategories(const CategoryCounts& reference) {
  const auto known = reference.known();
  const double least = CategoryPlan::kLarge * static_cast<double>(reference.total());
  std::vector<CategoryId> large;
  for (CategoryId id = 0; id < known.size(); ++id)
    if (known[id] > 0 && static_cast<double>(known[id]) >= least) large.push_back(id);
  std::ranges::stable_sort(large, [&](CategoryId a, CategoryId b) { return known[a] > known[b]; });
  if (large.size() > CategoryPlan::kMaxLarge) large.resize(CategoryPlan::kMaxLarge);
  return large;
}

std::vector<Tally> TalliesOf(std::span<const CategoryId> large, const CategoryCounts& counts) {
  const std::uint64_t total = counts.total();
  std::uint64_t rest = total - counts.unseen();
  std::vector<Tally> tallies;
  tallies.reserve(large.size() + 1);
  for (const CategoryId id : large) {
    tallies.push_back({.events = counts.known()[id], .records = total});
    rest -= counts.known()[id];
  }
  tallies.push_back({.events = rest, .records = total});
  return tallies;
}

}  // namespace

CategoryPlan::CategoryPlan(const CategoryCounts& reference, const DeadBand& dead_band)
    : large_(LargeCategories(reference)), rates_(TalliesOf(large_, reference), dead_band) {}

std::vector<Tally> CategoryPlan::Tallies(const CategoryCounts& step) const { return TalliesOf(large_, step); }

}  // namespace detectors
