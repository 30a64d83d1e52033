// monitorctl baseline import | export and violations: the files of SageMaker Model Monitor, in and out.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>

#include "baselines/profile_file.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/baseline/baseline_file.h"
#include "monitor/ctl/baseline/baseline_json.h"
#include "monitor/ctl/baseline/baseline_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/sagemaker/statistics_export.h"
#include "monitor/sagemaker/statistics_import.h"

namespace monitor {
namespace {

std::string ReadAll(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void WriteAll(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

void NeedSageMaker(const std::string& format) {
  if (format != "sagemaker") throw OptionError("the only format is sagemaker, not " + format);
}

}  // namespace

int BaselineImportVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{
      "baseline import",
      "usage: monitorctl baseline import sagemaker STATISTICS.json [CONSTRAINTS.json] --model M [options]\n"
      "Makes a baseline of what SageMaker Model Monitor's baseline job wrote, and keeps the thresholds of its "
      "constraints as rules.\n"
      "\n"
      "  --model M            the model's name\n"
      "  --version V          its version (default 1)\n"
      "  --ignore A,B         features that are not watched, such as the label\n"
      "  -o, --output F       where to (default <model>-<version>.baseline.json)\n"
      "  --rules F            where the rules go (default <model>-<version>.rules.yaml)\n"
      "  --json               print the baseline's readable part instead of the summary\n"
      "\n"
      "example: monitorctl baseline import sagemaker statistics.json constraints.json --model churn\n",
      {"json"},
      {"model", "version", "ignore", "output", "rules"},
      2,
      3};
  return RunLocalVerb(verb, arguments, out, err, [&](const VerbOptions& options) {
    NeedSageMaker(options.positional[0]);
    if (!options.Value("model")) throw OptionError("--model is missing: the files do not name the model");
    const std::string& statistics = options.positional[1];
    const std::string constraints = options.positional.size() > 2 ? ReadAll(options.positional[2]) : std::string();
    const baselines::Profile profile =
        ProfileOfStatistics(ReadAll(statistics), constraints,
                            {*options.Value("model"), options.Value("version").value_or("1"), NowText(),
                             std::filesystem::path(statistics).filename().string(), options.List("ignore")});
    const std::filesystem::path file = options.Value("output").value_or(BaselineFileName(profile));
    baselines::WriteProfile(profile, file);
    out << (options.Has("json") ? BaselineJson(profile).dump(2) : BaselineText(profile)) << "\n";
    if (options.Has("json") && constraints.empty()) return 0;
    if (!constraints.empty()) {
      std::string name = BaselineFileName(profile);
      name.replace(name.rfind(".baseline.json"), std::string::npos, ".rules.yaml");
      const std::string rules = options.Value("rules").value_or(name);
      WriteAll(rules, RulesOfConstraints(constraints, profile));
      if (!options.Has("json")) out << "thresholds written to " << rules << "\n";
    }
    if (!options.Has("json")) out << "written to " << file.string() << "\n";
    return 0;
  });
}

int BaselineExportVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{
      "baseline export",
      "usage: monitorctl baseline export sagemaker FILE.baseline.json [-o FOLDER]\n"
      "Writes statistics.json and constraints.json in the layout of SageMaker Model Monitor into FOLDER (default: "
      "here).\n"
      "\n"
      "example: monitorctl baseline export sagemaker churn-1.baseline.json -o baselining/results\n",
      {},
      {"output"},
      2,
      2};
  return RunLocalVerb(verb, arguments, out, err, [&](const VerbOptions& options) {
    NeedSageMaker(options.positional[0]);
    const baselines::Profile profile = baselines::ReadProfile(options.positional[1]);
    const std::filesystem::path folder = options.Value("output").value_or(".");
    std::filesystem::create_directories(folder);
    WriteAll(folder / "statistics.json", PrettyJson(StatisticsJson(profile)));
    WriteAll(folder / "constraints.json", PrettyJson(ConstraintsJson(profile)));
    out << "written to " << (folder / "statistics.json").string() << " and " << (folder / "constraints.json").string()
        << "\n";
    return 0;
  });
}

int ViolationsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  int code = 0;
  const DaemonVerb verb{
      "violations",
      "usage: monitorctl violations MODEL --format sagemaker [-o F] [--version V]\n"
      "Writes what the newest closed window of a model was found to violate as constraint_violations.json of SageMaker "
      "Model\n"
      "Monitor (- for standard output), for what reads that file today. Exit code 2 when there is a violation.\n"
      "\n"
      "example: monitorctl violations churn --format sagemaker --config monitord.yaml\n",
      "MODEL",
      {"format", "output", "version"}};
  const int ran = RunDaemonVerb(verb, arguments, out, err, [&](const Daemon& daemon, const VerbOptions& options) {
    if (!options.Value("format")) throw OptionError("--format is missing: sagemaker");
    NeedSageMaker(*options.Value("format"));
    std::map<std::string, std::string> query{{"limit", "1"}};
    if (const auto version = options.Value("version")) query["version"] = *version;
    const nlohmann::json windows =
        daemon.client.Get("/api/v1/models/" + EscapeUrl(options.positional[0]) + "/windows", query).at("windows");
    if (windows.empty()) throw std::runtime_error("no window of " + options.positional[0] + " has closed yet");
    const nlohmann::json violations = ViolationsJson(windows.front());
    const std::size_t found = violations.at("violations").size();
    code = found > 0 ? 2 : 0;
    const std::string file = options.Value("output").value_or("constraint_violations.json");
    if (file == "-") return PrettyJson(violations);
    WriteAll(file, PrettyJson(violations));
    return std::to_string(found) + (found == 1 ? " violation" : " violations") + " in the window from " +
           TimeOf(windows.front(), "start") + " to " + TimeOf(windows.front(), "end") + " UTC, written to " + file +
           "\n";
  });
  return ran == 0 ? code : ran;
}

}  // namespace monitor
