#include "monitor/ctl/demo/demo.h"

#include <signal.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <thread>
#include <tuple>

#include "alerts/messages/time_text.h"
#include "baselines/build/profile_builder.h"
#include "baselines/profile_file.h"
#include "baselines/values/timestamp.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/daemon_client.h"
#include "monitor/ctl/demo/broker.h"
#include "monitor/ctl/demo/daemon_process.h"
#include "monitor/ctl/demo/slack_inbox.h"
#include "monitor/ctl/show/quality_text.h"
#include "monitor/ctl/table.h"
#include "monitor/judge/windows/wording.h"

namespace monitor {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* kTopic = "flights.requests";
constexpr const char* kLabelsTopic = "flights.labels";
constexpr auto kStreamFor = std::chrono::seconds(40);

// One file unpacked to `to`; throws when it is not there.
void Unpack(const std::filesystem::path& from, const std::filesystem::path& to) {
  gzFile in = gzopen(from.c_str(), "rb");
  if (in == nullptr) throw std::runtime_error("demo: " + from.string() + " is not there; give its folder with --data");
  std::ofstream out(to, std::ios::binary);
  char part[1 << 16];
  for (int got = 0; (got = gzread(in, part, sizeof part)) > 0;) out.write(part, got);
  gzclose(in);
}

void Say(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

std::string Join(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Tells what the daemon says, in the order of event time, as it says it.
class Story {
 public:
  explicit Story(DaemonClient& client) : client_(client) {}

  // Prints what is new, in the order of event time. Returns the number of records received so far.
  std::uint64_t Follow() {
    const json alerts = client_.Get("/api/v1/alerts", {{"limit", "10000"}})["alerts"];
    std::map<std::tuple<std::string, int, std::string>, Line> lines;  // (day, healed after fired, cause)
    for (const json& alert : alerts) {
      const std::string id = alert["id"], cause = alert["cause"], feature = TextOf(alert, "feature");
      const bool fault = cause == "broken_pipeline" || cause == "no_data";
      // A feature that drifts again and again is told once; every fault is told, and its end, and every loss of
      // quality.
      const bool each = fault || cause == "quality_loss";
      if (alert["state"] != "pending" && told_.insert(id).second && (each || seen_.insert(cause + feature).second)) {
        Line& line = lines[{TextOf(alert, "started_at").substr(0, 10), 0, cause}];
        line.features.insert(feature);
        if (line.example.empty()) line.example = TextOf(alert, "summary");
      }
      if (fault && alert["state"] == "resolved" && told_.insert(id + "+").second) {
        lines[{TextOf(alert, "resolved_at").substr(0, 10), 1, cause}].features.insert(feature);
      }
    }
    for (const auto& [key, line] : lines) {
      const auto& [day, healed, cause] = key;
      const bool fault = cause == "broken_pipeline" || cause == "no_data";
      if (cause == "quality_loss") {
        Say("   " + day + "  QUALITY  " + WrapTo(line.example, 115, 15) + "\n");
        continue;
      }
      const char* word = healed                        ? "healed"
                         : fault                       ? "FAULT "
                         : cause == "prediction_drift" ? "DRIFT of the model's output:"
                                                       : "DRIFT ";
      Say("   " + day + "  " + word + "  " + Join(line.features) + "\n");
      if (!line.example.empty()) Say("               " + WrapTo(line.example, 115, 15) + "\n");
    }
    const json models = client_.Get("/api/v1/models")["models"];
    return models.empty() ? 0 : models[0]["received"].get<std::uint64_t>();
  }

 private:
  struct Line {
    std::set<std::string> features;
    std::string example;
  };

  DaemonClient& client_;
  std::set<std::string> told_, seen_;
};

struct Recorded {
  std::string topic, line, id;
  std::int64_t time_ns = 0;
};

// Requests and labels in the order of their times.
std::vector<Recorded> ReadRecorded(const std::filesystem::path& data, const std::filesystem::path& folder) {
  std::vector<Recorded> messages;
  for (const auto& [topic, name] : {std::pair{kTopic, "requests.jsonl"}, std::pair{kLabelsTopic, "labels.jsonl"}}) {
    Unpack(data / (std::string(name) + ".gz"), folder / name);
    std::ifstream file(folder / name);
    for (std::string line; std::getline(file, line);) {
      const json record = json::parse(line);
      messages.push_back(
          {topic, line, record["id"], baselines::ParseTimestamp(record["timestamp"].get<std::string>()).value_or(0)});
    }
  }
  std::stable_sort(messages.begin(), messages.end(),
                   [](const Recorded& a, const Recorded& b) { return a.time_ns < b.time_ns; });
  return messages;
}

// The weeks in which quality fell while the features stayed as they were.
void PrintQuality(const DaemonClient& client) {
  const json quality = client.Get("/api/v1/models/flights/quality", {{"from", "2013-04-12"}, {"to", "2013-05-04"}});
  Say("\n5. How good the model was, from labels, in April: half of the flights of 22 to 26 April were late, and no "
      "feature shows why\n\n");
  std::string line;
  for (const char c : QualityChart(quality, "accuracy") + "\n") {
    if (c != '\n') {
      line += c;
      continue;
    }
    if (!line.empty()) Say("   " + line + "\n");
    line.clear();
  }
}

void WaitUntilReady(const DaemonClient& client, DaemonProcess& daemon, const std::filesystem::path& log) {
  for (const auto until = steady_clock::now() + std::chrono::seconds(20); steady_clock::now() < until;) {
    if (!daemon.Running()) throw std::runtime_error("demo: monitord has stopped; " + log.string() + " says why");
    try {
      client.Get("/api/v1/models");
      return;
    } catch (const DaemonError&) {
      std::this_thread::sleep_for(milliseconds(50));
    }
  }
  throw std::runtime_error("demo: monitord does not get ready; " + log.string() + " says why");
}

std::string Address(const std::filesystem::path& state, DaemonProcess& daemon, const std::filesystem::path& log) {
  for (const auto until = steady_clock::now() + std::chrono::seconds(20);
       steady_clock::now() < until && daemon.Running();) {
    std::ifstream file(state / "http.address");
    std::string address;
    if (std::getline(file, address) && !address.empty()) return "http://" + address;
    std::this_thread::sleep_for(milliseconds(20));
  }
  throw std::runtime_error("demo: monitord does not start; " + log.string() + " says why");
}

void WriteConfig(const std::filesystem::path& file, const std::filesystem::path& folder, const DemoBroker& broker,
                 const SlackInbox& slack) {
  std::ofstream(file) << "listen: 127.0.0.1:0\n"
                         "state: "
                      << (folder / "state").string()
                      << "\n"
                         "kafka: {brokers: \""
                      << broker.address()
                      << "\"}\n"
                         "models:\n"
                         "  - name: flights\n"
                         "    baseline: flights-1.baseline.json\n"
                         "    requests: {topic: "
                      << kTopic
                      << "}\n"
                         "    labels: {topic: "
                      << kLabelsTopic
                      << ", max_delay: 14d}\n"
                         "    positive: late\n"
                         "    window: 7d          # what is compared with the training data\n"
                         "    step: 1d            # how often\n"
                         "    pane: 1h            # how often faults of the feed are looked for\n"
                         "    idle_after: 2s\n"
                         "    owner: \"#team-flights\"\n"
                         "    runbook: https://wiki.example.com/flights\n"
                         "notify:\n"
                         "  - slack: {url: \""
                      << slack.url() << "\"}\n";
}

void PrintTable(DaemonClient& client) {
  const json windows = client.Get("/api/v1/models/flights/windows", {{"limit", "1"}})["windows"];
  if (windows.empty()) return;
  const json& window = windows.back();
  Say("\n4. The last closed week, " + TextOf(window, "start").substr(0, 10) + " to " +
      TextOf(window, "end").substr(0, 10) + ", " + CountOf(window, "count") +
      " flights, against the training data\n\n");
  std::printf("   %-12s %8s %8s %9s %9s  %s\n", "feature", "PSI", "KS", "shift", "missing", "verdict");
  for (const json& feature : window["features"]) {
    const double count = feature["count"].get<double>(), missing = feature["missing"].get<double>();
    std::printf("   %-12s %8s %8s %9s %9s  %s\n", TextOf(feature, "name").c_str(), NumberOf(feature, "psi").c_str(),
                NumberOf(feature, "ks").c_str(), NumberOf(feature, "effect").c_str(),
                Percent(count > 0 ? missing / count : 0).c_str(), TextOf(feature, "verdict").c_str());
  }
  Say("   (PSI: population stability index; KS: Kolmogorov-Smirnov distance; shift in standard-deviation "
      "equivalents)\n");
}

void PrintSlack(const SlackInbox& slack) {
  // The fault that says most: the one that names several features at once.
  const auto messages = slack.Messages();
  const json* best = nullptr;
  for (const json& message : messages) {
    const std::string text = message.dump();
    if (text.find("missing") != std::string::npos && (best == nullptr || text.size() > best->dump().size()))
      best = &message;
  }
  if (best == nullptr) return;
  Say("\n6. One of the " + std::to_string(messages.size()) + " messages as Slack would show it\n\n");
  std::string text = SlackAsText(*best), line;
  for (const char c : text + "\n") {
    if (c != '\n') {
      line += c;
      continue;
    }
    if (!line.empty()) Say("   | " + WrapTo(line, 100, 5) + "\n");
    line.clear();
  }
}

}  // namespace

int RunDemo(const DemoOptions& options) {
  // Before any thread starts: with --keep only sigwait at the end takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  if (options.keep) pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  const auto folder = options.folder;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);

  Say("monitord demo: will a flight out of New York arrive late?\n"
      "Real flights of 2013 and a real model's predictions; the model was trained on January and February.\n\n");
  Unpack(options.data / "train.csv.gz", folder / "train.csv");
  baselines::BuildOptions build;
  build.model = "flights";
  build.positive = "late";
  build.created =
      alerts::FormatTime(std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count());
  const baselines::Profile profile = baselines::BuildProfile(folder / "train.csv", build);
  baselines::WriteProfile(profile, folder / "flights-1.baseline.json");
  Say("1. The baseline: " + Thousands(profile.rows) + " training flights, " + std::to_string(profile.features.size()) +
      " features, the prediction and its score\n   $ monitorctl baseline build train.csv --model flights --positive "
      "late\n");

  DemoBroker broker({kTopic, kLabelsTopic}, 4);
  SlackInbox slack;
  const auto config = folder / "monitord.yaml", log = folder / "monitord.log";
  WriteConfig(config, folder, broker, slack);
  DaemonProcess daemon(options.monitord, config, log);
  const std::string url = Address(folder / "state", daemon, log);
  DaemonClient client(url, "");
  WaitUntilReady(client, daemon, log);
  Say(std::string("2. A real monitord reads the topics ") + kTopic + " and " + kLabelsTopic +
      " from a Kafka broker inside this program (" + broker.address() + ")\n   $ monitord --config " + config.string() +
      "\n");

  const std::vector<Recorded> messages = ReadRecorded(options.data, folder);
  const auto requests = static_cast<std::uint64_t>(
      std::count_if(messages.begin(), messages.end(), [](const Recorded& message) { return message.topic == kTopic; }));
  Say("3. Ten months of requests, " + Thousands(requests) + " records, and " + Thousands(messages.size() - requests) +
      " labels (did the flight arrive late?)\n   as they came, in about " + std::to_string(kStreamFor.count()) +
      " seconds. What monitord says, when it says it:\n\n");
  Story story(client);
  const auto began = steady_clock::now();
  for (std::size_t sent = 0; sent < messages.size();) {
    const double share = std::min(
        1.0, std::chrono::duration<double>(steady_clock::now() - began) / std::chrono::duration<double>(kStreamFor));
    for (; sent < static_cast<std::size_t>(share * static_cast<double>(messages.size())); ++sent) {
      broker.Send(messages[sent].topic, messages[sent].line, messages[sent].id, messages[sent].time_ns);
    }
    std::this_thread::sleep_for(milliseconds(200));
    story.Follow();
  }
  broker.Flush();
  for (const auto until = steady_clock::now() + std::chrono::seconds(20);
       steady_clock::now() < until && story.Follow() < requests;) {
    std::this_thread::sleep_for(milliseconds(200));
  }
  // The last panes close when the topic has been silent for `idle_after`.
  for (const auto until = steady_clock::now() + std::chrono::seconds(6); steady_clock::now() < until;) {
    std::this_thread::sleep_for(milliseconds(500));
    story.Follow();
  }
  PrintTable(client);
  PrintQuality(client);
  PrintSlack(slack);
  const json model = client.Get("/api/v1/models")["models"][0];
  Say("\n7. Every record is accounted for: " + CountOf(model, "received") + " received = " + CountOf(model, "counted") +
      " counted + " + CountOf(model, "late") + " late + " + CountOf(model, "rejected") + " rejected + " +
      CountOf(model, "skipped") + " skipped\n");
  Say("\nHow to read it: the temperature leaves the range of training in spring because it is spring: drift, and "
      "nobody's fault.\n"
      "On 22 August and from 30 December on all eight weather columns go missing at once: a broken pipe. monitord "
      "tells the two apart,\n"
      "because only the second is to be repaired and only the first may call for a retraining. In April and in "
      "December the model was wrong\n"
      "far more often than in training, although its scores promised otherwise: only labels could show that.\n\n");
  if (!options.keep) {
    Say("Files: " + folder.string() +
        " (baseline, configuration, log, state). Run it again with --keep to look around: dashboard, API, "
        "monitorctl.\n");
    return 0;
  }
  Say("Still running until you press Ctrl-C:\n"
      "   dashboard   " +
      url +
      "/\n"
      "   metrics     " +
      url +
      "/metrics\n"
      "   ask         monitorctl status --url " +
      url + "      monitorctl alerts --url " + url + "      monitorctl windows flights --url " + url +
      "\n"
      "   files       " +
      folder.string() + "\n");
  int signal = 0;
  sigwait(&signals, &signal);
  return 0;
}

}  // namespace monitor
