// monitorctl silence MODEL: nobody is told of a model's alerts for a while.
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/operate/operator_verb.h"

namespace monitor {
namespace {

constexpr const char* kHelp =
    "usage: monitorctl silence MODEL --for 2h [--feature F] [--cause C] [--variant V] [--from T] [--to T]\n"
    "       monitorctl silence --end ID\n"
    "Tells nobody of the model's alerts, or of some of them, until the silence is over. They are judged and shown as "
    "always, and no\n"
    "retraining is asked for because of them. What still fires when the silence ends is told then. --end ends one "
    "early.\n"
    "\n"
    "example: monitorctl silence flights --feature temp --for 2h --comment \"maintenance of the weather feed\"\n"
    "\n"
    "  --for D          how long (90s, 15m, 2h, 7d), or --to T, a time\n"
    "  --from T         when it begins (default: now)\n"
    "  --feature F      only alerts about this feature\n"
    "  --cause C        only this cause: broken_pipeline, data_drift, prediction_drift, quality_loss, no_data\n"
    "  --variant V      only this variant\n"
    "  --end ID         end the silence with this id now\n";

}  // namespace

int SilenceVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb =
      OperatorVerb({"silence", kHelp, "", {"for", "to", "from", "feature", "cause", "variant", "end"}, 1});
  return RunDaemonVerb(verb, arguments, out, err, [](const Daemon& daemon, const VerbOptions& options) {
    nlohmann::json answer;
    if (const auto id = options.Value("end")) {
      if (!options.positional.empty())
        throw OptionError("--end ends the silence with an id; do not name a model as well");
      answer = daemon.client.Delete("/api/v1/silences/" + EscapeUrl(*id));
    } else {
      if (options.positional.empty()) throw OptionError("MODEL is missing");
      nlohmann::json body = OperatorBody(options);
      body["model"] = options.positional[0];
      for (const char* key : {"for", "to", "from", "feature", "cause", "variant"}) {
        if (const auto value = options.Value(key)) body[key] = *value;
      }
      answer = daemon.client.Post("/api/v1/silences", body);
    }
    if (options.Has("json")) return PrettyJson(answer);
    return "silence " + TextOf(answer, "id").substr(0, 8) + " of " + TextOf(answer, "model") + ", from " +
           TimeOf(answer, "from") + " to " + TimeOf(answer, "to") + " UTC\n";
  });
}

}  // namespace monitor
