#include "monitor/serve/quality_api.h"

#include <cmath>
#include <deque>
#include <map>
#include <memory>
#include <tuple>

#include "alerts/messages/time_text.h"
#include "baselines/profile_file.h"
#include "monitor/labels/quality_report.h"
#include "monitor/serve/api.h"

namespace monitor {
namespace {

using detectors::Estimate;
using nlohmann::json;

constexpr std::uint64_t kLeastLabels = 1000;  // for a calibration

json Finite(double value) { return std::isfinite(value) ? json(value) : json(nullptr); }

json EstimateJson(const Estimate& estimate) {
  if (!estimate.ok())
    return {{"value", nullptr}, {"low", nullptr}, {"high", nullptr}, {"why", detectors::Reason(estimate.why)}};
  return {{"value", Finite(estimate.value)}, {"low", Finite(estimate.low)}, {"high", Finite(estimate.high)}};
}

json MeasuresJson(const detectors::QualityMeasures& measures) {
  json out = json::object();
  for (const auto& [name, estimate] : measures) out[name] = EstimateJson(estimate);
  return out;
}

// Values alone, of what can be computed.
json ValuesJson(const detectors::QualityMeasures& measures) {
  json out = json::object();
  for (const auto& [name, estimate] : measures) {
    if (estimate.ok()) out[name] = Finite(estimate.value);
  }
  return out;
}

// Cohorts of one row: the same bins, so that their counts can be merged.
struct CohortRow {
  std::int64_t start_ns = 0, end_ns = 0;
  std::string digest;
  CohortCounts counts;
  DelayHistogram delays;
  unsigned level = 0;
  bool filled = false;

  void Add(const Cohort& cohort) {
    if (!filled) {
      digest = cohort.digest();
      counts = cohort.Sum();
      filled = true;
    } else {
      counts.Merge(cohort.Sum());
    }
    delays.Merge(cohort.delays());
    level = std::max(level, cohort.level());
  }

  // Of rows in the order of time.
  void Append(const CohortRow& later) {
    if (!filled) {
      *this = later;
      return;
    }
    counts.Merge(later.counts);
    delays.Merge(later.delays);
    level = std::max(level, later.level);
    end_ns = later.end_ns;
  }
};

class Report {
 public:
  Report(const History& history, QualityFacts facts) : history_(history), facts_(std::move(facts)) {}

  const QualityFacts& facts() const { return facts_; }

  // Estimates by the live labels from here on; left as they are where those are too few to say what a score is worth.
  void Recalibrate(const std::string& digest, const CohortCounts& counts) {
    if (counts.classes.scored_labels() < kLeastLabels) return;
    const auto stored = history_.ProfileJson(digest);
    if (!stored) return;
    ReferenceOf(digest);
    const auto bins = baselines::ScoreBinsOf(baselines::ProfileFromJson(*stored, "state:" + digest));
    references_[digest]->calibration = detectors::Calibration::Fit(counts.classes, bins);
  }

  json Make(const CohortRow& row, const std::string& version, const std::string& variant, bool mature) {
    const bool absent = facts_.absent_value && facts_.labels_watermark_ns != INT64_MIN &&
                        facts_.labels_watermark_ns >= row.end_ns + facts_.absent_after_ns;
    const QualityReport report = MakeQualityReport(row.counts, facts_, ReferenceOf(row.digest), absent);
    json out{{"start", alerts::FormatTime(row.start_ns)},
             {"end", alerts::FormatTime(row.end_ns)},
             {"version", version},
             {"variant", variant},
             {"predictions", report.predictions},
             {"labels", report.labels},
             {"coverage", report.predictions == 0 ? json(nullptr) : json(report.coverage())},
             {"mature", mature},
             {"absent_counted", absent},
             {"sampling_rate", std::ldexp(1.0, -static_cast<int>(row.level))},
             {"metrics", MeasuresJson(report.metrics)},
             {"estimated", MeasuresJson(report.estimated)},
             {"floor", ValuesJson(report.floor)},
             {"reference", ValuesJson(ReferenceOf(row.digest).metrics)},
             {"delay_seconds", Delays(row.delays)},
             {"accuracy_bounds", report.bounds.ok()
                                     ? json{{"low", Finite(report.bounds.low)}, {"high", Finite(report.bounds.high)}}
                                     : json(nullptr)},
             {"selection", Selection(report.selection)}};
    if (facts_.task == baselines::Task::kMultiClass || facts_.task == baselines::Task::kBinary)
      out["confusion"] = Confusion(row.counts.classes);
    return out;
  }

  // Do labelled and unlabelled predictions differ over all that is shown? A window is often too short to tell.
  static json SelectionOver(const CohortRow& row) {
    if (row.counts.labels() == 0 || row.counts.labels() == row.counts.predictions()) return nullptr;
    json out = Selection(detectors::CompareLabelled(row.counts.classes));
    if (out.is_object()) out["start"] = alerts::FormatTime(row.start_ns), out["end"] = alerts::FormatTime(row.end_ns);
    return out;
  }

 private:
  static json Delays(const DelayHistogram& delays) {
    json out = json::object();
    for (const auto& [name, share] : {std::pair{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}}) {
      const auto ns = delays.QuantileNs(share);
      out[name] = ns ? json(static_cast<double>(*ns) / 1e9) : json(nullptr);
    }
    return out;
  }

  static json Selection(const std::optional<detectors::LabelSelection>& selection) {
    if (!selection || selection->why != detectors::NotComputable::kComputed) return nullptr;
    return {{"p_value", Finite(selection->p_value)},
            {"cramers_v", Finite(selection->cramers_v)},
            {"mean_score_labelled", Finite(selection->mean_score_labelled)},
            {"mean_score_unlabelled", Finite(selection->mean_score_unlabelled)}};
  }

  std::string ClassName(std::uint16_t code) const {
    return code < facts_.classes.size() ? facts_.classes[code] : std::string();
  }

  json Confusion(const detectors::ClassificationCounts& counts) const {
    std::map<std::pair<std::string, std::string>, std::uint64_t> cells;
    counts.ForEach([&](const detectors::ClassificationCounts::Cell& cell) {
      if (cell.label != detectors::kNone && cell.predicted != detectors::kNone)
        cells[{ClassName(cell.predicted), ClassName(cell.label)}] += cell.count;
    });
    json out = json::array();
    for (const auto& [key, count] : cells)
      out.push_back({{"predicted", key.first}, {"label", key.second}, {"count", count}});
    return out;
  }

  const QualityReference& ReferenceOf(const std::string& digest) {
    auto& slot = references_[digest];
    if (slot == nullptr) {
      const auto stored = history_.ProfileJson(digest);
      slot = std::make_unique<QualityReference>(stored ? baselines::ProfileFromJson(*stored, "state:" + digest)
                                                       : baselines::Profile{});
    }
    return *slot;
  }

  const History& history_;
  QualityFacts facts_;
  std::map<std::string, std::unique_ptr<QualityReference>> references_;
};

using Source = std::tuple<std::string, std::string, std::string>;  // version, variant, segment

}  // namespace

json QualityJson(const History& history, const HistoryQuery& query, const QualityView& view) {
  json answer{{"cohorts", json::array()}};
  const auto stored_facts = history.LabelFacts(query.model);
  if (!stored_facts) return answer;
  Report report(history, QualityFacts::FromJson(*stored_facts));
  const QualityFacts& facts = report.facts();
  answer["windows"] = json::array();
  answer["task"] = baselines::TaskName(facts.task);
  answer["labels"] = LabelsJson(facts.counters);
  answer["positive"] = facts.positive.empty() ? json(nullptr) : json(facts.positive);
  answer["labels_watermark"] =
      facts.labels_watermark_ns == INT64_MIN ? json(nullptr) : json(alerts::FormatTime(facts.labels_watermark_ns));
  answer["mature_after_seconds"] = static_cast<double>(facts.mature_age_ns) / 1e9;
  if (facts.task == baselines::Task::kNone) return answer;

  std::map<std::pair<std::int64_t, Source>, CohortRow> rows;
  for (const StoredCohort& stored : history.Cohorts(query)) {
    CohortRow& row =
        rows[{stored.start_ns, {stored.version, stored.variant, view.by_segment ? stored.segment : std::string()}}];
    row.start_ns = stored.start_ns;
    row.end_ns = stored.end_ns;
    row.Add(Cohort::Decode(stored.bytes));
  }
  if (view.recalibrated) {
    std::map<std::string, CohortCounts> mature;  // by digest: on the same bins
    for (const auto& [key, row] : rows) {
      if (!facts.Mature(row.end_ns)) continue;
      const auto [slot, fresh] = mature.try_emplace(row.digest, row.counts);
      if (!fresh) slot->second.Merge(row.counts);
    }
    for (const auto& [digest, counts] : mature) report.Recalibrate(digest, counts);
  }
  std::map<Source, std::deque<const CohortRow*>> recent;  // mature cohorts within a window
  std::map<Source, CohortRow> all;                        // mature cohorts on the newest baseline
  for (const auto& [key, row] : rows) {
    const auto& [version, variant, segment] = key.second;
    const bool mature = facts.Mature(row.end_ns);
    json cohort = report.Make(row, version, variant, mature);
    if (view.by_segment) cohort["segment"] = segment;
    answer["cohorts"].push_back(std::move(cohort));
    if (!mature) continue;
    auto& window = recent[key.second];
    window.push_back(&row);
    CohortRow& whole = all[key.second];
    if (whole.digest != row.digest) whole = CohortRow();
    whole.Append(row);
    while (window.front()->start_ns < row.end_ns - facts.window_ns || window.front()->digest != row.digest)
      window.pop_front();
  }
  for (const auto& [source, window] : recent) {
    CohortRow merged;
    for (const CohortRow* row : window) merged.Append(*row);
    json out = report.Make(merged, std::get<0>(source), std::get<1>(source), true);
    if (view.by_segment) out["segment"] = std::get<2>(source);
    if (facts.task != baselines::Task::kRegression) out["selection_shown"] = Report::SelectionOver(all[source]);
    answer["windows"].push_back(std::move(out));
  }
  return answer;
}

}  // namespace monitor
