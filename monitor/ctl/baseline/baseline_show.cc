// monitorctl baseline show: what is in a baseline, or about one of its columns.
#include <nlohmann/json.hpp>
#include <ostream>

#include "baselines/profile_file.h"
#include "monitor/ctl/baseline/baseline_json.h"
#include "monitor/ctl/baseline/baseline_text.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/daemon/config/nearest.h"

namespace monitor {
namespace {

constexpr const char* kHelp =
    "usage: monitorctl baseline show FILE.baseline.json [FEATURE] [--json]\n"
    "Prints the summary table of a baseline, or everything about one of its columns.\n"
    "\n"
    "example: monitorctl baseline show flights-1.baseline.json distance\n";

const baselines::ProfileColumn& FindColumn(const baselines::Profile& profile, const std::string& name) {
  std::vector<std::string_view> names;
  for (const auto& feature : profile.features) {
    if (feature.name == name) return feature;
    names.push_back(feature.name);
  }
  for (const auto* column : {&profile.prediction, &profile.score, &profile.label}) {
    if (!*column) continue;
    if ((*column)->name == name) return **column;
    names.push_back((*column)->name);
  }
  for (const auto& ignored : profile.ignored) {
    if (ignored.name == name) throw std::runtime_error(name + " is not watched: " + ignored.why);
  }
  throw std::runtime_error("the baseline has no column " + name + "; " + Suggestion(name, names));
}

}  // namespace

int BaselineShowVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"baseline show", kHelp, {"json"}, {}, 1, 2};
  return RunLocalVerb(verb, arguments, out, err, [&](const VerbOptions& options) {
    const baselines::Profile profile = baselines::ReadProfile(options.positional[0]);
    const bool one = options.positional.size() == 2;
    if (!options.Has("json")) {
      out << (one ? ColumnText(profile, FindColumn(profile, options.positional[1])) : BaselineText(profile));
      return 0;
    }
    if (!one) {
      out << BaselineJson(profile).dump(2) << "\n";
      return 0;
    }
    baselines::Profile only;
    only.features.push_back(FindColumn(profile, options.positional[1]));
    out << BaselineJson(only)["features"][0].dump(2) << "\n";
    return 0;
  });
}

}  // namespace monitor
