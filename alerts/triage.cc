#include "alerts/triage.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <vector>

#include "alerts/alert.h"
#include "alerts/messages/time_text.h"

namespace alerts {
namespace {

using Alerts = std::span<const Alert* const>;

constexpr std::int64_t kTogetherNs = 10LL * 60 * 1'000'000'000;  // two panes of the usual five minutes
constexpr std::size_t kNamed = 3;

bool Fires(Alerts alerts, Cause cause) {
  return std::ranges::any_of(alerts, [cause](const Alert* alert) { return alert->cause == cause; });
}

std::string Quoted(const std::string& name) { return "`" + name + "`"; }

std::set<std::string> Features(Alerts alerts) {
  std::set<std::string> names;
  for (const Alert* alert : alerts) {
    if (!alert->feature.empty()) names.insert(alert->feature);
  }
  return names;
}

std::string List(const std::set<std::string>& names) {
  std::string text;
  std::size_t shown = 0;
  for (const std::string& name : names) {
    if (shown == kNamed) break;
    text += (shown++ == 0 ? "" : ", ") + Quoted(name);
  }
  return names.size() > shown ? text + " and " + std::to_string(names.size() - shown) + " more" : text;
}

// Without the feature's name the alert says what the triage says; its clues say why.
std::string Clues(const Alert& alert) { return alert.change.clues.empty() ? alert.summary : alert.change.clues; }

struct Story {
  std::string_view likely, otherwise;  // "{f}" stands for the feature, "{n}" for Change::name
};

// By ChangeKind.
constexpr std::array<Story, 16> kStories{{
    {"the data feed of {f} is broken", "the world changed: compare with the feature's source"},
    {"{f} is no longer filled: a join, a look-up or the producer lost it",
     "the value really does not exist for the new records"},
    {"{f} is sent in another type", "the field holds something else now: look at rejected values in the source"},
    {"{f} is frozen: a cache, a default or a dead source is sent", "the quantity really does not vary for now"},
    {"{f}, constant in training, is connected now", "training data were taken while {f} was broken"},
    {"the unit or scale of {f} changed ({n})", "a real change that happens to look like that factor"},
    {"{f} is computed or scaled in another way", "a sensor or an upstream job writes nonsense"},
    {"{f} has categories that training never saw", "a typing or encoding error upstream"},
    {"a category of {f} was renamed ({n})", "one category really ended when another began"},
    {"the sign of {f} is turned round", "a real change that mirrors the distribution"},
    {"{f} is cut off ({n})", "a filter upstream keeps such records away"},
    {"{f} and {n} are swapped", "two features changed at once to look like each other"},
    {"the clock or time zone of a producer is wrong ({n})", "a backlog is sent late, or the topic was replayed"},
    {"a batch was sent twice", "ids are not unique: two records share one"},
    {"the mix of {f} changed", "one of its sources is missing or sent twice"},
    {"{f} really moved", "a change in how {f} is computed"},
}};

// Faults that no shape of a feature tells of, by the beginning of their monitors' names.
struct MonitorStory {
  std::string_view monitor, likely, otherwise;
};
constexpr std::array<MonitorStory, 3> kMonitorStories{{
    {"volume", "a source of records fell away, was added, or sends twice", "there is really more or less to predict"},
    {"label_coverage", "part of the labels is lost on its way", "labels take longer than before"},
    {"log_gap", "the log was cut or recreated before it was read: its retention is shorter than the backlog",
     "somebody emptied the topic on purpose"},
}};

std::string Fill(std::string_view story, const Alert& alert) {
  std::string text;
  while (!story.empty()) {
    if (story.starts_with("{f}") || story.starts_with("{n}")) {
      text += story[1] == 'n'
                  ? alert.change.kind == ChangeKind::kSwapped ? Quoted(alert.change.name) : alert.change.name
              : alert.feature.empty() ? std::string("the model's records")
                                      : Quoted(alert.feature);
      story.remove_prefix(3);
    } else {
      text += story.front();
      story.remove_prefix(1);
    }
  }
  return text;
}

Triage OfKind(const Alert& alert) {
  if (alert.change.kind == ChangeKind::kUnnamed) {
    const auto told = std::ranges::find_if(
        kMonitorStories, [&](const MonitorStory& story) { return alert.monitor.starts_with(story.monitor); });
    if (told != kMonitorStories.end())
      return {std::string(told->likely), alert.summary, std::string(told->otherwise), false};
  }
  const Story& story = kStories.at(static_cast<std::size_t>(alert.change.kind));
  return {Fill(story.likely, alert), Clues(alert), Fill(story.otherwise, alert), false};
}

// Features whose faults began in the same pane, of one kind or of several.
Triage Together(Alerts faults, const std::set<std::string>& features, std::int64_t began_ns) {
  const auto missing = [](const Alert* alert) { return alert->change.kind == ChangeKind::kMissing; };
  return {"one source upstream of " + List(features) + " failed",
          std::to_string(features.size()) + " features went bad together about " + FormatTimeForPeople(began_ns) +
              (std::ranges::all_of(faults, missing) ? ", all of them missing" : ""),
          "a change of the producer dropped or renamed them at once", false};
}

Triage OfFaults(Alerts alerts) {
  std::vector<const Alert*> faults;
  for (const Alert* alert : alerts) {
    if (IsFault(alert->change.kind)) faults.push_back(alert);
  }
  if (faults.empty()) return OfKind(*alerts.front());
  // Kinds that explain the others: swapped columns are also far outside, a wrong clock leaves gaps.
  for (const ChangeKind kind : {ChangeKind::kSwapped, ChangeKind::kClock, ChangeKind::kDuplicates}) {
    const auto found = std::ranges::find_if(faults, [kind](const Alert* alert) { return alert->change.kind == kind; });
    if (found != faults.end()) return OfKind(**found);
  }
  const std::int64_t newest = (*std::ranges::max_element(faults, {}, &Alert::began_at_ns))->began_at_ns;
  std::vector<const Alert*> together;
  for (const Alert* alert : faults) {
    if (newest - alert->began_at_ns <= kTogetherNs) together.push_back(alert);
  }
  if (const auto features = Features(together); features.size() > 1) return Together(together, features, newest);
  return OfKind(*together.front());
}

Triage OfDrift(Alerts alerts, Alerts others) {
  const Alert& largest = *alerts.front();
  if (IsFault(largest.change.kind)) return OfKind(largest);
  const std::set<std::string> features = Features(alerts);
  Triage triage;
  if (largest.change.kind == ChangeKind::kMix) {
    triage = {"the mix of the traffic changed: other shares of " + Quoted(largest.feature), Clues(largest),
              "records of one source are missing or come twice", false};
    if (features.size() > 1) triage.because += "; features that moved: " + List(features);
  } else {
    triage = {"the inputs really changed: " + List(features), Clues(largest),
              "a change of the data feed that keeps values plausible", false};
  }
  triage.retrain = Fires(others, Cause::kQualityLoss);
  if (triage.retrain) {
    triage.because += "; the quality fell as well";
  } else {
    triage.otherwise += "; no loss of quality is known, so watch rather than retrain";
  }
  return triage;
}

Triage OfPredictions(Alerts alerts, Alerts others) {
  const std::string clues = Clues(*alerts.front());
  if (Fires(others, Cause::kDataDrift)) {
    return {"the predictions follow the inputs", clues + "; features drift as well",
            "the model itself was changed at the same time", Fires(others, Cause::kQualityLoss)};
  }
  return {"the model, its code or its threshold was changed, or an input that is not watched",
          clues + "; no watched feature drifts", "several small changes of the inputs that add up",
          Fires(others, Cause::kQualityLoss)};
}

Triage OfQuality(Alerts alerts, Alerts others) {
  const std::string clues = Clues(*alerts.front());
  if (Fires(others, Cause::kDataDrift)) {
    return {"the inputs moved to where the model is worse", clues + "; features drift as well",
            "the labels are wrong or come late for one class", true};
  }
  return {"what the features say about the label has changed (concept drift)", clues + "; no feature drifts",
          "the labels are wrong, or their definition was changed", true};
}

}  // namespace

Triage Assess(Alerts alerts, Alerts others) {
  const Cause cause = alerts.front()->cause;
  if (cause == Cause::kBrokenPipeline) return OfFaults(alerts);
  if (cause == Cause::kNoData) {
    return {"the producer, the topic or the way to it stopped", alerts.front()->summary,
            "the traffic really ended (a night, a holiday, a switched-off model)", false};
  }
  // A fault explains whatever else changes meanwhile.
  std::vector<const Alert*> faults;
  for (const Alert* alert : others) {
    if (alert->cause == Cause::kBrokenPipeline) faults.push_back(alert);
  }
  if (!faults.empty()) {
    Triage triage = OfFaults(faults);
    triage.likely = "a consequence of the broken data feed: " + triage.likely;
    triage.otherwise = "a change of its own: see whether it stays when the feed is mended";
    return triage;
  }
  if (cause == Cause::kDataDrift) return OfDrift(alerts, others);
  if (cause == Cause::kPredictionDrift) return OfPredictions(alerts, others);
  return OfQuality(alerts, others);
}

std::string Sentence(const Triage& triage) {
  if (triage.likely.empty()) return {};
  std::string text = "likely " + triage.likely;
  if (!triage.because.empty()) text += ", because " + triage.because;
  if (!triage.otherwise.empty()) text += "; else " + triage.otherwise;
  return text + (triage.retrain ? "; a retraining could mend it" : "; a retraining would not mend it");
}

}  // namespace alerts
