#include "monitor/ctl/show/quality_text.h"

#include <algorithm>
#include <cmath>

#include "alerts/messages/time_text.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/table.h"
#include "monitor/judge/windows/wording.h"
#include "monitor/labels/quality_report.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 110;
constexpr double kNoticeableV = 0.1;  // Cramér's V below is no difference that matters
constexpr double kLowP = 0.01;

std::optional<double> Value(const json& row, const char* group, const std::string& metric, const char* part = "value") {
  const auto measures = row.find(group);
  if (measures == row.end() || !measures->contains(metric)) return std::nullopt;
  const json& measure = measures->at(metric);
  if (measure.is_number()) return measure.get<double>();
  if (!measure.is_object() || !measure.contains(part) || !measure.at(part).is_number()) return std::nullopt;
  return measure.at(part).get<double>();
}

std::string Shown(const std::optional<double>& value) { return value ? ShortNumber(*value) : "-"; }

std::string Percent(const json& row, const char* key) {
  const auto value = DoubleOf(row, key);
  return value ? ShortNumber(std::round(1000 * *value) / 10) + " %" : "-";
}

bool Any(const json& rows, const char* key) {
  return std::any_of(rows.begin(), rows.end(), [key](const json& row) {
    return row.contains(key) && row.at(key).is_string() && row.at(key) != "";
  });
}

std::string CohortTable(const json& rows, const std::vector<std::string>& measures) {
  using Align = TextTable::Align;
  const bool variants = Any(rows, "variant"),
             segments = std::any_of(rows.begin(), rows.end(), [](const json&row) { return row.contains("segment"); });
  std::vector<TextTable::Column> columns{{"from", Align::kLeft}, {"version", Align::kLeft, 12}};
  if (variants) columns.push_back({"variant", Align::kLeft, 12});
  if (segments) columns.push_back({"segment", Align::kLeft, 16});
  for (const char* title : {"predictions", "labels", "coverage"}) columns.push_back({title});
  for (const std::string& measure : measures) columns.push_back({measure});
  const bool estimated = std::any_of(rows.begin(), rows.end(),
                                     [&](const json& row) { return Value(row, "estimated", measures[0]).has_value(); });
  if (estimated) columns.push_back({"est. " + measures[0]});
  columns.push_back({"", Align::kLeft});
  TextTable table(columns);
  for (const json& row : rows) {
    std::vector<std::string> cells{TimeOf(row, "start"), TextOf(row, "version")};
    if (variants) cells.push_back(TextOf(row, "variant"));
    if (segments)
      cells.push_back(TextOf(row, "segment") == "-" || TextOf(row, "segment").empty() ? "(none)"
                                                                                      : TextOf(row, "segment"));
    cells.push_back(CountOf(row, "predictions"));
    cells.push_back(CountOf(row, "labels"));
    cells.push_back(Percent(row, "coverage"));
    for (const std::string& measure : measures) cells.push_back(Shown(Value(row, "metrics", measure)));
    if (estimated) cells.push_back(Shown(Value(row, "estimated", measures[0])));
    cells.push_back(row.value("mature", false) ? "" : "labels are still coming");
    table.Add(std::move(cells));
  }
  return table.Text();
}

// One line per cohort: the value, its interval and a bar; an estimate where there is no label yet.
std::string Chart(const json& rows, const std::string& metric) {
  double least = INFINITY, most = -INFINITY;
  for (const json& row : rows) {
    for (const char* part : {"low", "value", "high"}) {
      if (const auto value = Value(row, "metrics", metric, part))
        least = std::min(least, *value), most = std::max(most, *value);
    }
    if (const auto value = Value(row, "estimated", metric))
      least = std::min(least, *value), most = std::max(most, *value);
  }
  if (!std::isfinite(least) || !std::isfinite(most)) return {};
  constexpr int kCells = 50;
  const double span = most > least ? most - least : 1;
  const auto cell = [&](double value) {
    return static_cast<std::size_t>(std::lround((kCells - 1) * (value - least) / span));
  };
  std::string out = "\n" + metric + ", from " + ShortNumber(least) + " to " + ShortNumber(most) +
                    "   (● labels with their 95 % interval, ○ expected by the scores alone)\n";
  for (const json& row : rows) {
    std::vector<std::string> line(kCells, " ");
    const auto low = Value(row, "metrics", metric, "low"), high = Value(row, "metrics", metric, "high"),
               value = Value(row, "metrics", metric);
    if (low && high)
      std::fill(line.begin() + static_cast<std::ptrdiff_t>(cell(*low)),
                line.begin() + static_cast<std::ptrdiff_t>(cell(*high)) + 1, "─");
    const auto estimated = Value(row, "estimated", metric);
    if (estimated) line[cell(*estimated)] = "○";
    if (value) line[cell(*value)] = "●";
    out += "  " + TimeOf(row, "start") + "  ";
    for (const std::string& each : line) out += each;
    out += "  " + Shown(value) + (estimated ? " (" + ShortNumber(*estimated) + ")" : "") + "\n";
  }
  return out;
}

// Empty where labelled and unlabelled predictions are not told apart.
std::string SelectionWords(const json& window, const char* key) {
  if (!window.contains(key) || !window.at(key).is_object()) return {};
  const json& selection = window.at(key);
  const auto v = DoubleOf(selection, "cramers_v"), p = DoubleOf(selection, "p_value");
  if (!v || !p || *v < kNoticeableV || *p >= kLowP) return {};
  const std::string since = selection.contains("start") ? "since " + TimeOf(selection, "start") + " " : "";
  return WrapTo(since + "predictions with and without a label differ (mean score " +
                    NumberOf(selection, "mean_score_labelled") + " against " +
                    NumberOf(selection, "mean_score_unlabelled") + ", Cramér's V " + ShortNumber(*v) +
                    "): measures from labels are those of the labelled part only",
                kWidth, 2) +
         "\n";
}

std::string WindowWords(const json& window, const std::vector<std::string>& measures) {
  std::string text =
      "window " + TimeOf(window, "start") + " to " + TimeOf(window, "end") + ", version " + TextOf(window, "version");
  if (const std::string variant = TextOf(window, "variant"); variant != "-" && !variant.empty())
    text += ", variant " + variant;
  if (window.contains("segment"))
    text += ", segment " + (TextOf(window, "segment").empty() ? std::string("(none)") : TextOf(window, "segment"));
  text += ": " + CountOf(window, "labels") + " labels for " + CountOf(window, "predictions") + " predictions\n";
  using Align = TextTable::Align;
  TextTable table(
      {{"", Align::kLeft}, {"value"}, {"95 % interval"}, {"training"}, {"expected by scores"}, {"constant guess"}});
  for (const std::string& measure : measures) {
    const auto low = Value(window, "metrics", measure, "low"), high = Value(window, "metrics", measure, "high");
    table.Add({measure, Shown(Value(window, "metrics", measure)),
               low && high ? ShortNumber(*low) + " – " + ShortNumber(*high) : "-",
               Shown(Value(window, "reference", measure)), Shown(Value(window, "estimated", measure)),
               Shown(Value(window, "floor", measure))});
  }
  text += table.Text();
  const json& delay = window["delay_seconds"];
  if (const auto p50 = DoubleOf(delay, "p50"), p95 = DoubleOf(delay, "p95"); p50 && p95) {
    const auto words = [](double seconds) { return alerts::FormatDuration(static_cast<std::int64_t>(seconds * 1e9)); };
    text +=
        "half of the labels came within " + words(*p50) + ", 95 % within " + words(*p95) + " of their predictions\n";
  }
  // All that is shown tells more than the last window; where it is one and the same, one sentence is enough.
  if (const std::string words = SelectionWords(window, "selection_shown"); !words.empty()) {
    text += words;
  } else {
    text += SelectionWords(window, "selection");
  }
  if (const json& bounds = window["accuracy_bounds"];
      bounds.is_object() && DoubleOf(window, "coverage").value_or(1) < 0.999) {
    text += "whatever the missing labels are, accuracy lies between " + NumberOf(bounds, "low") + " and " +
            NumberOf(bounds, "high") + "\n";
  }
  if (const auto rate = DoubleOf(window, "sampling_rate"); rate && *rate < 1) {
    text += "labels are kept for a random " + ShortNumber(100 * *rate) + " % of the ids (labels_memory is full)\n";
  }
  return text;
}

}  // namespace

std::string QualityChart(const json& quality, const std::string& metric) {
  return Chart(quality.at("cohorts"), metric);
}

std::string QualityText(const json& quality, const std::string& metric) {
  const json& cohorts = quality.at("cohorts");
  if (cohorts.empty()) {
    return quality.value("task", "") == "none"
               ? "the model's task is unknown, so labels say nothing about it; set `task:` in its configuration\n"
               : "no predictions yet that a label could come for (`labels:` in the model's configuration)\n";
  }
  const auto task = baselines::TaskNamed(quality.value("task", "none")).value_or(baselines::Task::kNone);
  const std::vector<std::string> measures = MainMeasures(task);
  if (measures.empty())
    return "the model's task is unknown, so labels say nothing about it; set `task:` in its configuration\n";
  std::string text = "task " + TextOf(quality, "task");
  if (const std::string positive = TextOf(quality, "positive"); positive != "-") text += ", positive class " + positive;
  text += ", labels complete up to " + TimeOf(quality, "labels_watermark") + "\n\n" + CohortTable(cohorts, measures);
  if (const auto labels = quality.find("labels"); labels != quality.end()) {
    text += "labels so far: " + LabelsText(*labels) + "\n";
  }
  const std::string shown = metric.empty() ? measures[0] : metric;
  const std::string chart = Chart(cohorts, shown);
  text += chart.empty() ? "\n" + shown + " cannot be computed yet\n" : chart;
  for (const json& window : quality.at("windows")) text += "\n" + WindowWords(window, measures);
  return text;
}

}  // namespace monitor
