// monitorctl silences: what is silenced, until when and by whom.
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/ctl/table.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 32;

std::string SilencesText(const json& silences) {
  if (silences.empty()) return "nothing has been silenced\n";
  TextTable table({{"silence", TextTable::Align::kLeft, kWidth},
                   {"model", TextTable::Align::kLeft, kWidth},
                   {"feature", TextTable::Align::kLeft, kWidth},
                   {"cause", TextTable::Align::kLeft, kWidth},
                   {"from (UTC)", TextTable::Align::kLeft, kWidth},
                   {"to (UTC)", TextTable::Align::kLeft, kWidth},
                   {"by", TextTable::Align::kLeft, kWidth},
                   {"comment", TextTable::Align::kLeft, kWidth}});
  for (const json& silence : silences) {
    table.Add({TextOf(silence, "id").substr(0, 8), TextOf(silence, "model"), TextOf(silence, "feature"),
               TextOf(silence, "cause"), TimeOf(silence, "from"), TimeOf(silence, "to"), TextOf(silence, "by"),
               TextOf(silence, "comment")});
  }
  return table.Text();
}

}  // namespace

int SilencesVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{"silences",
                        "usage: monitorctl silences\n"
                        "Prints every silence that there is or was, oldest first.\n"
                        "\n"
                        "example: monitorctl silences\n",
                        "",
                        {}};
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const json answer = daemon.client.Get("/api/v1/silences");
    return options.Has("json") ? PrettyJson(answer) : SilencesText(answer.at("silences"));
  });
}

}  // namespace monitor
