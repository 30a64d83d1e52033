// monitorctl baseline diff: what differs between two baselines.
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "baselines/compare.h"
#include "baselines/profile_file.h"
#include "monitor/ctl/baseline/baseline_histogram.h"
#include "monitor/ctl/table.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

constexpr const char* kHelp =
    "usage: monitorctl baseline diff A.baseline.json B.baseline.json [--json]\n"
    "Prints how the columns of B differ from those of A: figures, missing values, population stability index, "
    "categories that came and went.\n"
    "The exit code is 0 whatever differs; for a gate use: monitorctl drift.\n"
    "\n"
    "example: monitorctl baseline diff flights-1.baseline.json flights-2.baseline.json\n";

using baselines::ColumnChange;
using baselines::Profile;
using baselines::ProfileColumn;

std::string Title(const Profile& profile) {
  return profile.model + " version " + profile.version + " (" + Thousands(profile.rows) + " rows of " + profile.source +
         ")";
}

double MissingShare(const ProfileColumn& column) {
  return column.summary.records() == 0
             ? 0
             : static_cast<double>(column.summary.missing()) / static_cast<double>(column.summary.records());
}

std::string Names(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 6); ++i)
    text += (i == 0 ? "" : ", ") + CutTo(names[i], 20);
  if (names.size() > 6) text += ", " + Thousands(names.size() - 6) + " more";
  return text;
}

std::string Note(const ColumnChange& change) {
  if (change.before == nullptr) return "only in the second";
  if (change.after == nullptr) return "only in the first";
  if (!change.same_kind) return change.before->inferred + " became " + change.after->inferred;
  if (!change.psi.ok()) return std::string(detectors::Reason(change.psi.why));
  std::string text;
  if (!change.new_names.empty()) text += "new: " + Names(change.new_names);
  if (!change.lost_names.empty()) text += std::string(text.empty() ? "" : "; ") + "gone: " + Names(change.lost_names);
  return text;
}

std::string Text(const Profile& before, const Profile& after, const std::vector<ColumnChange>& changes) {
  std::string text = "A: " + Title(before) + "\nB: " + Title(after) + "\n\n";
  TextTable table({{"column", TextTable::Align::kLeft, 24},
                   {"mean A"},
                   {"mean B"},
                   {"std A"},
                   {"std B"},
                   {"missing A"},
                   {"missing B"},
                   {"PSI"},
                   {"KS"},
                   {"A", TextTable::Align::kLeft},
                   {"B", TextTable::Align::kLeft}});
  std::string notes;
  for (const ColumnChange& change : changes) {
    const auto moment = [](const ProfileColumn* column, auto get) {
      if (column == nullptr || column->kind() != detectors::FeatureKind::kNumeric) return std::string();
      return ShortNumber(get(column->summary.moments()));
    };
    const auto mean = [](const detectors::Moments& moments) { return moments.mean(); };
    const auto deviation = [](const detectors::Moments& moments) { return moments.standard_deviation(); };
    const auto missing = [](const ProfileColumn* column) {
      return column == nullptr ? std::string() : Percent(MissingShare(*column));
    };
    const bool numeric = change.psi.ok() && change.before->kind() == detectors::FeatureKind::kNumeric;
    std::string spark_a, spark_b;
    if (numeric) {
      const Range range = DrawnRange(change.before->summary);
      spark_a = Spark(Histogram(change.before->summary, range, 8));
      spark_b = Spark(Histogram(change.after->summary, range, 8));
    }
    table.Add({change.name, moment(change.before, mean), moment(change.after, mean), moment(change.before, deviation),
               moment(change.after, deviation), missing(change.before), missing(change.after),
               change.psi.ok() ? Number(change.psi.value) : "-", numeric ? Number(change.ks) : "", spark_a, spark_b});
    if (const std::string note = Note(change); !note.empty())
      notes += "  " + WrapTo(change.name + ": " + note, 116, 4) + "\n";
  }
  text += table.Text() +
          "\nPSI and KS of numbers are approximate here, since the two have bins of their own; monitorctl drift "
          "measures exactly.\n";
  if (!notes.empty()) text += notes;
  return text;
}

nlohmann::json Json(const Profile& before, const Profile& after, const std::vector<ColumnChange>& changes) {
  const auto side = [](const ProfileColumn* column) -> nlohmann::json {
    if (column == nullptr) return nullptr;
    const bool numeric = column->kind() == detectors::FeatureKind::kNumeric;
    const auto finite = [&](double value) {
      return numeric && std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
    };
    return {{"inferred", column->inferred},
            {"missing", column->summary.missing()},
            {"count", column->summary.records()},
            {"distinct", column->distinct},
            {"mean", finite(column->summary.moments().mean())},
            {"std", finite(column->summary.moments().standard_deviation())}};
  };
  nlohmann::json columns = nlohmann::json::array();
  for (const ColumnChange& change : changes) {
    const bool numeric = change.psi.ok() && change.before->kind() == detectors::FeatureKind::kNumeric;
    columns.push_back({{"name", change.name},
                       {"a", side(change.before)},
                       {"b", side(change.after)},
                       {"psi", change.psi.ok() ? nlohmann::json(change.psi.value) : nlohmann::json(nullptr)},
                       {"ks", numeric ? nlohmann::json(change.ks) : nlohmann::json(nullptr)},
                       {"new", change.new_names},
                       {"gone", change.lost_names}});
  }
  const auto profile = [](const Profile& of) {
    return nlohmann::json{{"model", of.model}, {"version", of.version}, {"digest", of.digest}, {"rows", of.rows}};
  };
  return {{"a", profile(before)}, {"b", profile(after)}, {"columns", columns}};
}

}  // namespace

int BaselineDiffVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"baseline diff", kHelp, {"json"}, {}, 2, 2};
  return RunLocalVerb(verb, arguments, out, err, [&](const VerbOptions& options) {
    const Profile before = baselines::ReadProfile(options.positional[0]);
    const Profile after = baselines::ReadProfile(options.positional[1]);
    const auto changes = baselines::CompareBaselines(before, after);
    if (options.Has("json")) {
      out << Json(before, after, changes).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    } else if (before.digest == after.digest) {
      out << "the two baselines hold the same bins and counts (digest " << before.digest << ")\n";
    } else {
      out << Text(before, after, changes);
    }
    return 0;
  });
}

}  // namespace monitor
