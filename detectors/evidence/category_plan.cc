#include "detectors/evidence/category_plan.h"

#include <algorithm>
#include <utility>

namespace detectors {
namespace {

std::vector<Tally> TalliesOf(std::span<const CategoryId> categories, const CategoryCounts& counts) {
  const std::uint64_t total = counts.total();
  std::uint64_t rest = total - counts.unseen();
  std::vector<Tally> tallies(1);
  tallies.reserve(categories.size() + 1);
  for (const CategoryId id : categories) {
    if (id == CategoryPlan::kNoCategory) {
      tallies.push_back({});
      continue;
    }
    tallies.push_back({.events = counts.known()[id], .records = total});
    rest -= counts.known()[id];
  }
  tallies.front() = {.events = rest, .records = total};
  return tallies;
}

}  // namespace

std::vector<CategoryId> CategoryPlan::LargeCategories(const CategoryCounts& reference) {
  const auto known = reference.known();
  const double least = kLarge * static_cast<double>(reference.total());
  std::vector<CategoryId> large;
  for (CategoryId id = 0; id < known.size(); ++id)
    if (known[id] > 0 && static_cast<double>(known[id]) >= least) large.push_back(id);
  std::ranges::stable_sort(large, [&](CategoryId a, CategoryId b) { return known[a] > known[b]; });
  if (large.size() > kMaxLarge) large.resize(kMaxLarge);
  return large;
}

CategoryPlan::CategoryPlan(std::vector<CategoryId> categories, const CategoryCounts& reference,
                           const DeadBand& dead_band)
    : categories_(std::move(categories)), rates_(TalliesOf(categories_, reference), dead_band) {}

std::vector<Tally> CategoryPlan::Tallies(const CategoryCounts& step) const { return TalliesOf(categories_, step); }

}  // namespace detectors
