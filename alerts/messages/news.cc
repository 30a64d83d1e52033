#include "alerts/messages/news.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace alerts {
namespace {

Severity Highest(std::span<const Alert> alerts) {
  return std::ranges::max_element(alerts, {}, &Alert::severity)->severity;
}

// Of the alerts whose effect is known; 0: of none.
double LargestEffect(std::span<const Alert> alerts) {
  double largest = 0;
  for (const Alert& alert : alerts) {
    if (alert.effect && *alert.effect > largest) largest = *alert.effect;
  }
  return largest;
}

bool Confined(const Alert& alert) { return !alert.change.confined.empty(); }

}  // namespace

std::string CauseKey(const Alert& alert) {
  if (alert.monitor.starts_with("rule:")) return alert.monitor;
  const bool named = alert.change.kind != ChangeKind::kUnnamed;
  const std::string kind =
      named ? std::string(Text(alert.change.kind)) : alert.monitor.substr(0, alert.monitor.find(':'));
  return alert.cause == Cause::kBrokenPipeline ? kind + ":" + alert.feature : kind;
}

bool Told::IsNews(std::span<const Alert> firing, std::int64_t now_ns) const {
  const Severity severity = Highest(firing);
  if (severity > severity_) return true;
  if (now_ns < at_ns_ + kAtMost) return false;
  if (effect_ > 0 && LargestEffect(firing) >= kWorse * effect_) return true;
  return !ChangedFurther(firing).empty() || std::ranges::any_of(firing, [this](const Alert& alert) {
    return !causes_.contains(CauseKey(alert)) || (!confined_ && Confined(alert));
  });
}

std::vector<Alert> Told::ChangedFurther(std::span<const Alert> firing) const {
  std::vector<Alert> changed;
  for (const Alert& alert : firing) {
    const auto heard = changes_.find(alert.id);
    if (alert.changes > (heard == changes_.end() ? 0 : heard->second)) changed.push_back(alert);
  }
  return changed;
}

void Told::Note(std::span<const Alert> firing, std::int64_t now_ns) {
  at_ns_ = now_ns;
  severity_ = Highest(firing);
  effect_ = std::max(effect_, LargestEffect(firing));
  for (const Alert& alert : firing) {
    confined_ = confined_ || Confined(alert);
    causes_.insert(CauseKey(alert));
    changes_[alert.id] = alert.changes;
  }
}

nlohmann::json Told::Stored() const {
  return {{"at_ns", at_ns_},       {"severity", Text(severity_)}, {"effect", effect_},
          {"confined", confined_}, {"causes", causes_},           {"changes", changes_}};
}

Told Told::FromStored(const nlohmann::json& stored) {
  Told told;
  stored.at("at_ns").get_to(told.at_ns_);
  told.severity_ = ParseSeverity(stored.at("severity").get<std::string>());
  stored.at("effect").get_to(told.effect_);
  stored.at("confined").get_to(told.confined_);
  stored.at("causes").get_to(told.causes_);
  stored.at("changes").get_to(told.changes_);
  return told;
}

}  // namespace alerts
