#include "alerts/alert_book.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace alerts {
namespace {

using Type = IncidentEvent::Type;
using Verdict = Observation::Verdict;

constexpr std::int64_t kStep = 300'000'000'000;
constexpr std::int64_t kStart = 1'366'588'800'000'000'000;

Observation See(const std::string& feature, Verdict verdict, int step) {
  Observation seen;
  seen.model = "flights";
  seen.version = "1";
  seen.monitor = "distribution:" + feature;
  seen.feature = feature;
  seen.verdict = verdict;
  seen.step_start_ns = kStart + step * kStep;
  seen.step_end_ns = seen.step_start_ns + kStep;
  seen.summary = feature + " is off";
  return seen;
}
Observation Violated(const std::string& feature, int step) { return See(feature, Verdict::kViolated, step); }
Observation Clear(const std::string& feature, int step) { return See(feature, Verdict::kClear, step); }

std::vector<std::string> Features(const IncidentEvent& event, State state) {
  std::vector<std::string> features;
  for (const Alert& alert : event.alerts) {
    if (alert.state == state) features.push_back(alert.feature);
  }
  return features;
}
using Names = std::vector<std::string>;

// One monitor alone. Closings: V violated, C clear, I insufficient. After each: state . none, p pending, F firing;
// event
// - none, f firing, r resolved.
TEST(AlertBook, LivesOfOneAlert) {
  const struct {
    int for_steps, clear_steps;
    std::string closings, states, events;
  } kCases[] = {
      {1, 1, "V", "F", "f"},
      {1, 1, "VC", "F.", "fr"},
      {1, 1, "CIC", "...", "---"},
      {1, 1, "VVVC", "FFF.", "f--r"},
      {1, 1, "VIC", "FF.", "f-r"},
      {1, 1, "VCV", "F.F", "frf"},
      {2, 1, "VV", "pF", "-f"},
      {2, 1, "VC", "p.", "--"},
      {2, 1, "VCV", "p.p", "---"},
      {2, 1, "VIV", "ppF", "--f"},
      {3, 1, "VVCVVV", "pp.ppF", "-----f"},
      {3, 1, "VIVIIV", "pppppF", "-----f"},
      {1, 2, "VCC", "FF.", "f-r"},
      {1, 2, "VCVCC", "FFFF.", "f---r"},
      {1, 2, "VCIC", "FFF.", "f--r"},
      {1, 3, "VCCVCCC", "FFFFFF.", "f-----r"},
      {2, 2, "VVCC", "pFF.", "-f-r"},
      {0, 0, "VC", "F.", "fr"},
  };
  for (const auto& c : kCases) {
    AlertBook book;
    std::string states, events;
    for (std::size_t i = 0; i < c.closings.size(); ++i) {
      Observation seen = Violated("temp", static_cast<int>(i));
      seen.for_steps = c.for_steps;
      seen.clear_steps = c.clear_steps;
      if (c.closings[i] == 'C') seen.verdict = Verdict::kClear;
      if (c.closings[i] == 'I') seen.verdict = Verdict::kInsufficient;
      const auto told = book.Observe({&seen, 1});
      ASSERT_LE(told.size(), 1u);
      events += told.empty() ? '-' : told[0].type == Type::kFiring ? 'f' : told[0].type == Type::kUpdated ? 'u' : 'r';
      const auto open = book.Open();
      states += open.empty() ? '.' : open[0].state == State::kPending ? 'p' : 'F';
    }
    EXPECT_EQ(states, c.states) << c.closings << " for " << c.for_steps << " clear " << c.clear_steps;
    EXPECT_EQ(events, c.events) << c.closings << " for " << c.for_steps << " clear " << c.clear_steps;
  }
}

TEST(AlertBook, OneIncidentTellsOnceWhatManyAlertsDo) {
  AlertBook book;
  std::vector<Observation> seen{Violated("temp", 0), Violated("dewp", 0), Clear("wind", 0)};
  seen[0].effect = 0.3;
  seen[0].began_at_ns = kStart - 5;
  seen[1].effect = 0.9;
  seen[1].began_at_ns = kStart - 9;
  auto events = book.Observe(seen);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, Type::kFiring);
  EXPECT_EQ(events[0].transition, 1u);
  EXPECT_EQ(events[0].timestamp_ns, kStart + kStep);
  EXPECT_EQ(events[0].opened_at_ns, kStart + kStep);
  EXPECT_EQ(events[0].began_at_ns, kStart - 9);
  EXPECT_EQ(Features(events[0], State::kFiring), (Names{"dewp", "temp"})) << "largest effect first";
  EXPECT_EQ(events[0].summary, "flights: 2 features drifted from the baseline: dewp, temp");
  const std::string incident = events[0].incident;
  EXPECT_EQ(incident.size(), 16u);

  events = book.Observe(std::vector{Violated("temp", 1), Violated("dewp", 1), Violated("wind", 1)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, Type::kUpdated);
  EXPECT_EQ(events[0].incident, incident);
  EXPECT_TRUE(events[0].quiet) << "one more of the same is no news";
  EXPECT_EQ(events[0].transition, 2u);
  EXPECT_EQ(events[0].alerts.size(), 3u);

  events = book.Observe(std::vector{Clear("temp", 2), Violated("dewp", 2), Violated("wind", 2)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, Type::kUpdated);
  EXPECT_TRUE(events[0].quiet);
  EXPECT_EQ(Features(events[0], State::kResolved), Names{"temp"});
  EXPECT_EQ(events[0].alerts.back().resolved_at_ns, kStart + 3 * kStep);

  events = book.Observe(std::vector{Clear("dewp", 3), Clear("wind", 3)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, Type::kResolved);
  EXPECT_FALSE(events[0].quiet);
  EXPECT_EQ(events[0].transition, 4u);
  EXPECT_EQ(events[0].summary,
            "resolved: flights: 3 features drifted from the baseline: dewp, temp, wind; it lasted 20 min");
  EXPECT_TRUE(book.Open().empty());

  events = book.Observe(std::vector{Violated("dewp", 4)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, Type::kFiring);
  EXPECT_NE(events[0].incident, incident) << "a new incident";
  EXPECT_EQ(events[0].transition, 1u);
}

TEST(AlertBook, StaysOpenWhenTheLastAlertLeavesAsAnotherComes) {
  AlertBook book;
  const auto first = book.Observe(std::vector{Violated("temp", 0)});
  const auto events = book.Observe(std::vector{Clear("temp", 1), Violated("wind", 1)});
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].type, Type::kUpdated);
  EXPECT_EQ(events[0].incident, first[0].incident);
  EXPECT_EQ(Features(events[0], State::kFiring), Names{"wind"});
  EXPECT_EQ(Features(events[0], State::kResolved), Names{"temp"});
}

TEST(AlertBook, IncidentsAreSeparateByModelVariantAndCause) {
  AlertBook book;
  std::vector<Observation> seen(4, Violated("temp", 0));
  seen[1].variant = "canary";
  seen[2].model = "trains";
  seen[3].monitor = "missing:temp";
  seen[3].cause = Cause::kBrokenPipeline;
  const auto events = book.Observe(seen);
  ASSERT_EQ(events.size(), 4u);
  std::vector<std::string> ids;
  for (const auto& event : events) {
    EXPECT_EQ(event.alerts.size(), 1u);
    ids.push_back(event.incident);
  }
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
}

TEST(AlertBook, TellsWhenTheSeverityRisesButNotWhenItFalls) {
  AlertBook book;
  const auto with = [](Severity severity, int step) {
    Observation seen = Violated("temp", step);
    seen.severity = severity;
    return std::vector{seen};
  };
  EXPECT_EQ(book.Observe(with(Severity::kInfo, 0)).at(0).severity, Severity::kInfo);
  const auto risen = book.Observe(with(Severity::kCritical, 1));
  ASSERT_EQ(risen.size(), 1u);
  EXPECT_EQ(risen[0].type, Type::kUpdated);
  EXPECT_EQ(risen[0].severity, Severity::kCritical);
  EXPECT_FALSE(risen[0].quiet) << "within the day";
  EXPECT_TRUE(book.Observe(with(Severity::kInfo, 2)).empty());
  EXPECT_TRUE(book.Observe(with(Severity::kCritical, 3)).empty()) << "it never was lower";
  const auto over = book.Observe(std::vector{Clear("temp", 4)});
  EXPECT_EQ(over.at(0).severity, Severity::kCritical);
}

constexpr int kStepsADay = 288;

TEST(AlertBook, TellsWhichOfManyAlertsHasChangedFurther) {
  AlertBook book;
  book.Observe(std::vector{Violated("a", 0), Violated("b", 0)});
  const auto further = [](int step, std::uint32_t changes) {
    Observation seen = Violated("b", step);
    seen.changes = changes;
    seen.changed_at_ns = kStart + kStep;
    seen.summary = "b changed again";
    return std::vector{Violated("a", step), seen};
  };
  auto events = book.Observe(further(1, 1));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_TRUE(events[0].quiet) << "they heard of it five minutes ago";
  EXPECT_TRUE(book.Observe(further(kStepsADay - 1, 1)).empty());
  events = book.Observe(further(kStepsADay, 1));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].type, Type::kUpdated);
  EXPECT_FALSE(events[0].quiet);
  EXPECT_EQ(events[0].summary, "flights: b changed again");
  EXPECT_EQ(events[0].alerts.size(), 2U);
  EXPECT_TRUE(book.Observe(further(3 * kStepsADay, 1)).empty()) << "each change is told once";
  EXPECT_FALSE(book.Observe(further(4 * kStepsADay, 2)).at(0).quiet);
  const Alert stored = FromStored(ToStored(book.Open()[1]));
  EXPECT_EQ(stored.changes, 2U);
  EXPECT_EQ(stored.changed_at_ns, kStart + kStep);
}

TEST(AlertBook, TellsWhenAnEffectGrewByHalfOfWhatWasTold) {
  AlertBook book;
  const auto events = [&](double effect, double days) {
    Observation seen = Violated("temp", static_cast<int>(days * kStepsADay));
    seen.effect = effect;
    return book.Observe({&seen, 1});
  };
  EXPECT_EQ(events(0.4, 0).at(0).type, Type::kFiring);
  EXPECT_TRUE(events(0.59, 1).empty());
  const auto worse = events(0.61, 2);
  ASSERT_EQ(worse.size(), 1u);
  EXPECT_EQ(worse[0].type, Type::kUpdated);
  EXPECT_FALSE(worse[0].quiet);
  EXPECT_EQ(worse[0].transition, 2u);
  EXPECT_EQ(worse[0].alerts.at(0).effect, 0.61);
  EXPECT_TRUE(events(2, 2.5).empty()) << "once a day";
  EXPECT_TRUE(events(0.91, 3).empty());
  EXPECT_TRUE(events(0.2, 4).empty());
  EXPECT_TRUE(events(0.6, 5).empty()) << "they know";
  EXPECT_EQ(events(0.92, 6).size(), 1u);
}

// Ninety days of a season: every third day another feature joins or leaves, and the effects creep up.
TEST(AlertBook, ASeasonIsToldOnceAndThenWhenItIsWorse) {
  AlertBook book;
  int told = 0, changes = 0;
  for (int day = 0; day < 90; ++day) {
    std::vector<Observation> seen;
    for (int feature = 0; feature < 20; ++feature) {
      const bool drifts = feature <= day / 3 && (day + feature) % 7 != 0;
      seen.push_back(drifts ? Violated("f" + std::to_string(feature), day * kStepsADay)
                            : Clear("f" + std::to_string(feature), day * kStepsADay));
      seen.back().effect = drifts ? 0.3 + 0.005 * day : 0;
    }
    for (const IncidentEvent& event : book.Observe(seen)) {
      if (event.type != Type::kUpdated) continue;
      ++changes;
      told += event.quiet ? 0 : 1;
    }
    book = [&] {
      AlertBook again;
      std::vector<Alert> alerts;
      std::vector<Incident> incidents;
      for (const Alert& alert : book.Open()) alerts.push_back(FromStored(ToStored(alert)));
      for (const Incident& incident : book.OpenIncidents()) incidents.push_back(IncidentFromStored(ToStored(incident)));
      again.Restore(alerts, incidents);
      return again;
    }();
  }
  EXPECT_GT(changes, 60);
  EXPECT_LE(told, 2) << "0.3 to 0.75 is half as much again twice";
}

TEST(AlertBook, WhoeverHeardOfAnIncidentHearsOfItsEnd) {
  AlertBook book;
  std::vector<Observation> seen{Violated("temp", 0), Violated("wind", 0)};
  seen[0].severity = Severity::kCritical;
  seen[1].severity = Severity::kInfo;
  book.Observe(seen);
  const auto calmer = book.Observe(std::vector{Clear("temp", 1)});
  EXPECT_EQ(calmer.at(0).severity, Severity::kInfo);
  EXPECT_EQ(calmer.at(0).peak, Severity::kCritical);
  EXPECT_EQ(book.Observe(std::vector{Clear("wind", 2)}).at(0).severity, Severity::kCritical);
}

TEST(AlertBook, RefreshesSilentlyWhileItFires) {
  AlertBook book;
  book.Observe(std::vector{Violated("temp", 0)});
  Observation seen = Violated("temp", 1);
  seen.version = "2";
  seen.value = 7;
  seen.summary = "worse";
  seen.cause = Cause::kBrokenPipeline;
  seen.began_at_ns = kStart;
  EXPECT_TRUE(book.Observe({&seen, 1}).empty());
  const Alert alert = book.Open().at(0);
  EXPECT_EQ(alert.value, 7);
  EXPECT_EQ(alert.summary, "worse");
  EXPECT_EQ(alert.version, "2");
  EXPECT_EQ(alert.began_at_ns, kStart);
  EXPECT_EQ(alert.started_at_ns, kStart);
  EXPECT_EQ(alert.cause, Cause::kDataDrift) << "an alert keeps the cause of its incident";
}

TEST(AlertBook, APendingAlertKeepsItsIdAndStartsWhereItFires) {
  AlertBook book;
  Observation seen = Violated("temp", 0);
  seen.for_steps = 2;
  book.Observe({&seen, 1});
  const Alert pending = book.Open().at(0);
  EXPECT_EQ(pending.id, AlertId("flights", "", "distribution:temp", kStart));
  EXPECT_EQ(pending.incident, "");
  seen = Violated("temp", 1);
  seen.for_steps = 2;
  const auto events = book.Observe({&seen, 1});
  EXPECT_EQ(events.at(0).alerts.at(0).id, pending.id);
  EXPECT_EQ(events.at(0).alerts.at(0).started_at_ns, kStart + kStep);
  EXPECT_EQ(events.at(0).incident, IncidentId("flights", "", Cause::kDataDrift, kStart + kStep, pending.id));
}

TEST(AlertBook, OfSeveralObservationsOfOneMonitorTheWorstCounts) {
  std::vector<Observation> seen{Clear("temp", 0), Violated("temp", 0), Violated("temp", 0)};
  seen[1].version = "2";
  seen[2].version = "3";
  seen[2].effect = 0.5;
  for (Observation& one : seen) one.for_steps = 2;
  std::vector<std::string> versions;
  for (int i = 0; i < 3; ++i) {
    AlertBook book;
    EXPECT_TRUE(book.Observe(seen).empty()) << "one closing counts once";
    EXPECT_EQ(book.Open().at(0).version, "3");
    std::rotate(seen.begin(), seen.begin() + 1, seen.end());
  }
}

TEST(AlertBook, APaneAndAStepOfTheSameStartMakeTwoIncidents) {
  AlertBook book;
  const auto pane = book.Observe(std::vector{Violated("temp", 0)});
  book.Observe(std::vector{Clear("temp", 1)});
  Observation step = Violated("wind", 0);
  step.step_end_ns = kStart + 288 * kStep;
  EXPECT_NE(book.Observe({&step, 1}).at(0).incident, pane.at(0).incident);
}

TEST(AlertBook, ReportsEachChangeOnce) {
  AlertBook book;
  Observation pending = Violated("wind", 0);
  pending.for_steps = 2;
  book.Observe(std::vector{Violated("temp", 0), pending});
  auto changes = book.TakeChanges();
  EXPECT_EQ(changes.alerts.size(), 2u);
  EXPECT_EQ(changes.incidents.size(), 1u);
  EXPECT_TRUE(changes.dropped.empty());
  EXPECT_TRUE(book.TakeChanges().alerts.empty());

  book.Observe(std::vector{Clear("temp", 1), Clear("wind", 1)});
  changes = book.TakeChanges();
  ASSERT_EQ(changes.alerts.size(), 1u);
  EXPECT_EQ(changes.alerts[0].state, State::kResolved);
  ASSERT_EQ(changes.incidents.size(), 1u);
  EXPECT_EQ(changes.incidents[0].resolved_at_ns, kStart + 2 * kStep);
  EXPECT_EQ(changes.dropped, Names{AlertId("flights", "", "distribution:wind", kStart)});
}

// A restart at any closing changes neither ids nor events.
TEST(AlertBook, GoesOnAfterARestart) {
  const std::string kTemp = "VVCVVCCCVV", kWind = "CVVVCICCCV";
  const auto run = [&](std::size_t restart_at) {
    auto book = std::make_unique<AlertBook>();
    std::map<std::string, nlohmann::json> alerts, incidents;  // the store
    std::string log;
    for (std::size_t i = 0; i < kTemp.size(); ++i) {
      std::vector<Observation> seen{Violated("temp", static_cast<int>(i)), Violated("wind", static_cast<int>(i))};
      for (std::size_t k = 0; k < 2; ++k) {
        const char verdict = (k == 0 ? kTemp : kWind)[i];
        if (verdict != 'V') seen[k].verdict = verdict == 'C' ? Verdict::kClear : Verdict::kInsufficient;
        seen[k].for_steps = 2;
        seen[k].clear_steps = 2;
      }
      for (const auto& event : book->Observe(seen)) {
        log += std::string(Text(event.type)) + " " + event.incident + " " + std::to_string(event.transition) + " " +
               event.summary + "\n";
      }
      auto changes = book->TakeChanges();
      for (const auto& alert : changes.alerts) alerts[alert.id] = ToStored(alert);
      for (const auto& incident : changes.incidents) incidents[incident.id] = ToStored(incident);
      for (const auto& id : changes.dropped) alerts.erase(id);
      if (i != restart_at) continue;
      std::vector<Alert> stored_alerts;
      std::vector<Incident> stored_incidents;
      for (const auto& [id, stored] : alerts) stored_alerts.push_back(FromStored(stored));
      for (const auto& [id, stored] : incidents) stored_incidents.push_back(IncidentFromStored(stored));
      book = std::make_unique<AlertBook>();
      book->Restore(stored_alerts, stored_incidents);
    }
    return log;
  };
  const std::string whole = run(kTemp.size());
  EXPECT_NE(whole.find("incident.resolved"), whole.npos);
  for (std::size_t i = 0; i < kTemp.size(); ++i) EXPECT_EQ(run(i), whole) << "restart after closing " << i;
}

TEST(AlertBook, RefusesAFiringAlertWithoutItsIncident) {
  AlertBook book;
  const auto events = book.Observe(std::vector{Violated("temp", 0)});
  AlertBook other;
  EXPECT_THROW(other.Restore(events.at(0).alerts, {}), std::invalid_argument);
}

}  // namespace
}  // namespace alerts
