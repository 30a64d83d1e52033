#include "monitor/judge/quality/confined_loss.h"

#include <optional>

#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using detectors::Estimate;

const Estimate* Find(const detectors::QualityMeasures& measures, const std::string& metric) {
  const auto found = measures.find(metric);
  return found == measures.end() || !found->second.ok() ? nullptr : &found->second;
}

}  // namespace

std::string ConfinedLoss(const std::map<std::string, CohortCounts>& by_segment, const QualityFacts& facts,
                         const QualityReference& reference, bool absent_counts) {
  const bool numbers = facts.task == baselines::Task::kRegression;
  const std::string metric = numbers ? "rmse" : "accuracy";
  const Estimate* const trained = Find(reference.metrics, metric);
  if (by_segment.size() < 2 || trained == nullptr) return "";
  std::string confined;
  for (const auto& [name, counts] : by_segment) {
    std::optional<CohortCounts> others;
    for (const auto& [other, more] : by_segment) {
      if (other == name) continue;
      others ? others->Merge(more) : static_cast<void>(others = more);
    }
    const QualityReport here = MakeQualityReport(counts, facts, reference, absent_counts);
    const QualityReport elsewhere = MakeQualityReport(*others, facts, reference, absent_counts);
    const Estimate *const of_here = Find(here.metrics, metric), *const of_others = Find(elsewhere.metrics, metric);
    if (of_here == nullptr || of_others == nullptr) continue;
    const bool worse = numbers ? of_here->low > trained->value : of_here->high < trained->value;
    const bool others_too = numbers ? of_others->low > trained->value : of_others->high < trained->value;
    if (!worse || others_too) continue;
    if (!confined.empty()) return "";
    confined = ", confined to " + (name.empty() ? "records that name no segment" : "segment " + name) + ": " +
               Number(of_here->value) + " there (95 %: " + Number(of_here->low) + " to " + Number(of_here->high) +
               "), " + Number(of_others->value) + " elsewhere";
  }
  return confined;
}

}  // namespace monitor
