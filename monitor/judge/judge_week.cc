// Once a week of event time, Mondays 00:00 UTC: the findings that were too small to be told by themselves, as one
// digest per model and target. A model that catches up tells none of the weeks that it reads through. The end of the
// last week told is part of the checkpoint, so a crash neither loses nor repeats one.
#include <nlohmann/json.hpp>

#include <utility>

#include "alerts/catch_up.h"
#include "alerts/messages/headline.h"
#include "monitor/ingest/timestamp.h"
#include "monitor/judge/judge_model.h"

namespace monitor {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::int64_t kWeekNs = 7 * kDayNs;
constexpr std::int64_t kFirstMondayNs = 4 * kDayNs;  // 1970 began on a Thursday

}  // namespace

std::vector<alerts::IncidentEvent> Judge::SmallFindings(const Model& model, std::int64_t from_ns, std::int64_t to_ns) {
  std::vector<alerts::IncidentEvent> found;
  Statement rows(
      store_.db(),
      "SELECT stored FROM incident WHERE json_extract(stored,'$.model')=? AND json_extract(stored,'$.peak')=?");
  rows.Bind(model.name()).Bind(alerts::Text(alerts::Severity::kInfo));
  while (rows.Step()) {
    const alerts::Incident incident = alerts::IncidentFromStored(nlohmann::json::parse(rows.Text(0)));
    if (incident.opened_at_ns < from_ns || incident.opened_at_ns >= to_ns) continue;
    alerts::IncidentEvent event = alerts::EventOf(incident, AlertsOf(incident));
    event.weekly = true;
    const bool open = incident.resolved_at_ns == 0;
    using Type = alerts::IncidentEvent::Type;
    event.type = open ? Type::kFiring : Type::kResolved;
    event.timestamp_ns = open ? incident.opened_at_ns : incident.resolved_at_ns;
    event.summary = open ? incident.summary : alerts::ResolvedHeadline(incident);
    Address(model, event);
    if (open && !alerts::RemoveSilenced(event, desk_.silences(), clocks_.wall())) continue;
    found.push_back(std::move(event));
  }
  return found;
}

void Judge::TellWeek() {
  for (const auto& [name, model] : models_) {
    const std::int64_t now = model->state.closed_up_to();
    if (now == INT64_MIN) continue;
    const std::int64_t week = FloorTo(now - kFirstMondayNs, kWeekNs) + kFirstMondayNs;
    const auto [end, fresh] = week_ends_.try_emplace(name, week);
    week_ends_changed_ |= fresh;
    if (end->second >= week) continue;
    end->second = week;
    week_ends_changed_ = true;
    if (CatchingUp(*model)) continue;
    const std::vector<alerts::IncidentEvent> findings = SmallFindings(*model, week - kWeekNs, week);
    for (const auto& target : targets_) {
      if (!target->takes_digests()) continue;
      std::vector<alerts::IncidentEvent> wanted;
      for (const alerts::IncidentEvent& finding : findings) {
        if (target->Wants(finding)) wanted.push_back(finding);
      }
      if (!wanted.empty()) Enqueue(*target, alerts::WeeklyDigestOf(std::move(wanted), week));
    }
  }
}

}  // namespace monitor
