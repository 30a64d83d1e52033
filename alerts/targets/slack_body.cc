// SlackBody (targets/slack.h).
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "alerts/catch_up.h"
#include "alerts/messages/headline.h"
#include "alerts/messages/text.h"
#include "alerts/messages/time_text.h"
#include "alerts/targets/slack.h"

namespace alerts {
namespace {

using nlohmann::json;

// Slack's limits are far above the sum of these, whatever the event holds.
constexpr std::size_t kLabel = 100;  // in the header, whose limit is 150
constexpr std::size_t kSummary = 1'500;
constexpr std::size_t kAlert = 300;     // one line
constexpr std::size_t kShown = 5;       // alerts
constexpr std::size_t kIncidents = 9;   // of a digest
constexpr std::size_t kPartitions = 3;  // with a line for their records
constexpr std::size_t kShort = 200;     // owner, names
constexpr std::size_t kUrl = 1'000;

std::string_view Emoji(const IncidentEvent& event) {
  const bool open = !event.alerts.empty() || event.type != IncidentEvent::Type::kDigest;
  if (event.type == IncidentEvent::Type::kResolved || !open) return ":white_check_mark:";
  switch (event.severity) {
    case Severity::kCritical:
      return ":rotating_light:";
    case Severity::kWarning:
      return ":warning:";
    case Severity::kInfo:
      break;
  }
  return ":information_source:";
}

std::string ShortState(const IncidentEvent& event) {
  constexpr std::array<std::string_view, 5> kStates{"data feed broken", "data drift", "prediction drift",
                                                    "quality loss", "no data"};
  std::string state(kStates.at(static_cast<std::size_t>(event.cause)));
  if (event.type == IncidentEvent::Type::kDigest)
    return event.weekly ? "small findings of the week" : "what happened meanwhile";
  if (event.type == IncidentEvent::Type::kRetrainOutcome) return "retraining";
  if (event.type == IncidentEvent::Type::kUpdated) return state + ", changed";
  if (event.type == IncidentEvent::Type::kResolved) return state + " is over";
  return state;
}

json Mrkdwn(std::string text) { return {{"type", "mrkdwn"}, {"text", std::move(text)}}; }
json Section(std::string text) { return {{"type", "section"}, {"text", Mrkdwn(std::move(text))}}; }

std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

// "<url|text>", empty where the URL is none or too long to be kept whole.
std::string Link(const std::string& url, std::string_view text) {
  if (!url.starts_with("https://") && !url.starts_with("http://")) return "";
  std::string target;
  for (const char c : url) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') {
      target += "&amp;";
    } else if (byte <= ' ' || byte >= 0x7f || c == '<' || c == '>' || c == '|') {
      target.push_back('%');
      target.push_back("0123456789ABCDEF"[byte >> 4]);
      target.push_back("0123456789ABCDEF"[byte & 15]);
    } else {
      target.push_back(c);
    }
  }
  if (target.size() > kUrl) return "";
  return std::string("<").append(target).append("|").append(text).append(">");
}

// What happened, and the figures behind it: a summary's first clause, and the others.
std::pair<std::string, std::string> Clauses(const std::string& summary) {
  const std::size_t end = summary.find("; ");
  if (end == summary.npos) return {summary, ""};
  return {summary.substr(0, end), summary.substr(end + 2)};
}

std::string AlertLines(const std::vector<Alert>& alerts) {
  const auto fires = [](const Alert& alert) { return alert.state == State::kFiring; };
  const auto firing = static_cast<std::size_t>(std::count_if(alerts.begin(), alerts.end(), fires));
  std::string lines;
  std::size_t shown = 0;
  for (const Alert& alert : alerts) {
    if (!fires(alert) || shown == kShown) continue;
    ++shown;
    lines += "• " + ClipEscaped(Clauses(alert.summary).first, kAlert) + "\n";
  }
  if (firing > shown) lines += "… and " + std::to_string(firing - shown) + " more\n";
  const std::size_t recovered = alerts.size() - firing;
  if (recovered > 0) lines += std::to_string(recovered) + " recovered\n";
  if (!lines.empty()) lines.pop_back();
  return lines;
}

// "12,345 of version 7, canary: 23 % of the traffic"
std::string Rows(const IncidentEvent& event) {
  std::string rows = Grouped(event.alerts.front().count);
  if (!event.version.empty()) rows += " of version " + ClipEscaped(event.version, kShort);
  if (!event.variant.empty()) rows += ", " + ClipEscaped(event.variant, kShort);
  const auto share = event.circumstances.traffic_share;
  if (share && *share < 1) {
    const auto percent = std::lround(*share * 100);
    rows += ": " + (percent == 0 ? std::string("below 1") : std::to_string(percent)) + " % of the traffic";
  }
  return rows;
}

json Fields(const IncidentEvent& event) {
  json fields = json::array();
  const auto add = [&fields](const std::string& title, std::string_view text) {
    fields.push_back(Mrkdwn(("*" + title + "*\n").append(text)));
  };
  if (event.began_at_ns != 0) add("Began", FormatTimeForPeople(event.began_at_ns));
  if (event.opened_at_ns != 0) add("Noticed", FormatTimeForPeople(event.opened_at_ns));
  add("Cause", Explain(event.cause));
  if (!event.alerts.empty() && event.alerts.front().count > 0) add("Rows", Rows(event));
  return fields;
}

std::string DigestLines(const IncidentEvent& event) {
  std::string lines;
  for (std::size_t i = 0; i < std::min(event.digest.size(), kIncidents); ++i)
    lines += "• " + ClipEscaped(DigestLine(event.digest[i]), kAlert) + "\n";
  if (event.digest.size() > kIncidents)
    lines += "… and " + std::to_string(event.digest.size() - kIncidents) + " more\n";
  if (!lines.empty()) lines.pop_back();
  return lines;
}

std::string TriggeredLines(const IncidentEvent& event) {
  std::string lines;
  for (const std::string& line : event.triggered) lines += (lines.empty() ? "" : "\n") + line;
  return ClipEscaped(lines, kSummary);
}

// What else changed at that time, and how to see the records themselves.
std::string CircumstanceLines(const IncidentEvent& event) {
  std::string lines;
  const auto& changes = event.circumstances.changes;
  if (!changes.empty()) lines = "*What else changed around then*";
  for (std::size_t i = 0; i < std::min(changes.size(), kShown); ++i) lines += "\n• " + ClipEscaped(changes[i], kAlert);
  if (changes.size() > kShown) lines += "\n… and " + std::to_string(changes.size() - kShown) + " more";
  const std::vector<std::string> kcat = KcatLines(event.circumstances);
  if (!kcat.empty()) lines += std::string(lines.empty() ? "" : "\n") + "*The records*";
  for (std::size_t i = 0; i < std::min(kcat.size(), kPartitions); ++i)
    lines += "\n`" + ClipEscaped(kcat[i], kAlert) + "`";
  if (kcat.size() > kPartitions) lines += "\n… and " + std::to_string(kcat.size() - kPartitions) + " more partitions";
  return lines;
}

json Context(const IncidentEvent& event) {
  json elements = json::array();
  const auto add = [&elements](std::string text) {
    if (!text.empty()) elements.push_back(Mrkdwn(std::move(text)));
  };
  add(ClipEscaped(event.owner, kShort));
  add(Link(event.url, "Details"));
  if (event.type == IncidentEvent::Type::kResolved) return elements;
  const std::string runbook = Link(event.runbook, "Runbook");
  add(runbook.empty() && !event.runbook.empty() ? "Runbook: " + ClipEscaped(event.runbook, kShort) : runbook);
  for (const auto& [name, command] : Commands(event)) add("`" + ClipEscaped(command, kShort) + "`");
  return elements;
}

}  // namespace

std::string SlackBody(const IncidentEvent& event) {
  const bool over = event.type == IncidentEvent::Type::kResolved;
  std::string label = ClipEscaped(event.model, kLabel);
  if (!event.variant.empty()) label = ClipEscaped(event.model + " (" + event.variant + ")", kLabel);
  std::string header(Emoji(event));
  header.append(" ").append(label).append(": ").append(ShortState(event));

  json blocks = json::array();
  blocks.push_back({{"type", "header"}, {"text", {{"type", "plain_text"}, {"text", header}, {"emoji", true}}}});
  const auto [what, figures] = Clauses(event.summary);
  const std::string summary = ClipEscaped(what, kSummary);
  if (!summary.empty()) blocks.push_back(Section(summary));
  if (!figures.empty())
    blocks.push_back({{"type", "context"}, {"elements", json::array({Mrkdwn(ClipEscaped(figures, kSummary))})}});
  const bool digest = event.type == IncidentEvent::Type::kDigest;
  const bool outcome = event.type == IncidentEvent::Type::kRetrainOutcome;
  const std::string triage = Sentence(event.triage);
  if (digest) blocks.push_back(Section(DigestLines(event)));
  if (!over && !digest && !triage.empty()) blocks.push_back(Section(ClipEscaped(triage, kSummary)));
  if (!over && !digest && event.alerts.size() > 1) blocks.push_back(Section(AlertLines(event.alerts)));
  if (!over && !digest && !outcome) blocks.push_back({{"type", "section"}, {"fields", Fields(event)}});
  if (const std::string triggered = TriggeredLines(event); !triggered.empty()) blocks.push_back(Section(triggered));
  if (const std::string circumstances = CircumstanceLines(event); !over && !circumstances.empty())
    blocks.push_back(Section(circumstances));
  if (json context = Context(event); !context.empty()) {
    blocks.push_back({{"type", "context"}, {"elements", std::move(context)}});
  }
  return json{{"text", summary.empty() ? header : summary}, {"blocks", std::move(blocks)}}.dump();
}

}  // namespace alerts
