// monitorctl: builds baselines, compares files with them, asks the daemon. Finds the verb; everything else is the
// verb's.
#include <iostream>
#include <span>

#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/replay/replay_verbs.h"
#include "monitor/ctl/traffic_verbs.h"
#include "monitor/ctl/verb.h"
#include "monitor/daemon/config/nearest.h"

namespace monitor {
namespace {

constexpr Verb kVerbs[] = {
    {"init", "draft a configuration from a training file and a look at the topic", InitVerb},
    {"try", "what the daemon would make of a model's traffic, leaving no trace", TryVerb},
    {"baseline build", "make a baseline of a model's training data", BaselineBuildVerb},
    {"baseline learn", "make one of live traffic, where there are no training data", BaselineLearnVerb},
    {"baseline import", "make one of SageMaker Model Monitor's files", BaselineImportVerb},
    {"baseline export", "write one in SageMaker Model Monitor's layout", BaselineExportVerb},
    {"baseline show", "what is in a baseline, or about one of its features", BaselineShowVerb},
    {"baseline diff", "what differs between two baselines", BaselineDiffVerb},
    {"baseline push", "give the daemon the baseline of a new version", BaselinePushVerb},
    {"baseline list", "the baselines that the daemon has of a model", BaselineListVerb},
    {"baseline rollback", "take the newest pushed baseline back", BaselineRollbackVerb},
    {"drift", "compare a file with a baseline once, with an exit code for CI", DriftVerb},
    {"replay", "run recorded requests through the daemon's pipeline, sending nothing", ReplayVerb},
    {"status", "how the daemon and its models are", StatusVerb},
    {"models", "the models, their versions and counters", ModelsVerb},
    {"windows", "the closed windows of a model", WindowsVerb},
    {"violations", "what the newest window violates, in SageMaker Model Monitor's layout", ViolationsVerb},
    {"labels push", "give a file of labels to the daemon", LabelsPushVerb},
    {"quality", "how good the predictions of a model were, as far as labels tell", QualityVerb},
    {"compare", "is one version or variant of a model better than another", CompareVerb},
    {"alerts", "what is or was alerted", AlertsVerb},
    {"explain", "everything about one alert, in words", ExplainVerb},
    {"ack", "say that somebody looks after an alert", AckVerb},
    {"accept", "say that what an alert found is meant to be", AcceptVerb},
    {"silence", "tell nobody of a model's alerts for a while", SilenceVerb},
    {"silences", "what is silenced, until when and by whom", SilencesVerb},
    {"audit", "who did what, and why", AuditVerb},
    {"approve", "let a retraining that awaits approval start", ApproveVerb},
    {"retrains", "retrainings that were asked for, and whether they helped", RetrainsVerb},
    {"outbox list", "messages that wait, or could not be delivered", OutboxListVerb},
    {"outbox retry", "send a message again now", OutboxRetryVerb},
    {"outbox drop", "give up a message", OutboxDropVerb},
    {"notify test", "send a sample to a target and say what became of it", NotifyTestVerb},
    {"rejects", "records that could not be counted, and why", RejectsVerb},
    {"config check", "check a configuration; what it will cost and how fast it judges", ConfigCheckVerb},
    {"demo", "the product in two minutes on real flights", DemoVerb},
};

void Help(std::ostream& out) {
  out << "usage: monitorctl VERB …\n\n";
  for (const Verb& verb : kVerbs) {
    out << "  " << verb.name << std::string(verb.name.size() < 16 ? 16 - verb.name.size() : 1, ' ') << verb.summary
        << "\n";
  }
  out << "\nEach verb has --help with an example. Exit codes: 0 fine, 1 usage or run error, 2 drift or violation "
         "found, 3 not enough data.\n";
}

int Dispatch(const Arguments& arguments) {
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    Help(arguments.empty() ? std::cerr : std::cout);
    return arguments.empty() ? 1 : 0;
  }
  const std::string two_words = arguments.size() > 1 ? arguments[0] + " " + arguments[1] : arguments[0];
  std::vector<std::string_view> names;
  bool group = false;  // the first word begins verbs of two words
  for (const Verb& verb : kVerbs) {
    if (verb.name == two_words || verb.name == arguments[0]) {
      const auto words = verb.name == arguments[0] ? 1 : 2;
      return verb.run(Arguments(arguments.begin() + words, arguments.end()), std::cout, std::cerr);
    }
    names.push_back(verb.name);
    group = group || verb.name.starts_with(arguments[0] + " ");
  }
  const bool wants_help = group && (arguments.size() == 1 || arguments[1] == "--help" || arguments[1] == "-h");
  if (wants_help) {
    for (const Verb& verb : kVerbs) {
      if (verb.name.starts_with(arguments[0] + " "))
        std::cout << "monitorctl " << verb.name << ": " << verb.summary << "\n";
    }
    return arguments.size() == 1 ? 1 : 0;
  }
  const std::string& asked = group ? two_words : arguments[0];
  std::cerr << "monitorctl: there is no verb " << asked << "; " << Suggestion(asked, names) << "\n";
  return 1;
}

}  // namespace
}  // namespace monitor

int main(int argc, char** argv) {
  const std::span<char*> words(argv, static_cast<std::size_t>(argc));
  return monitor::Dispatch(monitor::Arguments(words.begin() + (words.empty() ? 0 : 1), words.end()));
}
