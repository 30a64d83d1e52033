#include "alerts/messages/headline.h"

#include <algorithm>
#include <array>
#include <vector>

#include "alerts/messages/time_text.h"

namespace alerts {
namespace {

constexpr std::size_t kNamed = 5;  // names in a sentence before "and n more"

std::string Label(const std::string& model, const std::string& variant) {
  return variant.empty() ? model : model + " (" + variant + ")";
}

// What an alert is about: its feature, else the last part of its monitor's name ("rule:accuracy" → accuracy).
std::string SubjectOf(const Alert& alert) {
  return alert.feature.empty() ? alert.monitor.substr(alert.monitor.rfind(':') + 1) : alert.feature;
}

std::string List(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kNamed); ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kNamed) text += " and " + std::to_string(names.size() - kNamed) + " more";
  return text;
}

// What happened to features whose monitors are all of one kind, the part of their names before the colon.
std::string_view FaultOf(const std::vector<const Alert*>& alerts) {
  const auto kind = [](const Alert* alert) {
    return std::string_view(alert->monitor).substr(0, alert->monitor.find(':'));
  };
  const std::string_view first = kind(alerts.front());
  if (!std::all_of(alerts.begin(), alerts.end(), [&](const Alert* alert) { return kind(alert) == first; })) {
    return "look wrong";
  }
  if (first == "missing") return "went missing";
  if (first == "unseen") return "hold values that training never saw";
  if (first == "type_faults") return "hold values of the wrong type";
  if (first == "out_of_range") return "hold values far outside of what training saw";
  if (first == "constant") return "stand still";
  return "look wrong";
}

std::string Several(const IncidentEvent& event, const std::vector<const Alert*>& alerts,
                    const std::vector<std::string>& subjects) {
  const std::string count = std::to_string(subjects.size());
  switch (event.cause) {
    case Cause::kBrokenPipeline:
      if (std::any_of(alerts.begin(), alerts.end(), [](const Alert* alert) { return alert->feature.empty(); })) {
        return "data feed broken: " + List(subjects);
      }
      return "data feed broken: " + subjects.front() + " and " + std::to_string(subjects.size() - 1) + " other " +
             (subjects.size() == 2 ? "feature " : "features ") + std::string(FaultOf(alerts));
    case Cause::kDataDrift:
      return count + " features drifted from the baseline: " + List(subjects);
    case Cause::kPredictionDrift:
      return "predictions drifted from the baseline: " + List(subjects);
    case Cause::kQualityLoss:
      return "prediction quality fell: " + List(subjects);
    case Cause::kNoData:
      break;
  }
  return alerts.front()->summary;
}

}  // namespace

std::string Headline(const IncidentEvent& event) {
  std::vector<const Alert*> alerts;
  for (const Alert& alert : event.alerts) {
    if (alert.state == State::kFiring) alerts.push_back(&alert);
  }
  if (alerts.empty()) {
    for (const Alert& alert : event.alerts) alerts.push_back(&alert);
  }
  std::vector<std::string> subjects;
  for (const Alert* alert : alerts) {
    std::string subject = SubjectOf(*alert);
    if (std::find(subjects.begin(), subjects.end(), subject) == subjects.end()) subjects.push_back(std::move(subject));
  }
  std::string sentence;
  if (subjects.size() > 1) {
    sentence = Several(event, alerts, subjects);
  } else if (!alerts.empty()) {
    sentence = alerts.front()->summary;
  }
  if (sentence.empty()) sentence = Explain(event.cause);

  const std::string label = Label(event.model, event.variant);
  return label.empty() || sentence.starts_with(label + ":") ? sentence : label + ": " + sentence;
}

std::string ResolvedHeadline(const Incident& incident) {
  const std::int64_t from = incident.began_at_ns != 0 ? incident.began_at_ns : incident.opened_at_ns;
  std::string text = "resolved: " + incident.summary;
  if (text.ends_with('.')) text.pop_back();
  if (incident.resolved_at_ns > from) text += "; it lasted " + FormatDuration(incident.resolved_at_ns - from);
  return text;
}

std::string_view Explain(Cause cause) {
  constexpr std::array<std::string_view, 5> kWords{
      "looks like a fault of the data feed, not drift", "the inputs changed, and the data feed itself looks sound",
      "the predictions changed from what training saw", "the predictions agree less with the true labels",
      "records stopped coming"};
  return kWords.at(static_cast<std::size_t>(cause));
}

}  // namespace alerts
