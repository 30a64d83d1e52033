// monitorctl init: a training file and a look at the topic → baseline and configuration, and what was assumed.
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <ostream>

#include "alerts/messages/time_text.h"
#include "baselines/build/profile_builder.h"
#include "baselines/profile_file.h"
#include "monitor/ctl/init/config_draft.h"
#include "monitor/ctl/init/kafka_properties.h"
#include "monitor/ctl/init/topic_names.h"
#include "monitor/ctl/progress.h"
#include "monitor/ctl/table.h"
#include "monitor/ctl/traffic/topic_sampler.h"
#include "monitor/ctl/traffic/trial_text.h"
#include "monitor/ctl/traffic_verbs.h"
#include "monitor/ctl/verb_options.h"
#include "monitor/ingest/formats/format.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSampled = 2000;
constexpr std::size_t kLine = 118, kIndent = 11;

constexpr const char* kHelp =
    "usage: monitorctl init TRAIN.csv --brokers B --topic T [--labels-topic L] [--model M] [--out DIR]\n"
    "Looks at the newest messages of a topic, recognises how they are written and what in them is what, makes the\n"
    "baseline of the training file and writes a commented configuration that monitord starts with. Then says what was\n"
    "assumed and what was not found, with the line to change, and what the daemon would make of these messages.\n"
    "Joins no consumer group and commits no offset. Exit codes: 0 everything fits, 2 records are rejected or features\n"
    "are not matched, 1 error.\n"
    "\n"
    "example: monitorctl init train.csv --brokers localhost:9092 --topic churn.requests --labels-topic churn.labels\n"
    "\n"
    "  --brokers B            host:port of one or more brokers, with commas between them\n"
    "  --topic T              where requests and predictions are logged\n"
    "  --responses-topic T    where the responses are, if not there (KServe, Seldon)\n"
    "  --labels-topic T       where true outcomes arrive\n"
    "  --model M              the model's name (default: as the records name it, else from the topic's name)\n"
    "  --version V            the version that was trained on the file (default: as the records name it, else 1)\n"
    "  --baseline F           a baseline that is there already, instead of TRAIN.csv\n"
    "  --kafka-properties F   TLS, SASL …: lines of name=value, as kcat -F takes them\n"
    "  --records N            how many messages to look at (default 2,000)\n"
    "  --out DIR              where monitord.yaml and the baseline go (default: here)\n"
    "  --force                overwrite them\n";

std::string Need(const VerbOptions& options, const std::string& name) {
  const auto value = options.Value(name);
  if (!value || value->empty()) throw OptionError("--" + name + " is missing");
  return *value;
}

baselines::Profile TrainingOf(const VerbOptions& options) {
  if (const auto given = options.Value("baseline")) {
    if (!options.positional.empty()) throw OptionError("give a training file or --baseline, not both");
    return baselines::ReadProfile(*given);
  }
  if (options.positional.empty()) throw OptionError("the training file is missing");
  baselines::BuildOptions build;
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch();
  build.created = alerts::FormatTime(std::chrono::nanoseconds(now).count());
  ProgressBar bar("reading " + options.positional[0]);
  build.progress = [&](double done) { bar.Show(done); };
  return baselines::BuildProfile(options.positional[0], build);
}

TopicSample Sample(TopicSampler& sampler, const std::string& topic, std::uint64_t records) {
  ProgressBar bar("reading " + topic);
  return sampler.Read(topic, {records, std::nullopt}, [&](double done) { bar.Show(done); });
}

void Write(const fs::path& file, const std::string& text, ::mode_t mode = 0644) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  ::chmod(file.c_str(), mode);
  out << text;
  out.close();
  if (!out) throw std::runtime_error(file.string() + ": cannot be written");
}

class Init {
 public:
  explicit Init(const VerbOptions& options)
      : options_(options), out_(options.Value("out").value_or(".")), config_file_(out_ / "monitord.yaml") {
    draft_.brokers = Need(options, "brokers");
    draft_.topic = Need(options, "topic");
    draft_.responses = options.Value("responses-topic").value_or("");
    draft_.labels_topic = options.Value("labels-topic").value_or("");
    if (const auto file = options.Value("kafka-properties")) draft_.properties = ReadKafkaProperties(*file);
    RefuseToOverwrite(config_file_);
  }

  int Run(std::ostream& out) {
    training_ = TrainingOf(options_);
    Read();
    const std::vector<std::string> nobody;
    draft_.requests = RecogniseRequests({messages_, training_, nobody});
    if (!draft_.requests.unreadable.empty())
      throw std::runtime_error("topic " + draft_.topic + ": " + draft_.requests.unreadable);
    AddResponses();
    if (!labels_.empty()) {
      draft_.labels = RecogniseLabels({labels_, training_, draft_.requests.ids});
      if (!draft_.labels->unreadable.empty())
        throw std::runtime_error("topic " + draft_.labels_topic + ": " + draft_.labels->unreadable);
    }
    NameModel();
    WriteBaseline();
    WriteSecrets();
    draft_.window = GuessWindow(0, 0);
    Write(config_file_, WriteDraft(draft_).text);
    std::ranges::move(labels_, std::back_inserter(messages_));
    std::ranges::stable_sort(messages_, {}, &SampledMessage::order_ns);
    const Trial trial = RunTrial(ReadConfig(config_file_), draft_.model, messages_);
    draft_.window = GuessWindow(trial.probed, trial.last_ns - trial.first_ns);
    text_ = WriteDraft(draft_);
    Write(config_file_, text_.text);
    Print(trial, ReadConfig(config_file_).models.front(), out);
    return Understood(trial) ? 0 : 2;
  }

 private:
  void RefuseToOverwrite(const fs::path& file) const {
    if (!options_.Has("force") && fs::exists(file))
      throw OptionError(file.string() + " is there already; --force overwrites it, --out names another folder");
  }

  void Read() {
    Config config;
    config.file = "--kafka-properties";  // where a property that librdkafka refuses comes from
    config.brokers = draft_.brokers;
    config.kafka_properties = draft_.properties;
    sampler_.emplace(config, TopicSampler::Patience{});
    const std::uint64_t records = options_.Count("records", kSampled);
    const auto take = [&](const std::string& topic, std::vector<SampledMessage>& into) {
      TopicSample sample = Sample(*sampler_, topic, records);
      read_ += (read_.empty() ? "" : ", ") + Thousands(sample.messages.size()) + " messages of " + topic;
      std::ranges::move(sample.messages, std::back_inserter(into));
    };
    take(draft_.topic, messages_);
    if (!draft_.responses.empty()) take(draft_.responses, messages_);
    if (!draft_.labels_topic.empty()) take(draft_.labels_topic, labels_);
    draft_.sampled = messages_.size();
  }

  // A topic of requests alone, and one beside it that is called as if it had the responses.
  void AddResponses() {
    const auto misses = [](const Remark& remark) { return remark.key == "responses"; };
    if (!ComesInHalves(FormatNamed(draft_.requests.format)) || !draft_.responses.empty() ||
        std::ranges::none_of(draft_.requests.remarks, misses))
      return;
    draft_.responses = ResponsesBeside(draft_.topic, sampler_->Topics());
    if (draft_.responses.empty()) return;
    std::erase_if(draft_.requests.remarks, misses);
    draft_.requests.Assume("responses", "the responses are in " + draft_.responses);
    TopicSample sample = Sample(*sampler_, draft_.responses, options_.Count("records", kSampled));
    read_ += ", " + Thousands(sample.messages.size()) + " messages of " + draft_.responses;
    std::ranges::move(sample.messages, std::back_inserter(messages_));
  }

  void NameModel() {
    Proposal& requests = draft_.requests;
    const fs::path source = training_.source;
    draft_.model = options_.Value("model").value_or(
        !requests.model.empty() ? requests.model : ModelOfTopic(draft_.topic, source.stem().string()));
    if (!options_.Value("model") && requests.model.empty())
      requests.Assume("model", "the model is called " + draft_.model + "; --model names it otherwise");
    const auto& named = requests.models;
    if (!named.empty() && std::ranges::find(named, draft_.model) == named.end()) {
      std::erase_if(requests.fields, [](const FieldLine& field) { return field.key == "model"; });
      requests.fields.push_back(
          {"model", "{const: " + std::string("\"") + draft_.model + "\"}", "the records call it " + requests.model});
      requests.Assume("model", "the records call the model " + requests.model + "; here it is " + draft_.model);
    }
    draft_.version =
        options_.Value("version").value_or(requests.version.empty() ? training_.version : requests.version);
    if (!options_.Value("version") && !options_.Value("baseline") && !requests.version.empty())
      requests.Assume("version",
                      "the training file is that of version " + draft_.version + ", as the newest records say");
  }

  void WriteBaseline() {
    if (const auto given = options_.Value("baseline")) {
      draft_.baseline = fs::absolute(*given).string();
      draft_.version = training_.version;
      return;
    }
    fs::create_directories(out_);
    training_.model = draft_.model;
    training_.model_given = true;
    training_.version = draft_.version;
    training_.digest = baselines::Digest(training_);
    draft_.baseline = draft_.model + "-" + draft_.version + ".baseline.json";
    std::ranges::replace(draft_.baseline, '/', '_');
    RefuseToOverwrite(out_ / draft_.baseline);
    baselines::WriteProfile(training_, out_ / draft_.baseline);
  }

  void WriteSecrets() {
    for (auto& [name, value] : draft_.properties) {
      if (!IsSecret(name)) continue;
      RefuseToOverwrite(out_ / ("kafka-" + name));
      Write(out_ / ("kafka-" + name), value, 0600);
      draft_.secrets.insert(name);
    }
  }

  static std::string Titled(std::string title, const std::string& text) {
    title.resize(kIndent, ' ');
    return title + WrapTo(text, kLine - kIndent, kIndent) + "\n";
  }

  // By line of the configuration.
  std::string Remarks(Remark::Kind kind) const {
    std::multimap<std::size_t, std::string> by_line;
    const auto add = [&](const Proposal& proposal, const std::string& prefix) {
      for (const Remark& remark : proposal.remarks) {
        if (remark.kind == kind) by_line.emplace(text_.LineOf(prefix + remark.key), remark.text);
      }
    };
    add(draft_.requests, "");
    if (draft_.labels) add(*draft_.labels, "labels.");
    std::string text;
    for (const auto& [line, remark] : by_line) text += Titled("  line " + std::to_string(line), remark);
    return text;
  }

  void Print(const Trial& trial, const ModelConfig& model, std::ostream& out) const {
    out << Titled("read", read_) << Titled("format", draft_.requests.what);
    if (draft_.labels) out << Titled("labels", draft_.labels->what);
    std::string training = Thousands(training_.rows) + " rows of " + training_.source + ", " +
                           Thousands(training_.features.size()) + " features, task " +
                           std::string(baselines::TaskName(training_.task));
    if (!training_.positive.empty()) training += ", positive class " + training_.positive;
    out << Titled("training", training);
    for (const std::string& assumption : training_.assumptions) out << Titled("", assumption);
    out << Titled("written",
                  config_file_.string() + (options_.Value("baseline") ? "" : ", " + (out_ / draft_.baseline).string()));
    if (const std::string assumed = Remarks(Remark::Kind::kAssumed); !assumed.empty())
      out << "\nassumed; where it is wrong, change the line of monitord.yaml\n" << assumed;
    if (const std::string missing = Remarks(Remark::Kind::kNotFound); !missing.empty())
      out << "\nnot found, or not clear\n" << missing;
    out << "\nwhat the daemon makes of these messages\n" << TrialText(trial, model);
    out << "\nnext\n  monitorctl try --config " << config_file_.string()
        << "     records as they are read, and how far they are from training\n  monitord --config "
        << config_file_.string() << "\n";
  }

  const VerbOptions& options_;
  fs::path out_, config_file_;
  baselines::Profile training_;
  std::optional<TopicSampler> sampler_;
  std::vector<SampledMessage> messages_, labels_;
  std::string read_;
  Draft draft_;
  DraftText text_;
};

}  // namespace

int InitVerb(const Arguments& arguments, std::ostream& out, std::ostream& err) {
  const LocalVerb verb{"init",
                       kHelp,
                       {"force"},
                       {"brokers", "topic", "responses-topic", "labels-topic", "model", "version", "baseline",
                        "kafka-properties", "records", "out"},
                       0,
                       1};
  return RunLocalVerb(verb, arguments, out, err, [&](const VerbOptions& options) { return Init(options).Run(out); });
}

}  // namespace monitor
