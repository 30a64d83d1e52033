// monitorctl retrains: what was asked for, who approved it, what came of it.
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/ctl/table.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 30;

std::string Outcome(const json& retrain) {
  if (TextOf(retrain, "outcome") != "-")
    return "version " + TextOf(retrain, "new_version") + ": " + Spaced(TextOf(retrain, "outcome"));
  if (TextOf(retrain, "new_version") != "-") return "version " + TextOf(retrain, "new_version") + " seen";
  if (TextOf(retrain, "error") != "-") return TextOf(retrain, "error");
  const std::string run = TextOf(retrain, "run");
  if (run != "-") return "run " + TextOf(retrain, "reference") + " " + (run == "running" ? "goes on" : run);
  return TextOf(retrain, "reference");
}

std::string RetrainsText(const json& retrains) {
  if (retrains.empty()) return "no retraining was asked for in this time\n";
  TextTable table({{"retrain", TextTable::Align::kLeft, kWidth},
                   {"model", TextTable::Align::kLeft, kWidth},
                   {"target", TextTable::Align::kLeft, kWidth},
                   {"cause", TextTable::Align::kLeft, kWidth},
                   {"asked for (UTC)", TextTable::Align::kLeft, kWidth},
                   {"state", TextTable::Align::kLeft, kWidth},
                   {"what came of it", TextTable::Align::kLeft, kWidth}});
  bool waits = false;
  for (const json& retrain : retrains) {
    waits = waits || TextOf(retrain, "state") == "awaiting_approval";
    table.Add({TextOf(retrain, "id").substr(0, 8), TextOf(retrain, "model"), TextOf(retrain, "target"),
               Spaced(TextOf(retrain, "cause")), TimeOf(retrain, "requested_at"), Spaced(TextOf(retrain, "state")),
               Outcome(retrain)});
  }
  return table.Text() + (waits ? "\nto let one start: monitorctl approve RETRAIN\n" : "");
}

}  // namespace

int RetrainsVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{"retrains",
                        "usage: monitorctl retrains [--model M] [--from T] [--to T] [--limit N]\n"
                        "Prints the newest requests for retraining (20 of them unless --limit), oldest first; --json "
                        "has their evidence.\n"
                        "\n"
                        "example: monitorctl retrains --model flights\n",
                        "",
                        {"model", "from", "to", "limit"}};
  return RunDaemonVerb(verb, arguments, out, err, [&verb](const Daemon& daemon, const VerbOptions& options) {
    const json answer = daemon.client.Get("/api/v1/retrains", QueryOf(verb, options, "20"));
    return options.Has("json") ? PrettyJson(answer) : RetrainsText(answer.at("retrains"));
  });
}

}  // namespace monitor
