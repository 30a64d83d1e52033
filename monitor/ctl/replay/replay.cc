// monitorctl replay: the daemon's own pipeline over files, at full speed, sending nothing; says what would have been
// alerted.
#include <nlohmann/json.hpp>
#include <ostream>

#include "monitor/ctl/api_text.h"
#include "monitor/ctl/progress.h"
#include "monitor/ctl/replay/alert_price.h"
#include "monitor/ctl/replay/message_tally.h"
#include "monitor/ctl/replay/replay_verbs.h"
#include "monitor/ctl/table.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/daemon/baselines/load_baselines.h"
#include "monitor/ingest/avro/schema_registry.h"
#include "monitor/ingest/file_replay.h"
#include "monitor/judge/windows/wording.h"
#include "monitor/serve/api.h"
#include "monitor/store/history.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr const char* kHelp =
    "usage: monitorctl replay --config C --requests R.jsonl [--labels L.jsonl] [--topic T] [--labels-topic T] "
    "[--price]\n"
    "Runs the records of R.jsonl and the labels of L.jsonl (JSON lines, plain or gzip; several files with commas) "
    "through the\n"
    "pipeline of the daemon with the configuration C, sends nothing, and prints what would have been alerted. Requests "
    "and labels are\n"
    "read side by side in event time; all windows are closed at the end of the input.\n"
    "\n"
    "example: monitorctl replay --config monitord.yaml --requests yesterday.jsonl.gz\n"
    "\n"
    "  --config C       the configuration; its state folder is not touched\n"
    "  --requests R     the records, in the order of the topic\n"
    "  --labels L       labels, in the order of their topic\n"
    "  --topic T        topic that the records belong to, where the configuration names several\n"
    "  --labels-topic T the same for labels\n"
    "  --price          instead: how many alerts and incidents other budgets, min_effects and fixed thresholds would\n"
    "                   have fired, side by side and by month; the records are counted once and judged by each "
    "setting\n"
    "  --json           print {\"models\":[…],\"alerts\":[…],\"retrains\":[…]} in the API's shapes, and \"messages\": "
    "how many of\n"
    "                   each type people would get, and a receiver that is told every change; with --price also "
    "\"price\"\n";

// The topic that the files of `option` belong to.
std::string TopicOf(const std::set<std::string>& topics, const std::optional<std::string>& given,
                    const std::string& option, const std::string& what) {
  const std::string topic = given.value_or(topics.size() == 1 ? *topics.begin() : "");
  if (topics.contains(topic)) return topic;
  std::string known;
  for (const std::string& name : topics) known += (known.empty() ? "" : ", ") + name;
  if (topics.empty()) throw OptionError("the configuration has no topic of " + what);
  throw OptionError(topic.empty() ? "the configuration has several topics of " + what + " (" + known +
                                        "); say which with --" + option
                                  : "the configuration has no topic " + topic + " of " + what + "; it has " + known);
}

std::vector<ReplayFile> Files(const Config& config, const VerbOptions& options) {
  std::set<std::string> requests, labels;
  for (const ModelConfig& model : config.models) {
    requests.insert(model.requests.topic);
    if (model.labels && !model.labels->topic.empty()) labels.insert(model.labels->topic);
  }
  std::vector<ReplayFile> files;
  const std::string topic = TopicOf(requests, options.Value("topic"), "topic", "requests");
  for (const std::string& file : options.List("requests")) files.push_back({topic, file});
  if (!options.Value("labels")) return files;
  const std::string labels_topic = TopicOf(labels, options.Value("labels-topic"), "labels-topic", "labels");
  for (const std::string& file : options.List("labels")) files.push_back({labels_topic, file});
  return files;
}

void Print(const json& models, const Snapshot& snapshot, const json& alerts, std::uint64_t lines, std::ostream& out) {
  out << Thousands(lines) << " records read\n\n";
  for (const json& model : models) {
    out << "model " << (model["name"] == "" ? "(none)" : model["name"].get<std::string>()) << ": "
        << CountOf(model, "received") << " received = " << CountOf(model, "counted") << " counted + "
        << CountOf(model, "late") << " late + " << CountOf(model, "rejected") << " rejected + "
        << CountOf(model, "skipped") << " skipped\n";
  }
  for (const ModelSnapshot& model : snapshot.models) {
    if (!model.labels) continue;
    const LabelCounters& labels = *model.labels;
    out << "labels of " << (model.name.empty() ? "no model" : model.name) << ": " << Thousands(labels.joined)
        << " joined, " << Thousands(labels.corrected) << " corrected, " << Thousands(labels.duplicate)
        << " said before, " << Thousands(labels.unmatched) << " unmatched, " << Thousands(labels.late) << " late, "
        << Thousands(labels.rejected()) << " rejected, " << Thousands(labels.skipped) << " skipped, "
        << Thousands(labels.waiting) << " waiting\n";
  }
  out << "\n" << alerts.size() << (alerts.size() == 1 ? " alert" : " alerts") << " would have been raised\n";
  for (const json& alert : alerts) {
    out << "\n"
        << TimeOf(alert, "started_at") << "  " << TextOf(alert, "severity") << "  " << Spaced(TextOf(alert, "cause"))
        << "  " << TextOf(alert, "model") << "  "
        << (alert["state"] == "resolved" ? "resolved " + TimeOf(alert, "resolved_at") : TextOf(alert, "state"))
        << "\n  " << WrapTo(TextOf(alert, "summary"), 110, 2) << "\n";
  }
}

}  // namespace

int ReplayVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"replay", kHelp, {"json", "price"}, {"config", "requests", "labels", "topic", "labels-topic"},
                       0,        0};
  return RunLocalVerb(verb, arguments, out, err, [&out](const VerbOptions& options) {
    if (!options.Value("config")) throw OptionError("--config is missing");
    if (!options.Value("requests")) throw OptionError("--requests is missing");
    const Config whole = ReadConfig(*options.Value("config"));
    const auto baselines = LoadBaselines(whole);
    const Config config = WatchedOf(whole, baselines);
    if (config.models.empty())
      throw std::runtime_error("no model has a baseline yet; make one with `monitorctl baseline learn`");
    const std::vector<ReplayFile> files = Files(config, options);
    const auto store = StateStore::InMemory();
    SnapshotBoard board;
    const auto still = [] { return std::int64_t{0}; };
    Judge judge(*store, {}, board, {still, still});
    const auto people = std::make_shared<MessageTally>(false), every_change = std::make_shared<MessageTally>(true);
    const auto plan = WithRegistry(judge.Configure(config, baselines, {people, every_change}),
                                   MakeSchemaRegistry(config, SchemaRegistry::Files::kRead));
    judge.SetNotReady("");
    std::optional<AlertPrice> price;
    std::vector<Judge*> judges{&judge};
    if (options.Has("price")) {
      price.emplace(config, baselines, *store, plan);
      for (Judge* other : price->judges()) judges.push_back(other);
    }
    ProgressBar bar("replaying");
    const std::uint64_t lines = ReplayFiles(judges, *plan, files, [&](double done) {
      bar.Show(done);
      if (price) price->DropWindows();
    });
    const History history(store->db());
    const json models = ModelsJson(*board.Read())["models"];
    HistoryQuery everything;
    everything.limit = 1'000'000;
    const json alerts = history.Alerts(everything)["alerts"], retrains = history.Retrains(everything)["retrains"];
    const json table = price ? price->Table() : json();
    if (options.Has("json")) {
      json answer{{"models", models},
                  {"alerts", alerts},
                  {"retrains", retrains},
                  {"messages", {{"people", people->Counts()}, {"every_change", every_change->Counts()}}}};
      if (price) answer["price"] = table;
      out << answer.dump(2) << "\n";
    } else if (price) {
      out << PriceText(table, config);
    } else {
      Print(models, *board.Read(), alerts, lines, out);
    }
    return 0;
  });
}

}  // namespace monitor
