// CategoryPlan: the rates that a categorical feature is watched by.
//
// Each of the (at most 20) most frequent categories with at least 1 % of the reference, or each that one asks for, is a
// rate of its own, in both directions; the remaining known names together are one. All are shares of the values, unseen
// ones among them and missing ones not: how many are unseen is a rate of its own. Immutable, thread-safe. Cost: Tallies
// 1 ns per known category.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detectors/counts/category_counts.h"
#include "detectors/evidence/rate_plan.h"

namespace detectors {

class CategoryPlan {
 public:
  static constexpr std::size_t kMaxLarge = 20;
  static constexpr double kLarge = 0.01;
  static constexpr std::size_t kNoCategory = CategoryDictionary::kNoValue;

  // The most frequent categories, the largest first.
  static std::vector<CategoryId> LargeCategories(const CategoryCounts& reference);

  CategoryPlan(const CategoryCounts& reference, const DeadBand& dead_band)
      : CategoryPlan(LargeCategories(reference), reference, dead_band) {}
  // `categories`, distinct, have rates of their own. kNoCategory: one that the reference does not know; its rate says
  // nothing (0 records). Plans of as many categories have components of the same meaning where these are the same.
  CategoryPlan(std::vector<CategoryId> categories, const CategoryCounts& reference, const DeadBand& dead_band);

  // The feature's rates as RatePlan knows them: the rest, then the categories.
  const RatePlan& rates() const { return rates_; }
  std::vector<Tally> Tallies(const CategoryCounts& step) const;
  // What rate `rate` counts: a known category, or kNoCategory for the rest (the first).
  std::size_t CategoryOf(std::size_t rate) const { return rate == 0 ? kNoCategory : categories_[rate - 1]; }

 private:
  std::vector<CategoryId> categories_;
  RatePlan rates_;
};

}  // namespace detectors
