// monitorctl audit: who did what, and why.
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/ctl/table.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kWidth = 40;

std::string AuditText(const json& audit) {
  if (audit.empty()) return "nobody has done anything yet\n";
  TextTable table({{"time (UTC)", TextTable::Align::kLeft, kWidth},
                   {"by", TextTable::Align::kLeft, kWidth},
                   {"what", TextTable::Align::kLeft, kWidth},
                   {"model", TextTable::Align::kLeft, kWidth},
                   {"of", TextTable::Align::kLeft, kWidth},
                   {"why", TextTable::Align::kLeft, kWidth}});
  for (const json& entry : audit) {
    table.Add({TimeOf(entry, "time"), TextOf(entry, "by"), Spaced(TextOf(entry, "action")), TextOf(entry, "model"),
               TextOf(entry, "subject"), TextOf(entry, "comment")});
  }
  return table.Text();
}

}  // namespace

int AuditVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{
      "audit",
      "usage: monitorctl audit [--limit N]\n"
      "Prints the newest things that people did (20 unless --limit), oldest first: acknowledged, accepted,\n"
      "silenced, approved, baselines pushed and taken back, configurations reloaded; with who and why.\n"
      "\n"
      "example: monitorctl audit --limit 100\n",
      "",
      {"limit"}};
  return RunDaemonVerb(verb, arguments, out, err, [&verb](const Daemon& daemon, const VerbOptions& options) {
    const json answer = daemon.client.Get("/api/v1/audit", QueryOf(verb, options, "20"));
    return options.Has("json") ? PrettyJson(answer) : AuditText(answer.at("audit"));
  });
}

}  // namespace monitor
