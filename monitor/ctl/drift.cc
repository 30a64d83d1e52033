// monitorctl drift: compare a file with a baseline once.
#include "monitor/ctl/drift.h"

#include <algorithm>
#include <cmath>
#include <ostream>
#include <tuple>

#include "baselines/profile_file.h"
#include "monitor/ctl/baseline/baseline_histogram.h"
#include "monitor/ctl/progress.h"
#include "monitor/ctl/table.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/judge/windows/window_json.h"
#include "monitor/judge/windows/wording.h"
#include "monitor/training/training_files.h"

namespace monitor {
namespace {

using baselines::Profile;

constexpr const char* kHelp =
    "usage: monitorctl drift --baseline FILE.baseline.json DATA.csv [--json]      (- reads standard input)\n"
    "Compares a file (CSV or JSON lines, also gzip or zstd) with a baseline: every distance per feature, a verdict, "
    "and a sentence for each feature that "
    "drifted.\n"
    "Exit codes: 0 no drift, 1 error, 2 drift or a broken feature, 3 not enough data (fewer than 200 values in all "
    "columns).\n"
    "A feature has drifted when the lower 95 % bound of its population stability index is above 0.2, or that of the "
    "Kolmogorov–Smirnov distance of\n"
    "a number above 0.15. It is broken when far more of its values are missing than in training.\n"
    "Within a verdict features are sorted by how far their shift alone moves the model's mean score or prediction "
    "(`moves`; only with a\n"
    "baseline that has scores or predictions), then by the size of the shift.\n"
    "\n"
    "example: monitorctl drift --baseline flights-1.baseline.json last_week.csv || echo 'do not deploy'\n";

std::size_t Count(const DriftReport& report, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count_if(
      report.columns, [&](const JudgedColumn& column) { return column.verdict.verdict == verdict; }));
}

Verdict Overall(const DriftReport& report) {
  for (const Verdict verdict : {Verdict::kBroken, Verdict::kDrift, Verdict::kOk}) {
    if (Count(report, verdict) > 0) return verdict;
  }
  return Verdict::kInsufficient;
}

std::string ColumnCount(std::size_t count) { return Thousands(count) + (count == 1 ? " column" : " columns"); }

std::string Headline(const Profile& baseline, const DriftReport& report) {
  const std::string sizes = Thousands(report.rows) + " rows against the " + Thousands(baseline.rows) + " of " +
                            baseline.model + " version " + baseline.version;
  const std::string of = " of " + ColumnCount(report.columns.size());
  const std::size_t drifted = Count(report, Verdict::kDrift), broken = Count(report, Verdict::kBroken);
  switch (report.verdict) {
    case Verdict::kInsufficient:
      return "not enough data: " + sizes;
    case Verdict::kOk: {
      const std::size_t few = Count(report, Verdict::kInsufficient);
      return "no drift: " + sizes + (few == 0 ? "" : "; no verdict on " + Thousands(few) + of);
    }
    default:
      break;
  }
  std::string text;
  if (broken > 0) text += Thousands(broken) + of + " broken";
  if (drifted > 0)
    text += std::string(text.empty() ? "" : ", ") + "drift in " + Thousands(drifted) + (broken > 0 ? "" : of);
  return text + ": " + sizes;
}

std::string List(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

std::string Figure(const detectors::Estimate& estimate) {
  if (!estimate.ok() || !std::isfinite(estimate.value))
    return estimate.why == detectors::NotComputable::kNotForThisType ? "" : "-";
  char text[40];
  std::snprintf(text, sizeof text,
                std::abs(estimate.value) < 9.9995  ? "%.3f"
                : std::abs(estimate.value) < 99.95 ? "%.1f"
                                                   : "%.3g",
                estimate.value);
  return text;
}

std::string Moved(const std::optional<Attribution>& attribution) {
  if (!attribution) return "";
  char text[40];
  std::snprintf(text, sizeof text, "%+.3g", attribution->effect.outcome);
  return text;
}

std::string Share(std::uint64_t part, std::uint64_t all) {
  return part == 0 ? "0" : Percent(static_cast<double>(part) / static_cast<double>(all));
}

// The worst verdict first, then what moves the model's mean answer most, then the largest shift.
std::vector<const JudgedColumn*> BySize(const DriftReport& report) {
  std::vector<const JudgedColumn*> order;
  for (const JudgedColumn& column : report.columns) order.push_back(&column);
  const auto rank = [](const JudgedColumn* column) {
    constexpr int kRanks[] = {2, 3, 1, 0};  // ok, insufficient, drift, broken
    const double effect = column->distances.effect.ok() ? column->distances.effect.value : -1;
    const double moved = column->attribution ? std::abs(column->attribution->in_deviations()) : 0;
    return std::tuple(kRanks[static_cast<int>(column->verdict.verdict)], -moved, -effect);
  };
  std::ranges::stable_sort(order, [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  return order;
}

}  // namespace

DriftReport JudgeFile(const Profile& baseline, const baselines::CountedFile& file) {
  DriftReport report;
  report.rows = file.rows;
  report.absent = file.absent;
  report.unknown = file.unknown;
  const auto judge = [&](const baselines::ProfileColumn& base, const detectors::FeatureSummary& live) {
    JudgedColumn column{&base, &live, detectors::Compare(base.summary, live), {}, {}};
    column.verdict = JudgeFeature(base, live, column.distances, Thresholds{});
    report.columns.push_back(std::move(column));
  };
  for (std::size_t i = 0; i < baseline.features.size(); ++i) judge(baseline.features[i], file.features[i]);
  report.features = report.columns.size();
  for (std::size_t i = 0; i < report.features; ++i)
    report.columns[i].attribution = AttributionOf(baseline, i, *report.columns[i].live);
  if (baseline.prediction && file.prediction) judge(*baseline.prediction, *file.prediction);
  if (baseline.score && file.score) judge(*baseline.score, *file.score);
  report.verdict = Overall(report);
  return report;
}

std::string DriftText(const Profile& baseline, const DriftReport& report) {
  std::string text = Headline(baseline, report) + "\n\n";
  const std::string moves = baseline.outcome ? "moves " + baseline.outcome->outcome : "moves";
  TextTable table({{"column", TextTable::Align::kLeft, 20},
                   {"verdict", TextTable::Align::kLeft},
                   {"PSI"},
                   {"KS"},
                   {"JS"},
                   {"W1/σ"},
                   {"Hell."},
                   {"TV"},
                   {"L∞"},
                   {"χ²"},
                   {"effect"},
                   {moves},
                   {"missing"},
                   {"unseen"},
                   {"baseline", TextTable::Align::kLeft},
                   {"now", TextTable::Align::kLeft}});
  const auto order = BySize(report);
  for (const JudgedColumn* column : order) {
    const auto& d = column->distances;
    const auto& live = *column->live;
    const bool categorical = live.kind() == detectors::FeatureKind::kCategorical;
    table.Add({column->base->name, std::string(Text(column->verdict.verdict)), Figure(d.psi), Figure(d.ks),
               Figure(d.js), Figure(d.wasserstein), Figure(d.hellinger), Figure(d.total_variation), Figure(d.linf),
               Figure(d.chi2), Figure(d.effect), Moved(column->attribution), Share(live.missing(), live.records()),
               categorical ? Share(live.unseen(), live.values()) : "",
               HistogramText(column->base->summary, column->base->summary, 8),
               HistogramText(live, column->base->summary, 8)});
  }
  text += table.Text();
  std::string sentences;
  for (const JudgedColumn* column : order) {
    const bool tells = column->verdict.verdict == Verdict::kDrift || column->verdict.verdict == Verdict::kBroken ||
                       (column->verdict.verdict == Verdict::kInsufficient && report.verdict != Verdict::kInsufficient);
    if (tells) sentences += "  " + WrapTo(column->verdict.why, 116, 4) + "\n";
  }
  if (report.verdict == Verdict::kInsufficient)
    sentences += "  fewer than 200 values in every column: too few to tell drift from chance\n";
  if (!report.absent.empty())
    sentences += "  " + WrapTo("not in the file, so all missing: " + List(report.absent), 116, 4) + "\n";
  if (!report.unknown.empty())
    sentences += "  " + WrapTo("not in the baseline, so not looked at: " + List(report.unknown), 116, 4) + "\n";
  if (!sentences.empty()) text += "\n" + sentences;
  return text;
}

nlohmann::json DriftJson(const Profile& baseline, const DriftReport& report) {
  nlohmann::json json{{"rows", report.rows},
                      {"verdict", Text(report.verdict)},
                      {"baseline",
                       {{"model", baseline.model},
                        {"version", baseline.version},
                        {"digest", baseline.digest},
                        {"rows", baseline.rows}}},
                      {"features", nlohmann::json::array()},
                      {"prediction", nullptr},
                      {"score", nullptr},
                      {"absent", report.absent},
                      {"unknown", report.unknown}};
  for (std::size_t i = 0; i < report.columns.size(); ++i) {
    const JudgedColumn& column = report.columns[i];
    nlohmann::json judged = FeatureJson(*column.base, *column.live, column.distances, column.verdict, std::nullopt);
    if (i < report.features) {
      judged["attribution"] = AttributionJson(column.attribution);
      json["features"].push_back(std::move(judged));
    } else {
      json[baseline.prediction && column.base == &*baseline.prediction ? "prediction" : "score"] = std::move(judged);
    }
  }
  return json;
}

int DriftExitCode(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return 0;
    case Verdict::kInsufficient:
      return 3;
    case Verdict::kDrift:
    case Verdict::kBroken:
      break;
  }
  return 2;
}

int DriftVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"drift", kHelp, {"json"}, {"baseline"}, 1, 1};
  return RunLocalVerb(verb, arguments, out, err, [&](const VerbOptions& options) {
    const auto file = options.Value("baseline");
    if (!file) throw OptionError("--baseline is missing: the file to compare with");
    const Profile baseline = baselines::ReadProfile(*file);
    ProgressBar bar("reading " + options.positional[0]);
    const baselines::CountedFile counted = baselines::CountCsv(OpenTrainingFiles(options.positional, {}).csv, baseline,
                                                               [&](double done) { bar.Show(done); });
    const DriftReport report = JudgeFile(baseline, counted);
    if (options.Has("json")) {
      out << DriftJson(baseline, report).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    } else {
      out << DriftText(baseline, report);
    }
    return DriftExitCode(report.verdict);
  });
}

}  // namespace monitor
