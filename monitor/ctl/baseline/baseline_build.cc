// monitorctl baseline build: training data → baseline file and a summary.
#include <nlohmann/json.hpp>
#include <ostream>

#include "baselines/build/profile_builder.h"
#include "baselines/profile_file.h"
#include "monitor/ctl/baseline/baseline_file.h"
#include "monitor/ctl/baseline/baseline_json.h"
#include "monitor/ctl/baseline/baseline_text.h"
#include "monitor/ctl/progress.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/training/training_files.h"

namespace monitor {
namespace {

constexpr const char* kHelp =
    "usage: monitorctl baseline build FILE… [options]      (- reads standard input)\n"
    "Makes a baseline of a model's training data, and prints what is in it and what was assumed. Reads CSV, and JSON "
    "lines (flat\n"
    "rows, or captured requests with `features`), plain, gzip or zstd; several files and patterns are one table.\n"
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
    "example: monitorctl baseline build train.csv --label churned --model churn -o churn-1.baseline.json\n"
    "example: zcat requests-*.jsonl.gz | monitorctl baseline build - --model churn\n";

constexpr std::size_t kManyFiles = 100'000;

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
  build.created = NowText();
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
                       kManyFiles};
  return RunLocalVerb(verb, arguments, out, err, [&](const VerbOptions& options) {
    baselines::BuildOptions build = BuildOptionsOf(options);
    TrainingFiles files = OpenTrainingFiles(options.positional, build.ignore);
    build.source = files.source;
    ProgressBar bar("reading " + files.source);
    build.progress = [&](double done) { bar.Show(done); };
    const baselines::Profile profile = baselines::BuildProfile(std::move(files.csv), build);
    const std::filesystem::path file = options.Value("output").value_or(BaselineFileName(profile));
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
