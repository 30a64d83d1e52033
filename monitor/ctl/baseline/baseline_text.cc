#include "monitor/ctl/baseline/baseline_text.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "baselines/complete.h"
#include "monitor/ctl/baseline/baseline_histogram.h"
#include "monitor/ctl/table.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using baselines::Profile;
using baselines::ProfileColumn;
using detectors::FeatureKind;
using Align = TextTable::Align;

constexpr std::size_t kLine = 118;
constexpr std::size_t kTopNames = 8;
constexpr std::size_t kCells = 10;

double ShareOf(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

std::string MissingPercent(const detectors::FeatureSummary& summary) {
  return summary.missing() == 0 ? "0 %" : Percent(ShareOf(summary.missing(), summary.records()));
}

const std::string& NameOf(const ProfileColumn& column, std::size_t i) {
  return column.summary.shape().dictionary.name(static_cast<detectors::CategoryId>(i));
}

std::string TopNames(const ProfileColumn& column) {
  const auto& counts = column.summary.categories();
  std::string text;
  const std::size_t shown = std::min(kTopNames, counts.known().size());
  for (std::size_t i = 0; i < shown; ++i) {
    text += (i == 0 ? "" : ", ") + CutTo(NameOf(column, i), 24) + " " +
            Percent(ShareOf(counts.known()[i], column.summary.values()));
  }
  const auto all = static_cast<std::uint64_t>(column.distinct);
  if (all > shown) text += ", " + Thousands(all - shown) + " more";
  return text;
}

void AddRow(TextTable& table, const ProfileColumn& column, const std::string& name) {
  const auto& summary = column.summary;
  std::vector<std::string> row{name, column.inferred};
  if (column.kind() == FeatureKind::kNumeric) {
    const auto& moments = summary.moments();
    for (const double value : {moments.min(), moments.max()}) row.push_back(ShortNumber(value));
    row.push_back(ShortNumber(column.distinct));
    for (const double value : {moments.mean(), moments.standard_deviation(), column.q25, column.q50, column.q75})
      row.push_back(ShortNumber(value));
  } else {
    row.insert(row.end(), {"", "", ShortNumber(column.distinct), "", "", "", "", ""});
  }
  row.push_back(Thousands(summary.records()));
  row.push_back(MissingPercent(summary));
  row.push_back(HistogramText(summary, summary, kCells));
  table.Add(std::move(row));
}

std::string Bullet(const std::string& text) { return "  " + WrapTo(text, kLine - 2, 4) + "\n"; }

template <class Visit>
void ForEachColumn(const Profile& profile, const Visit& visit) {
  for (const ProfileColumn& feature : profile.features) visit(feature, feature.name);
  if (profile.prediction) visit(*profile.prediction, profile.prediction->name + " (prediction)");
  if (profile.score) visit(*profile.score, profile.score->name + " (score)");
  if (profile.label) visit(*profile.label, profile.label->name + " (label)");
}

// "prediction (prediction)" says nothing.
std::string Titled(const std::string& name, const std::string& title) {
  return title == name + " (" + name + ")" ? std::string("[").append(name).append("]") : title;
}

std::string StepName(std::int64_t seconds) {
  if (seconds % 86'400 == 0) return std::to_string(seconds / 86'400) + " d";
  return seconds % 3'600 == 0 ? std::to_string(seconds / 3'600) + " h" : std::to_string(seconds / 60) + " min";
}

std::string StepsOfColumn(const ProfileColumn& column) {
  if (!column.value_steps.known()) return "";
  std::string seasons;
  if (column.seasons) {
    seasons = "\nseasonal: with " + std::to_string(column.seasons->cells.seasons()) +
              " parts of the week (UTC) as reference the design effect of hours falls from " +
              ShortNumber(column.seasons->effect_without) + " to " + ShortNumber(column.seasons->effect_with) + "\n";
  }
  TextTable table({{"step"}, {"steps with values"}, {"values a step"}, {"design effect"}});
  for (const auto& rung : column.value_steps.rungs()) {
    table.Add({StepName(rung.step_s), Thousands(rung.blocks), ShortNumber(rung.records),
               ShortNumber(static_cast<double>(std::ranges::max(rung.effects)))});
  }
  return seasons +
         "\ndesign effect of its values, by length of step: how many times more the mean of a step varies than with "
         "independent rows\n" +
         table.Text();
}

// Of every rung the column whose steps vary most.
std::string StepsOfProfile(const Profile& profile) {
  struct Most {
    double effect = 0;
    std::uint32_t blocks = 0;
    std::string name;
  };
  std::map<std::int64_t, Most> most;
  ForEachColumn(profile, [&](const ProfileColumn& column, const std::string& title) {
    for (const auto& rung : column.value_steps.rungs()) {
      const auto effect = static_cast<double>(std::ranges::max(rung.effects));
      Most& of = most[rung.step_s];
      if (effect > of.effect) of = {effect, rung.blocks, Titled(column.name, title)};
    }
  });
  if (most.empty()) return "";
  std::string seasonal;
  ForEachColumn(profile, [&](const ProfileColumn& column, const std::string& title) {
    if (!column.seasons) return;
    seasonal += (seasonal.empty() ? "" : ", ") + Titled(column.name, title) + " (design effect of hours " +
                ShortNumber(column.seasons->effect_without) + ", with it " + ShortNumber(column.seasons->effect_with) +
                ")";
  });
  seasonal = seasonal.empty() ? "\nno column has daily or weekly seasons worth using\n"
                              : "\nhour of the week (UTC) is part of the reference of\n" + Bullet(seasonal);
  TextTable table({{"step"}, {"steps"}, {"largest design effect"}, {"column", Align::kLeft, 40}});
  for (const auto& [step_s, of] : most)
    table.Add({StepName(step_s), Thousands(of.blocks), ShortNumber(of.effect), of.name});
  return "\nby " + profile.time_column +
         ": how many times more the mean of a step varies than with independent rows; the daemon needs not learn it\n" +
         table.Text() + seasonal;
}

}  // namespace

std::string BaselineText(const Profile& profile) {
  std::string text = profile.model + " version " + profile.version + ": " + Thousands(profile.rows) + " rows of " +
                     profile.source + ", " + Thousands(profile.features.size()) + " features, task " +
                     std::string(TaskName(profile.task));
  if (!profile.positive.empty()) text += ", positive class " + profile.positive;
  text += "\n\n";

  TextTable table({{"name", Align::kLeft, 20},
                   {"type", Align::kLeft},
                   {"min"},
                   {"max"},
                   {"distinct"},
                   {"mean"},
                   {"std"},
                   {"q25"},
                   {"q50"},
                   {"q75"},
                   {"count"},
                   {"missing"},
                   {"histogram", Align::kLeft}});
  ForEachColumn(profile, [&](const ProfileColumn& column, const std::string& title) {
    AddRow(table, column, Titled(column.name, title));
  });
  text += table.Text() + StepsOfProfile(profile);

  if (const auto parts = baselines::LearntParts(profile); !parts.empty()) {
    text += "\nnot of the training data, but learnt from live traffic\n";
    for (const auto& [part, traffic] : parts) text += Bullet(part + ": " + traffic);
  }

  std::string names, notes;
  ForEachColumn(profile, [&](const ProfileColumn& column, const std::string&) {
    if (column.kind() == FeatureKind::kCategorical && column.summary.values() > 0)
      names += Bullet(column.name + ": " + TopNames(column));
    if (!column.why.empty()) notes += Bullet(column.name + ": " + column.why);
  });
  if (!names.empty()) text += "\ncategories, the most frequent first\n" + names;
  if (!profile.ignored.empty()) {
    text += "\nleft out\n";
    for (const auto& ignored : profile.ignored) {
      text += Bullet((ignored.name.empty() ? "a column" : ignored.name) + ": " + ignored.why);
    }
  }
  if (!profile.assumptions.empty() || !notes.empty()) {
    text += "\nassumed, and how to override it\n";
    for (const std::string& assumption : profile.assumptions) text += Bullet(assumption);
    text += notes;
  }
  return text;
}

std::string ColumnText(const Profile& profile, const ProfileColumn& column) {
  const auto& summary = column.summary;
  std::string text =
      column.name + " of " + profile.model + " version " + profile.version + ": " + column.inferred + "\n";
  if (!column.learnt.empty()) text += Bullet("learnt from live traffic: " + column.learnt);
  if (!column.why.empty()) text += Bullet(column.why);
  text += "\nrows " + Thousands(summary.records()) + ", values " + Thousands(summary.values()) + ", missing " +
          Thousands(summary.missing()) + " (" + MissingPercent(summary) + "), type faults " +
          Thousands(summary.type_faults()) + ", distinct " + ShortNumber(column.distinct) + "\n";
  if (column.kind() == FeatureKind::kCategorical) {
    const auto& counts = summary.categories();
    TextTable table({{"name", Align::kLeft, 48}, {"rows"}, {"share"}, {"", Align::kLeft}});
    const std::size_t shown = std::min<std::size_t>(counts.known().size(), 40);
    const double most = shown == 0 ? 1 : static_cast<double>(counts.known()[0]);
    const auto bar = [&](std::uint64_t count) {
      std::string blocks;
      for (int i = 0; i < static_cast<int>(std::lround(30 * static_cast<double>(count) / most)); ++i) blocks += "█";
      return blocks;
    };
    std::uint64_t rest = counts.other() + counts.unseen();
    for (std::size_t i = 0; i < counts.known().size(); ++i) {
      if (i < shown) {
        table.Add({NameOf(column, i), Thousands(counts.known()[i]),
                   Percent(ShareOf(counts.known()[i], summary.values())), bar(counts.known()[i])});
      } else {
        rest += counts.known()[i];
      }
    }
    if (rest > 0) table.Add({"(all others)", Thousands(rest), Percent(ShareOf(rest, summary.values())), ""});
    return text + "\n" + table.Text() + StepsOfColumn(column);
  }
  const auto& moments = summary.moments();
  text += "min " + ShortNumber(moments.min()) + ", q25 " + ShortNumber(column.q25) + ", median " +
          ShortNumber(column.q50) + ", q75 " + ShortNumber(column.q75) + ", max " + ShortNumber(moments.max()) +
          ", mean " + ShortNumber(moments.mean()) + ", std " + ShortNumber(moments.standard_deviation()) + "\n";
  if (summary.values() == 0) return text;
  const Range range = DrawnRange(summary);
  text += "\n" + HistogramText(summary, summary, 60) + "\n" + ShortNumber(range.low) + " … " + ShortNumber(range.high) +
          "  (99 % of the values; the rest in the outer cells)\n\nthe cells on which the population stability index is "
          "measured\n";
  const auto& binning = summary.shape().binning;
  const auto coarse = binning.Coarse(summary.bins());
  TextTable table({{"above"}, {"up to"}, {"rows"}, {"share"}});
  const auto cuts = binning.coarse_cuts();
  for (std::size_t i = 0; i < coarse.size(); ++i) {
    const bool one_value = i > 0 && i < cuts.size() && std::nextafter(cuts[i - 1], cuts[i]) == cuts[i];
    const std::string from = i == 0 ? "" : one_value ? "just" : ShortNumber(cuts[i - 1]);
    table.Add({from, i == cuts.size() ? "" : ShortNumber(cuts[i]), Thousands(coarse[i]),
               Percent(ShareOf(coarse[i], summary.values()))});
  }
  return text + table.Text() + StepsOfColumn(column);
}

}  // namespace monitor
