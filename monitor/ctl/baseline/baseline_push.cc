// monitorctl baseline push | list | rollback: baselines that the daemon has.
#include <fstream>
#include <iterator>

#include "baselines/profile_file.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/operate/operator_verb.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/ctl/table.h"

namespace monitor {
namespace {

std::string PathOf(const std::string& model) { return "/api/v1/baselines/" + EscapeUrl(model); }

}  // namespace

int BaselinePushVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb = OperatorVerb(
      {"baseline push",
       "usage: monitorctl baseline push FILE.baseline.json [--model M]\n"
       "Gives the baseline of a model's version to the daemon, as the last step of a nightly training. It takes effect "
       "at\n"
       "the next step, without a restart; what its training data say of the newest baseline before it is printed. "
       "Pushing\n"
       "a file again is harmless. The model is the baseline's unless --model names it. Needs the API token.\n"
       "\n"
       "example: monitorctl baseline push flights-8.baseline.json --token-file /etc/monitord/api-token\n",
       "FILE",
       {"model"}});
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) -> std::string {
    const std::string& file = options.positional[0];
    const baselines::Profile profile = baselines::ReadProfile(file);
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    const std::string model = options.Value("model").value_or(profile.model);
    std::string path = PathOf(model) + "/" + EscapeUrl(profile.version), separator = "?";
    const nlohmann::json who = OperatorBody(options);
    for (const auto& [key, value] : who.items()) {
      path += separator + key + "=" + EscapeUrl(value.get<std::string>());
      separator = "&";
    }
    const nlohmann::json answer = daemon.client.Put(path, text);
    if (options.Has("json")) return PrettyJson(answer);
    if (!answer.at("changed").get<bool>()) return "the daemon has this baseline already\n";
    return "baseline of " + model + " version " + TextOf(answer, "version") + " (" + CountOf(answer, "rows") +
           " rows) is there; against version " + TextOf(answer, "against") + ": " + TextOf(answer, "moved") + "\n";
  });
}

int BaselineListVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{
      "baseline list",
      "usage: monitorctl baseline list MODEL\n"
      "Prints the baselines that the daemon has of a model, and which of them serves the versions that\n"
      "have none of their own.\n"
      "\n"
      "example: monitorctl baseline list flights\n",
      "MODEL",
      {}};
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const nlohmann::json answer = daemon.client.Get(PathOf(options.positional[0]));
    if (options.Has("json")) return PrettyJson(answer);
    TextTable table({{"version"}, {"rows"}, {"features"}, {"built"}, {"from"}, {"digest"}, {""}});
    for (const nlohmann::json& baseline : answer.at("baselines")) {
      std::string source = TextOf(baseline, "source");
      const nlohmann::json learnt = baseline.value("learnt", nlohmann::json::object());
      for (const auto& [part, traffic] : learnt.items()) source += "; " + part + ": " + traffic.get<std::string>();
      table.Add({TextOf(baseline, "version"), CountOf(baseline, "rows"), CountOf(baseline, "features"),
                 TextOf(baseline, "created"), source, TextOf(baseline, "digest").substr(0, 8),
                 baseline.at("newest").get<bool>() ? "newest" : ""});
    }
    return table.Text();
  });
}

int BaselineRollbackVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb = OperatorVerb(
      {"baseline rollback",
       "usage: monitorctl baseline rollback MODEL\n"
       "Takes the newest pushed baseline of a model back; the one before it serves from the next step on.\n"
       "The file stays in the daemon's state folder as <version>.rolled-back.json. Needs the API token.\n"
       "\n"
       "example: monitorctl baseline rollback flights --token-file /etc/monitord/api-token\n",
       "MODEL",
       {}});
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    const nlohmann::json answer =
        daemon.client.Post(PathOf(options.positional[0]) + "/rollback", OperatorBody(options));
    if (options.Has("json")) return PrettyJson(answer);
    return "version " + TextOf(answer, "rolled_back") + "'s baseline is taken back; version " +
           TextOf(answer, "version") + "'s is the newest now\n";
  });
}

}  // namespace monitor
