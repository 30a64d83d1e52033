// What monitorctl says of the daemon's answers: complete, in words, and narrow enough for a terminal.
#include <sstream>

#include <gtest/gtest.h>

#include "alerts/messages/time_text.h"
#include "monitor/ctl/api_text.h"
#include "monitor/ctl/config_report.h"
#include "monitor/ctl/daemon_client.h"
#include "monitor/ctl/daemon_text.h"
#include "monitor/ctl/daemon_verbs.h"
#include "monitor/ctl/show/explain_text.h"
#include "monitor/ctl/table.h"

namespace monitor {
namespace {

using nlohmann::json;

json Column(const std::string& name, double effect, const std::string& verdict) {
  return {{"name", name},
          {"type", "numeric"},
          {"count", 25953},
          {"missing", 12},
          {"unseen", 0},
          {"type_faults", 0},
          {"psi", 0.366},
          {"psi_low", 0.349},
          {"ks", 0.21},
          {"js", 0.2},
          {"wasserstein", 0.6},
          {"hellinger", nullptr},
          {"effect", effect},
          {"mean", 1416.2},
          {"std", 512},
          {"min", 17},
          {"max", 4983},
          {"verdict", verdict},
          {"evidence", nullptr},
          {"why",
           "population stability index 0.366 (debiased, at least 0.349 at 95 %), threshold 0.2; and so on for a long "
           "while"}};
}

json Window() {
  return {{"start", "2013-05-11T00:00:00Z"},
          {"end", "2013-05-12T00:00:00Z"},
          {"partial", true},
          {"version", "1"},
          {"variant", ""},
          {"count", 25953},
          {"features", {Column("temp", 0.02, "ok"), Column("distance", 0.62, "drift")}},
          {"prediction", Column("prediction", 0.1, "ok")},
          {"score", nullptr}};
}

json Alert() {
  return {{"id", "3f2a9c01d4e5f607"},
          {"incident", "77aa"},
          {"model", "flights"},
          {"version", "1"},
          {"variant", ""},
          {"monitor", "distribution:distance"},
          {"feature", "distance"},
          {"cause", "data_drift"},
          {"severity", "warning"},
          {"state", "firing"},
          {"began_at", "2013-05-10T06:10:00Z"},
          {"started_at", "2013-05-11T00:00:00Z"},
          {"resolved_at", nullptr},
          {"summary", "distance has moved"},
          {"value", 0.366},
          {"baseline", 0.0011},
          {"threshold", 0.2},
          {"effect", 0.62},
          {"evidence", nullptr},
          {"count", 25953},
          {"acknowledged", false},
          {"url", nullptr}};
}

json Models() {
  return {{"models",
           {{{"name", "flights"},
             {"versions",
              {{{"version", "1"},
                {"variant", ""},
                {"baseline", {{"version", "1"}, {"digest", "d"}, {"rows", 9722}}},
                {"counted", 336776},
                {"last_seen", "2013-05-12T01:00:00Z"}}}},
             {"health", "ok"},
             {"state", "warning"},
             {"received", 336800},
             {"counted", 336776},
             {"late", 4},
             {"rejected", 20},
             {"skipped", 0},
             {"duplicates", 0},
             {"watermark", "2013-05-12T01:00:00Z"},
             {"lag", nullptr},
             {"window", {{"start", "2013-05-11T00:00:00Z"}, {"end", "2013-05-12T00:00:00Z"}, {"count", 25953}}}},
            {{"name", ""}, {"rejected", 7}}}}};
}

// Whatever the line breaks.
std::string Folded(const std::string& text) {
  std::string folded;
  for (const char c : text) {
    const char shown = c == '\n' ? ' ' : c;
    if (shown != ' ' || folded.empty() || folded.back() != ' ') folded += shown;
  }
  return folded;
}

void ExpectContains(const std::string& text, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(Folded(text).find(Folded(part)), std::string::npos) << "`" << part << "` is missing in\n" << text;
}

// Links excepted: people copy them, so they are never broken.
void ExpectNarrow(const std::string& text, std::size_t width) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (line.find("http://") == std::string::npos) {
      EXPECT_EQ(CutTo(line, width), line);
    }
    at = end + 1;
  }
}

TEST(Explain, SaysEverythingThatTheAlertKnows) {
  const std::string text =
      ExplainText({Alert(), Window(), 9722, "", "http://h/api/v1/models/flights/windows",
                   "http://h/api/v1/alerts/3f2a9c01d4e5f607", "flights.requests", "#team", "wiki"});
  ExpectContains(
      text, {"Alert 3f2a9c01d4e5f607: data drift of model flights, version 1", "distance has moved", "warning, firing",
             "the change began about 2013-05-10 06:10 UTC; fired in the step from 2013-05-11 00:00 UTC; not resolved",
             "baseline 0.0011, now 0.366; the alarm is at 0.2", "25,953 rows", "large", "PSI 0.366 (at least 0.349",
             "PSI would be about 0.001273", "above 0.002", "http://h/api/v1/models/flights/windows", "flights.requests",
             "#team", "wiki"});
  ExpectNarrow(text, 110);
}

TEST(Explain, SharesArePercentages) {
  json alert = Alert();
  alert["monitor"] = "missing:distance";
  alert["value"] = 0.967;
  alert["baseline"] = 0.004;
  alert["threshold"] = nullptr;
  ExpectContains(ExplainText({alert, nullptr, 0, "", "", "", "", "", ""}),
                 {"baseline 0.4 %, now 97 %\n", "has closed yet"});
}

TEST(Explain, EndsWithHowLongItLasted) {
  json alert = Alert();
  alert["state"] = "resolved";
  alert["resolved_at"] = "2013-05-14T00:00:00Z";
  ExpectContains(ExplainText({alert, nullptr, 0, "", "", "", "", "", ""}),
                 {"resolved 2013-05-14 00:00 UTC, after 3 d"});
}

TEST(Tables, ShowModels) {
  const std::string text = ModelsText(Models());
  ExpectContains(text, {"flights", "336,776", "2013-05-12 01:00", "(no model)", "9,722"});
  ExpectNarrow(text, 120);
}

TEST(Tables, ShowStatusWithFiringAlerts) {
  const std::string text = StatusText(Models(), {{"alerts", {Alert()}}}, "ready");
  ExpectContains(text, {"daemon: ready", "336,800 received = 336,776 counted + 4 late + 20 rejected + 0 skipped",
                        "3f2a9c01: distance has moved", "records of no model: 7 rejected"});
  ExpectNarrow(text, 120);
}

TEST(Tables, ShowWindowsWithTheMostUrgentFeatureFirst) {
  const std::string text = WindowsText({{"windows", {Window()}}}, "");
  ExpectContains(text, {"1 of 2", "distance 0.62", "partial", "(prediction)"});
  EXPECT_LT(text.find("\ndistance"), text.find("\ntemp")) << text;
  ExpectNarrow(text, 120);
  ExpectNarrow(WindowsText({{"windows", {Window(), Window()}}}, "distance"), 120);
  EXPECT_EQ(WindowsText({{"windows", json::array()}}, ""), "no window has closed in this time\n");
}

TEST(Tables, ShowAlertsAndRejects) {
  ExpectContains(AlertsText({{"alerts", {Alert()}}}), {"3f2a9c01", "firing", "2013-05-10 06:10", "1 alert, 1 firing"});
  const std::string rejects = RejectsText({{"rejects",
                                            {{{"model", ""},
                                              {"reason", "json"},
                                              {"time", nullptr},
                                              {"topic", "t"},
                                              {"partition", 0},
                                              {"offset", 42},
                                              {"payload", "line\nbreak \x1b[31m"}}}}});
  ExpectContains(rejects, {"(no model)", "json", "t/0/42", "line break  [31m"});
  ExpectNarrow(AlertsText({{"alerts", {Alert()}}}), 120);
  ExpectNarrow(rejects, 120);
}

TEST(Verbs, HaveHelpWithAnExample) {
  for (const auto verb : {StatusVerb, ModelsVerb, WindowsVerb, AlertsVerb, ExplainVerb, RejectsVerb, ConfigCheckVerb}) {
    std::ostringstream out, err;
    EXPECT_EQ(verb({"--help"}, out, err), 0);
    ExpectContains(out.str(), {"usage: monitorctl", "example: monitorctl", "--json"});
    ExpectNarrow(out.str(), 120);
    EXPECT_EQ(err.str(), "");
  }
}

TEST(Verbs, TellUsageErrors) {
  std::ostringstream out, err;
  EXPECT_EQ(WindowsVerb({}, out, err), 1);
  EXPECT_EQ(ExplainVerb({}, out, err), 1);
  EXPECT_EQ(AlertsVerb({"--limt", "5"}, out, err), 1);
  EXPECT_EQ(StatusVerb({"flights"}, out, err), 1);
  EXPECT_EQ(ConfigCheckVerb({"/nonexistent/monitord.yaml"}, out, err), 1);
  ExpectContains(err.str(), {"MODEL is missing", "ALERT is missing", "--limit", "one argument too many: flights",
                             "/nonexistent/monitord.yaml"});
  EXPECT_EQ(out.str(), "");
}

TEST(Client, SaysWhatToCheckWhenNobodyAnswers) {
  try {
    DaemonClient("127.0.0.1:1", "").Get("/api/v1/models");
    FAIL() << "somebody answered";
  } catch (const DaemonError& error) {
    ExpectContains(error.what(),
                   {"no daemon answers at http://127.0.0.1:1", "Is monitord running?", "--url", "--config"});
  }
  EXPECT_THROW(DaemonClient("ftp://host", ""), DaemonError);
}

TEST(Client, EscapesParametersAndLeavesEmptyOnesOut) {
  EXPECT_EQ(DaemonClient("http://h:1/", "").Link("/api/v1/alerts", {{"feature", "a b&c"}, {"version", ""}}),
            "http://h:1/api/v1/alerts?feature=a%20b%26c");
  EXPECT_EQ(EscapeUrl("loans/eu ü"), "loans%2Feu%20%C3%BC");
}

TEST(Client, FindsTheDaemonOfAConfiguration) {
  Config config;
  config.listen_host = "0.0.0.0";
  EXPECT_EQ(DaemonUrl(config), "http://127.0.0.1:9464");
  config.listen_host = "::1";
  EXPECT_EQ(DaemonUrl(config), "http://[::1]:9464");
  config.listen_port = 0;
  config.state = "/nonexistent";
  EXPECT_THROW(DaemonUrl(config), DaemonError);
}

TEST(ConfigCheck, TellsCostsAndDelays) {
  Config config;
  config.file = "/etc/monitord/monitord.yaml";
  config.brokers = "localhost:9092";
  config.models.resize(1);
  ModelConfig& model = config.models[0];
  model.name = "flights";
  model.requests.topic = "flights.requests";
  model.window = std::chrono::hours(24 * 7);
  model.step = std::chrono::hours(24);
  auto profile = std::make_shared<baselines::Profile>();
  profile->rows = 9722;
  profile->digest = "0123456789abcdef";
  const auto shape = detectors::FeatureShape::Numeric(detectors::Binning({0.0, 1.0}, {0.0}));
  for (int i = 0; i < 10; ++i) {
    profile->features.push_back({"f" + std::to_string(i), "decimal", "", detectors::FeatureSummary(shape), 0, 0, 0, 0});
  }
  const std::string text = ConfigReport(config, {{"flights", {{{"1", profile}}, profile}}});
  ExpectContains(text, {"model flights", "flights.requests (flat-json)", "version 1: 9,722 rows, 10 features",
                        "4 open panes", "1 baseline", "missing: 15 min", "after 8 faulty records in a row",
                        "no_data: 1 d", "volume: 1 d", "distribution: 1 d", "localhost:9092",
                        "1 expected per 30 d for each model", "alarm at evidence 444.4", "alarm at evidence 6667"});
  ExpectNarrow(text, 110);
  // A column: 20 KiB of evidence, 4.5 KiB in each of 4 open panes.
  EXPECT_EQ(WatchBytes(model, 10), 10u * (20 * 1024 + 4 * 4608));
}

}  // namespace
}  // namespace monitor
