#include "monitor/ctl/traffic/trial_text.h"

#include <algorithm>
#include <cmath>

#include "alerts/messages/time_text.h"
#include "monitor/ctl/baseline/baseline_histogram.h"
#include "monitor/ctl/drift.h"
#include "monitor/ctl/table.h"
#include "monitor/daemon/config/units.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

constexpr std::size_t kLine = 118;
constexpr std::size_t kIndent = 11;  // of what stands behind a line's title
constexpr std::size_t kNamesShown = 12;
constexpr double kSecondNs = 1e9;

std::string Line(std::string title, const std::string& text) {
  title.resize(kIndent, ' ');
  return title + WrapTo(text, kLine - kIndent, kIndent) + "\n";
}

// Under the title of the line before.
std::string More(const std::string& text) { return Line("", text); }

std::string Share(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? "0 %" : Percent(static_cast<double>(part) / static_cast<double>(all));
}

std::string Ago(double seconds) {
  const double size = std::abs(seconds);
  if (size < 1) return Number(size * 1000) + " ms";
  return alerts::FormatDuration(static_cast<std::int64_t>(std::min(size, 9e9) * kSecondNs));
}

// What the words of `reject.h` mean, and what is mostly to be done.
std::string_view Meaning(std::string_view reason) {
  if (reason == "empty") return "no value, or blanks alone";
  if (reason == "encoding") return "no UTF-8";
  if (reason == "json") return "no JSON";
  if (reason == "shape") return "nothing where the features should stand";
  if (reason == "model") return "another model's name in it than the configuration's";
  if (reason == "id") return "no id, which labels need";
  if (reason == "time") return "no time that can be read; see `timestamp` and `time_format`";
  if (reason == "future") return "a time beyond that of their own messages by more than max_clock_skew";
  if (reason == "schema") return "a schema that is not known";
  if (reason == "avro") return "bytes that are not of their schema";
  if (reason == "label") return "no outcome that is one";
  if (reason == "orphan_request") return "requests whose response was not read";
  if (reason == "orphan_response") return "responses whose request was not read";
  return {};
}

std::string RejectLines(const std::vector<Trial::Reject>& rejects) {
  std::string text;
  for (const Trial::Reject& reject : rejects) {
    text += More(Thousands(reject.count) + " " + reject.reason + ": " +
                 (reject.hint.empty() ? std::string(Meaning(reject.reason)) : reject.hint));
    if (reject.sample.empty()) continue;
    const std::string where = reject.offset < 0 ? ""
                                                : ", partition " + std::to_string(reject.partition) + ", offset " +
                                                      std::to_string(reject.offset);
    text += More("  " + reject.topic + where) + std::string(kIndent + 2, ' ') + CutTo(reject.sample, 100) + "\n";
  }
  return text;
}

std::string FeatureLines(const Trial& trial) {
  std::vector<std::string> absent, null, faulty;
  std::string mistyped, unseen;
  for (const Trial::Feature& feature : trial.features) {
    if (feature.values() > 0) {
      if (feature.type_faults > 0) {
        mistyped += More("wrong type: " + Share(feature.type_faults, feature.records) + " of " + feature.name +
                         (feature.fault.empty() ? "" : ", like " + CutTo(feature.fault, 40)));
      }
    } else if (feature.type_faults > 0) {
      faulty.push_back(feature.name + (feature.fault.empty() ? "" : " (like " + CutTo(feature.fault, 40) + ")"));
    } else {
      (feature.named ? null : absent).push_back(feature.name);
    }
    if (feature.unseen == 0) continue;
    std::string names;
    for (const auto& name : feature.unseen_names) names += (names.empty() ? "" : ", ") + CutTo(name.name, 24);
    unseen += More("unknown to training: " + Share(feature.unseen, feature.values()) + " of " + feature.name + " (" +
                   names + ")" + (feature.unseen == feature.values() ? "; codes? see `values:` under fields" : ""));
  }
  const auto list = [](const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kNamesShown) text += " and " + Thousands(names.size() - kNamesShown) + " more";
    return text;
  };
  const auto matched = static_cast<std::size_t>(std::ranges::count_if(trial.features, &Trial::Feature::matched));
  std::string text =
      Line("features", Thousands(matched) + " of " + Thousands(trial.features.size()) + " of the baseline are matched");
  if (!absent.empty()) text += More("in no record: " + list(absent));
  if (!null.empty()) text += More("there, but never with a value: " + list(null));
  if (!faulty.empty()) text += More("always of the wrong type: " + list(faulty));
  text += mistyped + unseen;
  std::vector<std::string> extras;
  for (const Trial::Extra& extra : trial.extras)
    extras.push_back(extra.name + (extra.example.empty() ? "" : " (" + CutTo(extra.example, 24) + ")"));
  if (!extras.empty()) {
    text += More("not in the baseline, so not watched: " + list(extras));
  } else if (trial.extra_values > 0) {
    text += More(Thousands(trial.extra_values) + " values have no place in the baseline");
  }
  return text;
}

std::string IdLine(const Trial& trial) {
  if (trial.with_id == 0)
    return Line("ids", "no record has one: labels cannot be joined, and what comes twice counts twice");
  const std::string newest = " of the newest " + Thousands(trial.probed);
  std::string text = (trial.with_id == trial.probed ? "all" : Thousands(trial.with_id)) + newest + " have one";
  text += trial.counters.duplicates == 0 ? "; none came twice"
                                         : "; " + Thousands(trial.counters.duplicates) + " records (" +
                                               Share(trial.counters.duplicates, trial.counters.counted) +
                                               ") have an id that came before: is it an id of the prediction?";
  return Line("ids", text);
}

std::string TimeLines(const Trial& trial, const ModelConfig& model) {
  if (!trial.skew) return Line("time", "the messages have no time of their own to compare with");
  const Trial::Skew& skew = *trial.skew;
  if (!skew.own_times) return Line("time", "the time of the Kafka message is the record's");
  const auto side = [](double seconds) {
    return seconds == 0 ? "equal to it" : Ago(seconds) + (seconds < 0 ? " before" : " after");
  };
  std::string text = Line("time", "of the record, compared with that of its Kafka message: " + side(skew.least) +
                                      " to " + side(skew.most) + ", median " + side(skew.median));
  if (skew.disordered == 0) return text + More("in order within every partition");
  const bool too_late =
      skew.worst_disorder > std::chrono::duration<double>(model.allowed_lateness + model.pane).count();
  return text + More(Share(skew.disordered, skew.records) + " out of order, by " + Ago(skew.worst_disorder) +
                     " at most; allowed_lateness is " + DurationText(model.allowed_lateness) +
                     (too_late ? ": what comes later than that is not counted" : ""));
}

std::string LabelLines(const Trial& trial, const ModelConfig& model) {
  if (!trial.labels) return Line("labels", "none are configured: quality is only estimated");
  const LabelCounters& labels = *trial.labels;
  const std::uint64_t read = labels.joined + labels.corrected + labels.duplicate + labels.unmatched + labels.late +
                             labels.waiting + labels.skipped + labels.rejected();
  if (read == 0) return Line("labels", model.labels->topic.empty() ? "none came with the requests" : "none were read");
  const std::uint64_t others = labels.unmatched + labels.waiting;
  std::string text =
      Line("labels", Thousands(read) + " read = " + Thousands(labels.joined) + " joined + " + Thousands(others) +
                         " of predictions that were not read + " + Thousands(labels.late) + " later than max_delay + " +
                         Thousands(labels.duplicate + labels.corrected) + " again + " + Thousands(labels.skipped) +
                         " left out by `where` + " + Thousands(labels.rejected()) + " rejected");
  text += RejectLines(trial.label_rejects);
  text += More(Share(labels.joined, trial.counters.counted) + " of the predictions have one by now");
  if (labels.joined == 0 && !trial.request_id.empty() && !trial.label_id.empty()) {
    text += More("are these the same ids? of a prediction: " + CutTo(trial.request_id, 50) +
                 "   of a label: " + CutTo(trial.label_id, 50));
  }
  return text;
}

}  // namespace

bool Understood(const Trial& trial) {
  const auto& rejects = trial.counters.rejects;
  const auto of = [&](Reject reason) { return rejects[static_cast<std::size_t>(reason)]; };
  // The halves at both ends of what was read have lost their other ones there.
  const std::uint64_t orphans = of(Reject::kOrphanRequest) + of(Reject::kOrphanResponse);
  return trial.counters.counted > 0 && trial.counters.rejected() == orphans &&
         std::ranges::all_of(trial.features, &Trial::Feature::matched);
}

std::string TrialText(const Trial& trial, const ModelConfig& model) {
  const ModelCounters& counters = trial.counters;
  std::string text =
      Line("records", Thousands(counters.received()) + " = " + Thousands(counters.counted) + " counted + " +
                          Thousands(counters.late) + " late + " + Thousands(counters.rejected()) + " rejected + " +
                          Thousands(counters.skipped) + " skipped");
  if (counters.counted > 0) {
    text += More("newest " + Thousands(trial.probed) + ": " + alerts::FormatTimeForPeople(trial.first_ns) + " to " +
                 alerts::FormatTimeForPeople(trial.last_ns));
  }
  if (trial.elsewhere > 0) text += More(Thousands(trial.elsewhere) + " more are of other models on the topic");
  for (const auto& [version, counted] : trial.versions) {
    if (trial.versions.size() > 1) text += More("version " + version + ": " + Thousands(counted));
  }
  text += RejectLines(trial.rejects);
  if (counters.counted == 0) return text;
  return text + FeatureLines(trial) + IdLine(trial) + TimeLines(trial, model) + LabelLines(trial, model);
}

std::string ShownText(const Trial& trial) {
  std::string text;
  for (const Trial::Shown& shown : trial.shown) {
    text += (text.empty() ? "" : "\n") + Line("  written", CutTo(shown.raw, 480));
    std::string read = shown.id.empty() ? "no id" : "id " + shown.id;
    read += ", time " + alerts::FormatTime(shown.time_ns) + ", version " + shown.version;
    if (!shown.variant.empty()) read += ", variant " + shown.variant;
    if (!shown.prediction.empty()) read += ", prediction " + shown.prediction;
    if (!shown.score.empty()) read += ", score " + shown.score;
    text += Line("  read", read);
    std::string features;
    for (const auto& [name, value] : shown.features)
      features += (features.empty() ? "" : " ") + name + "=" + (value.empty() ? "-" : CutTo(value, 40));
    text += Line("", features);
  }
  return text;
}

std::string TrialDriftText(const Trial& trial) {
  const DriftReport report = JudgeFile(*trial.baseline, trial.counted);
  std::vector<const JudgedColumn*> columns;
  for (const JudgedColumn& column : report.columns) columns.push_back(&column);
  const auto effect = [](const JudgedColumn* column) {
    return column->distances.effect.ok() ? column->distances.effect.value : -1;
  };
  std::ranges::stable_sort(columns, std::greater(), effect);
  TextTable table({{"column", TextTable::Align::kLeft, 28},
                   {"effect"},
                   {"95 %"},
                   {"verdict", TextTable::Align::kLeft},
                   {"missing"},
                   {"baseline", TextTable::Align::kLeft},
                   {"now", TextTable::Align::kLeft}});
  for (const JudgedColumn* column : columns) {
    const detectors::Estimate& size = column->distances.effect;
    const detectors::FeatureSummary& live = *column->live;
    table.Add({column->base->name, size.ok() ? Number(size.value) : "-",
               size.ok() ? Number(size.low) + " to " + Number(size.high) : "",
               std::string(Text(column->verdict.verdict)),
               live.missing() == 0 ? "0" : Share(live.missing(), live.records()),
               HistogramText(column->base->summary, column->base->summary, 8),
               HistogramText(live, column->base->summary, 8)});
  }
  std::string text = Thousands(report.rows) + " records against the " + Thousands(trial.baseline->rows) +
                     " rows of training (version " + trial.baseline->version +
                     "), in standard deviations, as if all were independent\n\n" + table.Text();
  if (trial.over_others > 0)
    text += Thousands(trial.over_others) + " more records belong to the baselines of other versions\n";
  return text;
}

}  // namespace monitor
