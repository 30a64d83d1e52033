// monitorctl try: what the daemon would make of the traffic, without a daemon and without a trace.
#include <algorithm>
#include <ostream>

#include "alerts/messages/time_text.h"
#include "monitor/ctl/progress.h"
#include "monitor/ctl/run_daemon_verb.h"
#include "monitor/ctl/traffic/topic_sampler.h"
#include "monitor/ctl/traffic/trial_text.h"
#include "monitor/ctl/traffic_verbs.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/daemon/config/nearest.h"
#include "monitor/daemon/config/units.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

constexpr std::uint64_t kNewest = 10'000, kOfTime = 200'000;

constexpr const char* kHelp =
    "usage: monitorctl try [MODEL] [--config C] [--last 1h | --records N]\n"
    "Reads records of the model's topics from Kafka, runs them through the daemon's own decoding, mapping, pairing,\n"
    "counting and judging, and prints what it understood: rejected records by reason, which features are matched, how\n"
    "unique ids are, how times lie, which labels join, three records beside what was read from them, and how far the\n"
    "traffic is from training. Joins no consumer group, commits no offset, touches no state; a daemon may run "
    "meanwhile.\n"
    "Exit codes: 0 everything fits, 2 records are rejected or features are not matched, 1 error.\n"
    "\n"
    "example: monitorctl try churn --last 1h\n"
    "\n"
    "  --config C       the configuration (default monitord.yaml)\n"
    "  --last D         records of the last 30m, 1h, 7d … by the time of their messages; at most 200,000, the newest\n"
    "  --records N      the newest N instead, however old they are (default 10,000)\n"
    "  --json           print the figures as JSON\n";

const ModelConfig& ModelOf(const Config& config, const VerbOptions& options) {
  std::vector<std::string_view> names;
  for (const ModelConfig& model : config.models) names.push_back(model.name);
  if (options.positional.empty()) {
    if (config.models.size() == 1) return config.models.front();
    throw OptionError("the configuration has several models; name one of " + Join(names));
  }
  const auto model = std::ranges::find(config.models, options.positional[0], &ModelConfig::name);
  if (model == config.models.end())
    throw OptionError("there is no model " + options.positional[0] + " in " + config.file.string() + "; " +
                      Suggestion(options.positional[0], names));
  return *model;
}

TopicSampler::Range RangeOf(const VerbOptions& options) {
  TopicSampler::Range range{kNewest, std::nullopt};
  if (const auto last = options.Value("last")) {
    const auto duration = DurationFrom(*last);
    if (!duration || duration->count() == 0)
      throw OptionError("--last: " + *last + " is no duration; " + std::string(kDurationHint));
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    range = {kOfTime, std::max<std::int64_t>(0, std::chrono::nanoseconds(now - *duration).count())};
  }
  range.records = options.Count("records", range.records);
  return range;
}

// The messages of all topics in the order in which they were written, and what there is to be said of reading them.
struct Traffic {
  std::vector<SampledMessage> messages;
  std::string text;
};

Traffic ReadTraffic(const Config& config, const ModelConfig& model, TopicSampler::Range range) {
  TopicSampler sampler(config, {});
  Traffic traffic;
  const auto read = [&](const std::string& topic) {
    ProgressBar bar("reading " + topic);
    TopicSample sample = sampler.Read(topic, range, [&](double done) { bar.Show(done); });
    traffic.text += "topic " + topic + ": " + Thousands(sample.messages.size()) + " of " + Thousands(sample.in_range) +
                    " messages" + (range.since_ns ? " since " + alerts::FormatTimeForPeople(*range.since_ns) : "") +
                    (sample.cut.empty() ? "" : "; " + sample.cut) + "\n";
    std::ranges::move(sample.messages, std::back_inserter(traffic.messages));
  };
  read(model.requests.topic);
  // What belongs to them was written at about the same time or later.
  std::int64_t since = INT64_MAX;
  for (const SampledMessage& message : traffic.messages)
    since = std::min(since, message.timestamp_ns.value_or(INT64_MAX));
  if (since != INT64_MAX) range.since_ns = since;
  if (!model.requests.responses.empty()) read(model.requests.responses);
  if (model.labels && !model.labels->topic.empty()) {
    try {
      read(model.labels->topic);
    } catch (const SampleError& fault) {
      traffic.text += std::string("labels: ") + fault.what() + "\n";
    }
  }
  std::ranges::stable_sort(traffic.messages, {}, &SampledMessage::order_ns);
  return traffic;
}

}  // namespace

int TryVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"try", kHelp, {"json"}, {"config", "last", "records"}, 0, 1};
  return RunLocalVerb(verb, arguments, out, err, [&out](const VerbOptions& options) {
    const Config config = ReadConfig(options.Value("config").value_or("monitord.yaml"));
    const ModelConfig& model = ModelOf(config, options);
    const Traffic traffic = ReadTraffic(config, model, RangeOf(options));
    const Trial trial = RunTrial(config, model.name, traffic.messages);
    if (options.Has("json")) {
      out << PrettyJson(TrialJson(trial));
    } else {
      out << traffic.text << "\n" << TrialText(trial, model);
      if (!trial.shown.empty())
        out << "\nthe newest records, as they are written and as they are read\n" << ShownText(trial);
      if (trial.counters.counted > 0) out << "\n" << TrialDriftText(trial);
    }
    return Understood(trial) ? 0 : 2;
  });
}

}  // namespace monitor
