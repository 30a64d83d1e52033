#include "monitor/judge/evidence/category_slots.h"

#include <algorithm>

#include "detectors/evidence/category_plan.h"

namespace monitor {

using detectors::CategoryId;
using detectors::CategoryPlan;

bool CategorySlots::Add(const detectors::FeatureSummary& baseline) {
  std::vector<std::string> names = names_;
  for (const CategoryId id : CategoryPlan::LargeCategories(baseline.categories())) {
    const std::string& name = baseline.shape().dictionary.name(id);
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  if (names.size() > kMost) return false;
  names_ = std::move(names);
  return true;
}

std::vector<CategoryId> CategorySlots::In(const detectors::FeatureSummary& baseline) const {
  const detectors::CategoryDictionary& dictionary = baseline.shape().dictionary;
  std::vector<CategoryId> ids;
  for (const std::string& name : names_) {
    const CategoryId id = dictionary.Find(name);
    ids.push_back(id < dictionary.size() ? id : static_cast<CategoryId>(CategoryPlan::kNoCategory));
  }
  return ids;
}

void CategorySlots::Encode(detectors::Encoder& out) const {
  out.Varint(names_.size());
  for (const std::string& name : names_) out.Text(name);
}

CategorySlots CategorySlots::Decode(detectors::Decoder& in) {
  CategorySlots slots;
  for (std::size_t left = in.Count(kMost); left > 0; --left) slots.names_.emplace_back(in.Text());
  return slots;
}

}  // namespace monitor
