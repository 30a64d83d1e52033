#include "monitor/sagemaker/weighted_values.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace monitor {

using detectors::FeatureSummary;

double WeightedValues::Quantile(double share) const {
  const double rank = share * static_cast<double>(count_);
  double below = 0;
  for (const auto& [value, weight] : weights_) {
    below += static_cast<double>(weight);
    if (below >= rank) return value;
  }
  return weights_.empty() ? std::numeric_limits<double>::quiet_NaN() : weights_.rbegin()->first;
}

detectors::BinningSource WeightedValues::Source(double low, double high, double point_mass) const {
  detectors::BinningSource source;
  source.count = count_;
  source.min = std::min(low, min());
  source.max = std::max(high, max());
  source.quantile = [this](double share) { return Quantile(share); };
  for (const auto& [value, weight] : weights_) {
    const double share = static_cast<double>(weight) / static_cast<double>(count_);
    if (share > point_mass) source.point_masses.push_back({value, share});
  }
  return source;
}

FeatureSummary WeightedValues::Count(const std::shared_ptr<const detectors::FeatureShape>& shape) const {
  // Horner: values whose weight has the highest bit first, all of them doubled once per bit.
  FeatureSummary sum(shape);
  for (int bit = 63; bit >= 0; --bit) {
    if (sum.records() > 0) sum.Merge(FeatureSummary(sum));
    std::vector<double> values;
    for (const auto& [value, weight] : weights_) {
      if ((weight >> bit & 1) != 0) values.push_back(value);
    }
    sum.AddNumeric(values, 0, 0);
  }
  return sum;
}

FeatureSummary CategoryOnce(const std::shared_ptr<const detectors::FeatureShape>& shape, detectors::CategoryId id,
                            std::string_view unseen) {
  FeatureSummary once(shape);
  if (id == detectors::CategoryDictionary::kUnseen) {
    once.AddCategorical({&id, 1}, {&unseen, 1}, 0, 0);
  } else {
    once.AddCategorical({&id, 1}, {}, 0, 0);
  }
  return once;
}

void AddTimes(FeatureSummary& sum, FeatureSummary once, std::uint64_t times) {
  for (; times > 0; times >>= 1) {
    if ((times & 1) != 0) sum.Merge(once);
    once.Merge(FeatureSummary(once));
  }
}

}  // namespace monitor
