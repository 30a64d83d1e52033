// monitorctl quality MODEL: how good the model was, cohort by cohort, as far as labels tell.
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/ctl/show/quality_text.h"

namespace monitor {

int QualityVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const DaemonVerb verb{"quality",
                        "usage: monitorctl quality MODEL [--metric M] [--by segment] [--calibration live] [--version "
                        "V] [--variant V] [--from T] [--to T] [--limit N]\n"
                        "Prints the quality of the newest cohorts (the predictions of one step each; 14 of them unless "
                        "--limit): predictions,\n"
                        "labels, the measures that matter for the task, and what the scores alone let expect; below, "
                        "the window that they make,\n"
                        "what missing labels leave open, and the course of one measure (--metric, accuracy or mae "
                        "unless given) as a chart.\n"
                        "With --calibration live the scores are read by what the labels of the printed cohorts say "
                        "that they are worth (1,000 labels\n"
                        "at least), no longer by the training data.\n"
                        "\n"
                        "example: monitorctl quality flights --metric auc --limit 30\n",
                        "MODEL",
                        {"metric", "by", "calibration", "version", "variant", "from", "to", "limit"}};
  return RunDaemonVerb(verb, arguments, out, err, [&verb](const Daemon& daemon, const VerbOptions& options) {
    auto query = QueryOf(verb, options, "14");
    query.erase("metric");
    const nlohmann::json quality =
        daemon.client.Get("/api/v1/models/" + EscapeUrl(options.positional[0]) + "/quality", query);
    return options.Has("json") ? PrettyJson(quality) : QualityText(quality, options.Value("metric").value_or(""));
  });
}

}  // namespace monitor
