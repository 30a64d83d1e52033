// WhereChanged of change_shape.h.
#include <algorithm>
#include <cmath>
#include <vector>

#include "detectors/distances/distance.h"
#include "monitor/judge/triage/change_shape.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

double Total(const std::vector<std::uint64_t>& cells) {
  double sum = 0;
  for (const std::uint64_t count : cells) sum += static_cast<double>(count);
  return sum;
}

std::string FromTo(double before, double now) {
  return (now > before ? " up from " : " down from ") + Percent(before) + " to " + Percent(now);
}

// Cells first … last.
std::string Range(std::span<const double> cuts, std::size_t first, std::size_t last) {
  if (first == 0 && last >= cuts.size()) return "all values";
  if (first == 0) return "values up to " + Number(cuts[last]);
  if (last >= cuts.size()) return "values above " + Number(cuts[first - 1]);
  return "values between " + Number(cuts[first - 1]) + " and " + Number(cuts[last]);
}

std::string CategoryName(const detectors::FeatureSummary& base, std::size_t cell) {
  const auto& dictionary = base.shape().dictionary;
  if (cell < dictionary.size()) return "“" + dictionary.name(static_cast<detectors::CategoryId>(cell)) + "”";
  return cell == dictionary.size() && base.categories().other() > 0 ? "rare categories"
                                                                    : "categories unknown to training";
}

}  // namespace

std::string WhereChanged(const detectors::FeatureSummary& base, const detectors::FeatureSummary& live) {
  const bool has_other = base.kind() == detectors::FeatureKind::kCategorical && base.categories().other() > 0;
  const std::vector<std::uint64_t> before = detectors::CoarseCells(base, has_other),
                                   now = detectors::CoarseCells(live, has_other);
  const double rows = Total(before), records = Total(now), cells = static_cast<double>(before.size());
  if (rows == 0 || records == 0 || before.size() < 2) return {};
  std::vector<double> difference(before.size()), part(before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double p = (static_cast<double>(before[i]) + 0.5) / (rows + cells / 2);
    const double q = (static_cast<double>(now[i]) + 0.5) / (records + cells / 2);
    difference[i] = q - p;
    part[i] = (q - p) * std::log(q / p);
  }
  const auto top = static_cast<std::size_t>(std::ranges::max_element(part) - part.begin());
  std::size_t first = top, last = top;
  if (base.kind() == detectors::FeatureKind::kNumeric) {
    // Neighbours that changed the same way, and by no trifle, belong to the same region.
    const auto joins = [&](std::size_t i) { return difference[i] * difference[top] > 0 && part[i] >= part[top] / 10; };
    while (first > 0 && joins(first - 1)) --first;
    while (last + 1 < part.size() && joins(last + 1)) ++last;
  }
  double was = 0, is = 0;
  for (std::size_t i = first; i <= last; ++i) {
    was += static_cast<double>(before[i]) / rows;
    is += static_cast<double>(now[i]) / records;
  }
  return (base.kind() == detectors::FeatureKind::kNumeric ? Range(base.shape().binning.coarse_cuts(), first, last)
                                                          : CategoryName(base, top)) +
         FromTo(was, is);
}

}  // namespace monitor
