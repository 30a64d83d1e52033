// AlarmShares: how a model's budget of false alarms is divided among everything that is watched (STATISTICS 3.2).
//
//   0.90  its columns (features, prediction, score), equally or half equally and half by importance. Of a column:
//         0.75  its distribution
//         0.05  each: the rate of missing values; of values of the wrong type; of values out of the training range, or
//               unseen in training
//         0.10  its gross faults, which are judged pane by pane
//   0.10  the model itself: 0.02 its volume, judged with every step
//         0.02  each: its quality, the gap between estimated and true quality, the share of predictions with a label;
//               judged with every cohort that matures
//         0.015 the correlations of its features, pair by pair, and 0.005 their principal components, judged with
//               every step
//
// The parts add up to at most 1, so whatever is watched besides never adds false alarms. Variants that serve in the
// same step divide their model's budget. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "detectors/evidence/alarm_budget.h"
#include "detectors/feature_summary.h"
#include "monitor/daemon/config/config.h"
#include "monitor/ingest/counting_plan.h"

namespace monitor {

// What is watched of a column at the end of every step. Stored by number.
enum class Quantity : std::uint8_t { kDistribution = 0, kMissing = 1, kTypeFaults = 2, kOutOfRange = 3, kUnseen = 4 };

inline constexpr double kColumnsShare = 0.9;
inline constexpr double kVolumeShare = 0.02;
inline constexpr double kCorrelationShare = 0.015;
inline constexpr double kPcaShare = 0.005;
inline constexpr double kQualityShare = 0.02;  // each of QualityEvidence's figures

// Every quantity that a column of this kind has.
std::span<const Quantity> QuantitiesOf(detectors::FeatureKind kind);
// A quantity's part of its column's share.
double ShareOf(Quantity quantity);
// "distribution", "missing_rate", … as the API names the monitors of a column.
std::string_view Text(Quantity quantity);

// Parts of kColumnsShare, summing up to 1 over all columns of the frames: equal ones, or half equal and half by the
// importance of features (STATISTICS 3.2). A feature without a stated importance has 0, prediction and score the mean.
class ColumnShares {
 public:
  ColumnShares(std::span<const Frame* const> frames, const std::map<std::string, double>& importances);
  double Of(const std::string& column) const;  // of one of the frames

 private:
  std::map<std::string, double, std::less<>> shares_;
};

// The log-likelihood ratio, in nats, at which a gross fault is told. Page's cumulative sum never exceeds the
// Shiryaev–Roberts sum, so a fault that is told at ln c fires at most once in c panes on average (Lorden 1971), and
// c = T/(X·w) keeps the budget as it does for evidence. That is true of independent records; as they come in batches
// and sessions that go wrong together, they count as clusters of 1.75: the sum must reach 1.75·ln c.
// `panes_at_once`: panes that close together (versions and variants), which share the budget.
double GrossFaultNats(const detectors::AlarmBudget& budget, std::int64_t pane_ns, double column_share,
                      std::size_t panes_at_once);

// A model's budget: `over: all` divides one among all models.
detectors::AlarmBudget BudgetOf(const Config& config);

}  // namespace monitor
