// Whatever findings come: at most one message per transition, each of which has a reason, and exactly one resolution
// for each firing.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "alerts/alert_book.h"

namespace alerts {
namespace {

using Type = IncidentEvent::Type;
using Verdict = Observation::Verdict;

constexpr std::int64_t kStep = 7'200'000'000'000;
constexpr std::int64_t kDay = 12 * kStep;

// What a reader of the alerts alone would say of an incident.
struct Picture {
  std::set<std::string> firing;
  Severity severity = Severity::kInfo;
  double effect = 0;             // the largest
  std::set<std::string> faults;  // features of a broken data feed
};
using Pictures = std::map<std::string, Picture>;  // by incident

Pictures Look(const AlertBook& book) {
  Pictures pictures;
  for (const Alert& alert : book.Open()) {
    if (alert.state != State::kFiring) continue;
    Picture& picture = pictures[alert.incident];
    picture.firing.insert(alert.id);
    picture.severity = std::max(picture.severity, alert.severity);
    picture.effect = std::max(picture.effect, alert.effect.value_or(0));
    if (alert.cause == Cause::kBrokenPipeline) picture.faults.insert(alert.feature);
  }
  return pictures;
}

class AnySequence : public ::testing::TestWithParam<unsigned> {
 protected:
  Observation Any(int step) {
    const auto one_of = [this](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
    Observation seen;
    seen.model = "m" + std::to_string(one_of(2));
    seen.variant = one_of(4) == 0 ? "canary" : "";
    seen.version = std::to_string(one_of(3));
    const int monitor = one_of(4);
    seen.monitor = "monitor:" + std::to_string(monitor);
    seen.feature = std::to_string(monitor);
    seen.cause = static_cast<Cause>(one_of(5));
    seen.severity = static_cast<Severity>(one_of(3));
    seen.verdict = static_cast<Verdict>(one_of(3));
    seen.for_steps = 1 + one_of(3);
    seen.clear_steps = 1 + one_of(2);
    seen.step_start_ns = step * kStep;
    seen.step_end_ns = seen.step_start_ns + kStep;
    if (one_of(3) > 0) seen.effect = std::uniform_real_distribution<double>(0, 2)(random);
    return seen;
  }

  void Check(const IncidentEvent& event, const Pictures& before, const Pictures& now) {
    SCOPED_TRACE(event.incident);
    const auto old = before.find(event.incident), fresh = now.find(event.incident);
    const std::uint64_t next = ++transitions[event.incident];
    EXPECT_EQ(event.transition, next);
    for (const char* target : {"hook", "slack"})
      EXPECT_TRUE(messages.insert(MessageId(event.incident, event.transition, target)).second);
    switch (event.type) {
      case Type::kFiring:
        EXPECT_EQ(next, 1u);
        EXPECT_TRUE(old == before.end() && fresh != now.end());
        break;
      case Type::kResolved:
        EXPECT_TRUE(ended.insert(event.incident).second) << "a second end";
        EXPECT_TRUE(old != before.end() && fresh == now.end());
        break;
      default: {
        ASSERT_TRUE(old != before.end() && fresh != now.end());
        const Heard& heard = told.at(event.incident);
        const Picture& shown = fresh->second;
        const bool at_once = shown.severity > heard.severity ||
                             (shown.severity == Severity::kCritical && old->second.severity != Severity::kCritical);
        const bool fault = !std::ranges::includes(heard.faults, shown.faults);
        const bool grew = heard.effect > 0 && shown.effect >= 1.5 * heard.effect;
        const bool due = event.timestamp_ns - heard.at_ns >= kDay;
        EXPECT_EQ(event.quiet, !at_once && !(due && (fault || grew)));
        if (event.quiet) {
          EXPECT_TRUE(old->second.firing != shown.firing || shown.severity > old->second.severity);
        }
      }
    }
    if (fresh == now.end() || event.quiet) return;
    Heard& heard = told[event.incident];
    heard.at_ns = event.timestamp_ns;
    heard.severity = fresh->second.severity;
    heard.effect = std::max(heard.effect, fresh->second.effect);
    heard.faults.insert(fresh->second.faults.begin(), fresh->second.faults.end());
  }

  // Every change of what fires has its event.
  void CheckNoneIsMissing(const std::set<std::string>& events, const Pictures& before, const Pictures& now) const {
    for (const auto& [id, picture] : now) {
      const auto old = before.find(id);
      if (old == before.end() || old->second.firing != picture.firing || picture.severity > old->second.severity) {
        EXPECT_TRUE(events.contains(id)) << id;
      }
    }
    for (const auto& [id, picture] : before) {
      if (!now.contains(id)) {
        EXPECT_TRUE(events.contains(id)) << id;
      }
    }
  }

  void Step(const std::vector<Observation>& seen) {
    const Pictures before = Look(book);
    const auto events = book.Observe(seen);
    const Pictures now = Look(book);
    std::set<std::string> told_of;
    for (const IncidentEvent& event : events) {
      EXPECT_TRUE(told_of.insert(event.incident).second) << "two events of one incident in one closing";
      Check(event, before, now);
    }
    CheckNoneIsMissing(told_of, before, now);
    for (const Alert& alert : book.TakeChanges().alerts) {
      if (alert.state == State::kFiring) fired.insert(alert.id);
      if (alert.state == State::kResolved) {
        EXPECT_TRUE(resolved.insert(alert.id).second) << "resolved twice";
      }
    }
  }

  std::mt19937 random{GetParam()};
  AlertBook book;
  std::map<std::string, std::uint64_t> transitions;
  struct Heard {
    std::int64_t at_ns = 0;
    Severity severity = Severity::kInfo;
    double effect = 0;
    std::set<std::string> faults;
  };
  std::map<std::string, Heard> told;  // by incident
  std::set<std::string> messages, ended, fired, resolved;
};

TEST_P(AnySequence, OneMessagePerTransitionAndOneResolutionPerFiring) {
  int step = 0;
  for (; step < 400; ++step) {
    std::vector<Observation> seen;
    for (int n = std::uniform_int_distribution<int>(0, 6)(random); n > 0; --n) seen.push_back(Any(step));
    Step(seen);
    if (step % 50 == 49) {  // a restart
      std::vector<Alert> alerts;
      std::vector<Incident> incidents;
      for (const Alert& alert : book.Open()) alerts.push_back(FromStored(ToStored(alert)));
      for (const Incident& incident : book.OpenIncidents()) incidents.push_back(IncidentFromStored(ToStored(incident)));
      book = AlertBook();
      book.Restore(alerts, incidents);
    }
  }
  for (int quiet = 0; quiet < 3; ++quiet, ++step) {
    std::vector<Observation> clear;
    for (const Alert& alert : book.Open()) {
      Observation seen;
      seen.model = alert.model;
      seen.variant = alert.variant;
      seen.monitor = alert.monitor;
      seen.step_start_ns = step * kStep;
      seen.step_end_ns = seen.step_start_ns + kStep;
      clear.push_back(seen);
    }
    Step(clear);
  }
  EXPECT_TRUE(book.OpenIncidents().empty());
  EXPECT_EQ(fired, resolved);
  EXPECT_EQ(ended.size(), transitions.size()) << "every incident ended";
  EXPECT_GT(transitions.size(), 20u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AnySequence, ::testing::Range(0u, 40u));

}  // namespace
}  // namespace alerts
