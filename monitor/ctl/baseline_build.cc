// monitorctl baseline build: training data → baseline file and a summary.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <ostream>

#include "baselines/profile_builder.h"
#include "baselines/profile_file.h"
#include "monitor/ctl/baseline_json.h"
#include "monitor/ctl/baseline_text.h"
#include "monitor/ctl/progress.h"
#include "monitor/ctl/verb_options.h"

namespace monitor {
namespace {

constexpr const char* kHelp =
    "usage: monitorctl baseline build FILE.csv [options]      (- reads standard input)\n"
    "Makes a baseline of a model's training data, and prints what is in it and what was assumed.\n"
    "\n"
    "  -o, --output F       where to (default <model>-<version>.baseline.json)\n"
    "  --model M            the model's name (default: the file's name)\n"
    "  --version V          its version (default 1)\n"
    "columns, where their names do not tell:\n"
    "  --label C --prediction C --score C --time C --id C\n"
    "  --categorical A,B    numbers that are names, such as postcodes\n"
    "  --numeric A,B        texts among them are type faults\n"
    "  --ignore A,B         not watched\n"
    "  --missing A,B        texts that stand for no value (default NA,N/A,NaN,null,None; the empty text always does)\n"
    "  --task T             none, binary, multi-class or regression\n"
    "  --positive CLASS     the class that the score is the probability of\n"
    "  --json               print the baseline's readable part instead of the summary\n"
    "\n"
    "example: monitorctl baseline build train.csv --label churned --model churn -o churn-1.baseline.json\n";

std::string Now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

// Model and version as part of a file's name.
std::string FileWord(std::string name) {
  std::ranges::replace_if(
      name, [](char c) { return c == '/' || static_cast<unsigned char>(c) < ' '; }, '_');
  return name;
}

baselines::BuildOptions BuildOptionsOf(const VerbOptions& options) {
  baselines::BuildOptions build;
  build.label = options.Value("label");
  build.prediction = options.Value("prediction");
  build.score = options.Value("score");
  build.time = options.Value("time");
  build.id = options.Value("id");
  build.categorical = options.List("categorical");
  build.numeric = options.List("numeric");
  build.ignore = options.List("ignore");
  build.positive = options.Value("positive");
  build.model = options.Value("model");
  build.version = options.Value("version");
  if (options.Value("missing")) build.missing = options.List("missing");
  if (const auto task = options.Value("task")) {
    build.task = baselines::TaskNamed(*task);
    if (!build.task) throw OptionError("--task is none, binary, multi-class or regression, not " + *task);
  }
  for (const auto* name : {&build.model, &build.version}) {
    if (*name && (*name)->empty()) throw OptionError("--model and --version cannot be empty");
  }
  build.created = Now();
  return build;
}

}  // namespace

int BaselineBuildVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"baseline build",
                       kHelp,
                       {"json"},
                       {"output", "model", "version", "label", "prediction", "score", "time", "id", "categorical",
                        "numeric", "ignore", "missing", "task", "positive"},
                       1,
                       1};
  return RunLocalVerb(verb, arguments, out, err, [&](const VerbOptions& options) {
    baselines::BuildOptions build = BuildOptionsOf(options);
    ProgressBar bar("reading " + options.positional[0]);
    build.progress = [&](double done) { bar.Show(done); };
    const baselines::Profile profile = baselines::BuildProfile(options.positional[0], build);
    const std::filesystem::path file =
        options.Value("output").value_or(FileWord(profile.model) + "-" + FileWord(profile.version) + ".baseline.json");
    baselines::WriteProfile(profile, file);
    if (options.Has("json")) {
      out << BaselineJson(profile).dump(2) << "\n";
    } else {
      out << BaselineText(profile) << "\nwritten to " << file.string() << "\n";
    }
    return 0;
  });
}

}  // namespace monitor
