// monitorctl baseline learn: live traffic → baseline file, where there is no training data.
#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>

#include "alerts/messages/time_text.h"
#include "baselines/profile_file.h"
#include "baselines/values/timestamp.h"
#include "monitor/ctl/baseline/baseline_file.h"
#include "monitor/ctl/baseline/baseline_json.h"
#include "monitor/ctl/baseline/baseline_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/progress.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/daemon/config/units.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/windows/wording.h"
#include "monitor/training/learn_baseline.h"

namespace monitor {
namespace {

constexpr const char* kHelp =
    "usage: monitorctl baseline learn MODEL --config C [--from T] [--to T] [options]\n"
    "Makes a baseline of a model's live traffic, for models without training data: reads the request topic (and the "
    "label topic)\n"
    "that the configuration C names, with its format and fields, and prints what is in the baseline and what was "
    "assumed. Nothing is\n"
    "committed; a running daemon is not disturbed. What the traffic had of faults in that time is normal then, so "
    "take a good time.\n"
    "\n"
    "  --config C       the configuration; without a baseline file yet, write `baseline: learn` there\n"
    "  --from T --to T  event times, like 2026-05-01 or 2026-05-01T12:00:00Z, or how far back, like 7d (default: all "
    "that the\n"
    "                   topic has)\n"
    "  -o, --output F   where to (default <model>-<version>.baseline.json)\n"
    "  --version V      its version (default: the version of most of the rows)\n"
    "  --json           print the baseline's readable part instead of the summary\n"
    "\n"
    "example: monitorctl baseline learn churn --config monitord.yaml --from 14d --to 7d\n";

std::int64_t TimeOf(const VerbOptions& options, const std::string& name, std::int64_t otherwise) {
  const auto text = options.Value(name);
  if (!text) return otherwise;
  if (const auto ago = DurationFrom(*text)) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return (std::chrono::duration_cast<std::chrono::nanoseconds>(now) - *ago).count();
  }
  if (const auto time = baselines::ParseTimestamp(*text)) return *time;
  throw OptionError("--" + name + " " + *text +
                    " is no time; write one like 2026-05-01T12:00:00Z, or how far back, like 7d");
}

std::string Read(const TrafficRows::Counts& counts) {
  std::string text = Thousands(counts.messages) + " messages gave " + Thousands(counts.rows) + " rows, " +
                     Thousands(counts.labelled) + " with a label";
  const std::pair<std::uint64_t, const char*> kLeftOut[] = {{counts.rejected, "not understood"},
                                                            {counts.skipped, "skipped"},
                                                            {counts.others, "of other models"},
                                                            {counts.outside, "outside of the time"},
                                                            {counts.repeated, "with an id that was there before"},
                                                            {counts.waiting, "without their other half"}};
  for (const auto& [count, what] : kLeftOut) {
    if (count > 0) text += "; " + Thousands(count) + " " + what;
  }
  return text;
}

}  // namespace

int BaselineLearnVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"baseline learn", kHelp, {"json"}, {"config", "from", "to", "output", "version"}, 1, 1};
  return RunLocalVerb(verb, arguments, out, err, [&](const VerbOptions& options) {
    if (!options.Value("config")) throw OptionError("--config is missing");
    const Config config = ReadConfig(*options.Value("config"));
    const std::string& model = options.positional[0];
    const TimeRange range{TimeOf(options, "from", INT64_MIN), TimeOf(options, "to", INT64_MAX)};
    if (range.from_ns >= range.to_ns) throw OptionError("--from is not before --to");
    ProgressBar bar("reading the traffic of " + model);
    const auto rows = ReadTraffic(config, model, range, 1, [&](double done) {
      bar.Show(done);
      return true;
    });
    if (rows->counts().rows == 0) {
      throw std::runtime_error(
          "there is no row to learn from: " + Read(rows->counts()) +
          (rows->counts().rejected > 0 ? "; `monitorctl rejects` of a running daemon says why" : ""));
    }
    const std::string version = options.Value("version").value_or(MostFrequentVersion(rows->counts()));
    const baselines::Profile profile = rows->Build(version, NowText());
    const std::filesystem::path file = options.Value("output").value_or(BaselineFileName(profile));
    baselines::WriteProfile(profile, file);
    if (options.Has("json")) {
      out << BaselineJson(profile).dump(2) << "\n";
    } else {
      out << BaselineText(profile) << "\n" << Read(rows->counts()) << "\nwritten to " << file.string() << "\n";
    }
    return 0;
  });
}

}  // namespace monitor
