#include "monitor/judge/evidence/alarm_shares.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace monitor {

std::span<const Quantity> QuantitiesOf(detectors::FeatureKind kind) {
  static constexpr std::array kNumeric = {Quantity::kDistribution, Quantity::kMissing, Quantity::kTypeFaults,
                                          Quantity::kOutOfRange};
  static constexpr std::array kCategorical = {Quantity::kDistribution, Quantity::kMissing, Quantity::kTypeFaults,
                                              Quantity::kUnseen};
  return kind == detectors::FeatureKind::kNumeric ? std::span(kNumeric) : std::span(kCategorical);
}

double ShareOf(Quantity quantity) { return quantity == Quantity::kDistribution ? 0.75 : 0.05; }

std::string_view Text(Quantity quantity) {
  constexpr std::array<std::string_view, 5> kTexts = {"distribution", "missing_rate", "type_fault_rate",
                                                      "out_of_range_rate", "unseen_rate"};
  return kTexts.at(static_cast<std::size_t>(quantity));
}

ColumnShares::ColumnShares(std::span<const Frame* const> frames, const std::map<std::string, double>& importances) {
  double stated = 0;
  for (const auto& [feature, importance] : importances) stated += importance;
  const double mean = importances.empty() ? 0 : stated / static_cast<double>(importances.size());
  for (const Frame* frame : frames) {
    for (std::size_t i = 0; i < frame->columns(); ++i) {
      const std::string& name = frame->column(i).name;
      const auto given = importances.find(name);
      shares_[name] = i >= frame->features() ? mean : given == importances.end() ? 0 : given->second;
    }
  }
  std::vector<double> values;
  for (const auto& [name, importance] : shares_) values.push_back(importance);
  if (values.empty()) return;
  const std::vector<double> weights = detectors::FeatureWeights(values);
  auto weight = weights.begin();
  for (auto& [name, share] : shares_) share = *weight++;
}

double ColumnShares::Of(const std::string& column) const { return shares_.at(column); }

double GrossFaultNats(const detectors::AlarmBudget& budget, std::int64_t pane_ns, double column_share,
                      std::size_t panes_at_once) {
  constexpr double kOfColumn = 0.1, kKinds = 4;
  // With the default budget, twenty columns and panes of five minutes this is ln 1e12, or eight faulty records in a
  // row: real feeds lose six and go on (the weather of the flights), and a gap of nine in ten is one that people ask
  // about.
  constexpr double kCluster = 1.75;
  const double c = budget.Threshold(pane_ns, kColumnsShare * column_share * kOfColumn / kKinds);
  return kCluster * std::log(c * static_cast<double>(std::max<std::size_t>(1, panes_at_once)));
}

detectors::AlarmBudget BudgetOf(const Config& config) {
  const double sharers = config.alarms_over_all ? static_cast<double>(config.models.size()) : 1;
  return {.expected_false_alarms = config.expected_false_alarms / sharers,
          .period_ns = config.false_alarms_per.count()};
}

}  // namespace monitor
