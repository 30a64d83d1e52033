// monitorctl replay: the daemon's own pipeline over files, at full speed, sending nothing; says what would have been alerted.
#include <nlohmann/json.hpp>
#include <ostream>

#include "monitor/ctl/api_text.h"
#include "monitor/ctl/progress.h"
#include "monitor/ctl/replay_verbs.h"
#include "monitor/ctl/table.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/daemon/load_baselines.h"
#include "monitor/ingest/file_replay.h"
#include "monitor/judge/wording.h"
#include "monitor/serve/api.h"
#include "monitor/store/history.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr const char* kHelp =
    "usage: monitorctl replay --config C --requests R.jsonl [--topic T]\n"
    "Runs the records of R.jsonl (JSON lines, plain or gzip; several files with commas) through the pipeline of the daemon with the\n"
    "configuration C, sends nothing, and prints what would have been alerted. Everything is closed at the end of the input.\n"
    "\n"
    "example: monitorctl replay --config monitord.yaml --requests yesterday.jsonl.gz\n"
    "\n"
    "  --config C       the configuration; its state folder is not touched\n"
    "  --requests R     the records, in the order of the topic\n"
    "  --topic T        topic that the records belong to, where the configuration names several\n"
    "  --json           print {\"models\":[…],\"alerts\":[…],\"retrains\":[…]} in the API's shapes\n";

std::vector<ReplayFile> Files(const Config& config, const VerbOptions& options) {
  std::set<std::string> topics;
  for (const ModelConfig& model : config.models) topics.insert(model.requests.topic);
  std::string topic = options.Value("topic").value_or(topics.size() == 1 ? *topics.begin() : "");
  if (!topics.contains(topic)) {
    std::string known;
    for (const std::string& name : topics) known += (known.empty() ? "" : ", ") + name;
    throw OptionError(topic.empty() ? "the configuration has several topics (" + known + "); say which with --topic"
                                    : "the configuration has no topic " + topic + "; it has " + known);
  }
  std::vector<ReplayFile> files;
  for (const std::string& file : options.List("requests")) files.push_back({topic, file});
  return files;
}

void Print(const json& models, const json& alerts, std::uint64_t lines, std::ostream& out) {
  out << Thousands(lines) << " records read\n\n";
  for (const json& model : models) {
    out << "model " << (model["name"] == "" ? "(none)" : model["name"].get<std::string>()) << ": " << CountOf(model, "received") << " received = "
        << CountOf(model, "counted") << " counted + " << CountOf(model, "late") << " late + " << CountOf(model, "rejected") << " rejected + "
        << CountOf(model, "skipped") << " skipped\n";
  }
  out << "\n" << alerts.size() << (alerts.size() == 1 ? " alert" : " alerts") << " would have been raised\n";
  for (const json& alert : alerts) {
    out << "\n" << TimeOf(alert, "started_at") << "  " << TextOf(alert, "severity") << "  " << Spaced(TextOf(alert, "cause")) << "  "
        << TextOf(alert, "model") << "  " << (alert["state"] == "resolved" ? "resolved " + TimeOf(alert, "resolved_at") : TextOf(alert, "state"))
        << "\n  " << WrapTo(TextOf(alert, "summary"), 110, 2) << "\n";
  }
}

}  // namespace

int ReplayVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"replay", kHelp, {"json"}, {"config", "requests", "topic"}, 0, 0};
  return RunLocalVerb(verb, arguments, out, err, [&out](const VerbOptions& options) {
    if (!options.Value("config")) throw OptionError("--config is missing");
    if (!options.Value("requests")) throw OptionError("--requests is missing");
    const Config config = ReadConfig(*options.Value("config"));
    const std::vector<ReplayFile> files = Files(config, options);
    const auto store = StateStore::InMemory();
    SnapshotBoard board;
    const auto still = [] { return std::int64_t{0}; };
    Judge judge(*store, {}, board, {still, still});
    const auto plan = judge.Configure(config, LoadBaselines(config), {});
    judge.SetNotReady("");
    ProgressBar bar("replaying");
    const std::uint64_t lines = ReplayFiles(judge, *plan, files, [&bar](double done) { bar.Show(done); });
    const History history(store->db());
    const json models = ModelsJson(*board.Read())["models"];
    HistoryQuery everything;
    everything.limit = 1'000'000;
    const json alerts = history.Alerts(everything)["alerts"], retrains = history.Retrains(everything)["retrains"];
    if (options.Has("json")) {
      out << json{{"models", models}, {"alerts", alerts}, {"retrains", retrains}}.dump(2) << "\n";
    } else {
      Print(models, alerts, lines, out);
    }
    return 0;
  });
}

}  // namespace monitor
