#include "monitor/ctl/replay/alert_price.h"

#include <algorithm>
#include <set>

#include "monitor/ctl/api_text.h"
#include "monitor/ctl/table.h"
#include "monitor/daemon/config/units.h"
#include "monitor/judge/windows/wording.h"
#include "monitor/store/history.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::int64_t kDayNs = 86'400'000'000'000;
constexpr std::size_t kMonthColumns = 12;

HistoryQuery AllOf(const std::string& model) {
  HistoryQuery query;
  query.model = model;
  query.limit = 10'000'000;
  return query;
}

std::string MonthOf(const std::string& time) { return time.substr(0, 7); }

// Alerts that fired, with their incidents, by the month in which they began.
json Counted(const json& alerts) {
  struct Incident {
    std::string month;
    bool told = false;
  };
  std::map<std::string, Incident> incidents;
  json months = json::object();
  const auto count = [&months](const std::string& month, const char* what) {
    json& of_month = months.emplace(month, json{{"alerts", 0}, {"incidents", 0}, {"told", 0}}).first.value();
    of_month[what] = of_month[what].get<int>() + 1;
  };
  std::size_t fired = 0;
  for (const json& alert : alerts) {
    if (alert.at("state") == "pending") continue;
    ++fired;
    const std::string month = MonthOf(alert.at("started_at").get<std::string>());
    count(month, "alerts");
    Incident& incident = incidents[alert.at("incident").get<std::string>()];
    if (incident.month.empty() || month < incident.month) incident.month = month;
    incident.told = incident.told || alert.at("severity") != "info";
  }
  std::size_t told = 0;
  for (const auto& [id, incident] : incidents) {
    count(incident.month, "incidents");
    if (incident.told) count(incident.month, "told");
    told += incident.told ? 1 : 0;
  }
  return {{"alerts", fired}, {"incidents", incidents.size()}, {"told", told}, {"months", months}};
}

json PricedRow(const std::string& setting, const char* kind, const json& value, const json& alerts) {
  json row = Counted(alerts);
  row["setting"] = setting;
  row["kind"] = kind;
  row["value"] = value;
  return row;
}

std::string NameOf(const FixedThreshold& threshold) {
  return threshold.kind == FixedThreshold::Kind::kPsi ? "PSI above " + Number(threshold.limit)
                                                      : "KS test, p below " + Number(threshold.limit);
}

const ModelPlan* PlanOf(const CountingPlan& plan, const std::string& model) {
  for (const auto& [name, topic] : plan.topics) {
    if (const ModelPlan* found = topic->Find(model); found != nullptr && !topic->labels) return found;
  }
  return nullptr;
}

double ValuesIn(const Frame& frame, const std::string& column) {
  for (std::size_t i = 0; i < frame.columns(); ++i) {
    if (frame.column(i).name == column) return static_cast<double>(frame.column(i).summary.values());
  }
  return 0;
}

std::vector<std::string> MonthsBetween(const std::string& from, const std::string& to) {
  std::vector<std::string> months;
  int year = std::stoi(from.substr(0, 4)), month = std::stoi(from.substr(5, 2));
  for (std::string at = MonthOf(from); at <= MonthOf(to) && months.size() <= kMonthColumns;) {
    months.push_back(at);
    month = month % 12 + 1;
    year += month == 1 ? 1 : 0;
    at = std::to_string(year) + (month < 10 ? "-0" : "-") + std::to_string(month);
  }
  return months;
}

std::size_t Told(const json& row, const std::string& month) {
  const auto found = row.at("months").find(month);
  return found == row.at("months").end() ? 0 : found->at("told").get<std::size_t>();
}

}  // namespace

struct AlertPrice::Setting {
  std::string name;
  const char* kind;
  double value;
  std::unique_ptr<StateStore> store;  // absent where the value is the configured one
  SnapshotBoard board;
  std::unique_ptr<Judge> judge;
};

AlertPrice::AlertPrice(const Config& config, const std::map<std::string, ModelBaselines>& baselines,
                       StateStore& configured, std::shared_ptr<const CountingPlan> plan)
    : config_(config), configured_(configured), plan_(std::move(plan)) {
  const auto add = [&](const char* kind, double value, const Config& changed, bool as_configured) {
    auto setting = std::make_unique<Setting>();
    setting->kind = kind;
    setting->value = value;
    setting->name = std::string(kind) + " " + Number(value);
    if (!as_configured) {
      setting->store = StateStore::InMemory();
      const auto still = [] { return std::int64_t{0}; };
      setting->judge = std::make_unique<Judge>(*setting->store, std::filesystem::path{}, setting->board,
                                               Judge::Clocks{still, still});
      setting->judge->Configure(changed, baselines, {});
      setting->judge->SetNotReady("");
    }
    settings_.push_back(std::move(setting));
  };
  for (const double budget : kPricedBudgets) {
    Config changed = config;
    changed.expected_false_alarms = budget;
    add("budget", budget, changed, budget == config.expected_false_alarms);
  }
  for (const double effect : kPricedEffects) {
    Config changed = config;
    for (ModelConfig& model : changed.models) model.min_effect = effect;
    add("min_effect", effect, changed,
        std::ranges::all_of(config.models, [effect](const ModelConfig& model) { return model.min_effect == effect; }));
  }
}

AlertPrice::~AlertPrice() = default;

std::vector<Judge*> AlertPrice::judges() const {
  std::vector<Judge*> judges;
  for (const auto& setting : settings_) {
    if (setting->judge != nullptr) judges.push_back(setting->judge.get());
  }
  return judges;
}

void AlertPrice::DropWindows() {
  for (const auto& setting : settings_) {
    if (setting->store != nullptr) setting->store->Run("DELETE FROM \"window\"; DELETE FROM step WHERE closed");
  }
}

json AlertPrice::Table() const {
  json table = json::array();
  const History history(configured_.db());
  for (const ModelConfig& model : config_.models) {
    const json windows = history.Windows(AllOf(model.name))["windows"];
    const ModelPlan* const plan = PlanOf(*plan_, model.name);
    if (windows.empty() || plan == nullptr) continue;
    const json configured = history.Alerts(AllOf(model.name))["alerts"];
    json rows = json::array();
    rows.push_back(PricedRow("as configured", "configured", nullptr, configured));
    for (const auto& setting : settings_) {
      rows.push_back(PricedRow(
          setting->name, setting->kind, setting->value,
          setting->store == nullptr ? configured : History(setting->store->db()).Alerts(AllOf(model.name))["alerts"]));
    }
    const auto values = [&](const json& row, const std::string& column) {
      return ValuesIn(*plan->EpochAt(NsOf(row, "end").value_or(0) - 1).FrameOf(TextOf(row, "version")), column);
    };
    const std::int64_t step_ns = plan->epochs.back().step_ns;
    for (const FixedThreshold& threshold : kPricedThresholds) {
      json alerts = json::array();
      for (const alerts::Alert& alert : AlertsOf(threshold, model.name, windows, step_ns, values))
        alerts.push_back(alerts::ToJson(alert));
      rows.push_back(PricedRow(NameOf(threshold), threshold.kind == FixedThreshold::Kind::kPsi ? "psi" : "ks_p",
                               threshold.limit, alerts));
    }
    table.push_back({{"model", model.name},
                     {"from", windows.front().at("start")},
                     {"to", windows.back().at("end")},
                     {"settings", std::move(rows)}});
  }
  return table;
}

std::string PriceText(const json& table, const Config& config) {
  std::string out;
  for (const json& model : table) {
    const auto of_model = std::ranges::find(config.models, model.at("model").get<std::string>(), &ModelConfig::name);
    const double months = static_cast<double>(*NsOf(model, "to") - *NsOf(model, "from")) / (30.0 * kDayNs);
    out += "\nmodel " + TextOf(model, "model") + ", " + TimeOf(model, "from") + " to " + TimeOf(model, "to") +
           " UTC; configured: budget " + Number(config.expected_false_alarms) + " per " +
           DurationText(config.false_alarms_per) + ", min_effect " + Number(of_model->min_effect) + "\n\n";
    std::vector<TextTable::Column> columns{{"setting", TextTable::Align::kLeft}, {"alerts"}, {"incidents"}, {"told"}};
    columns.push_back({"told per 30 d"});
    std::vector<std::string> shown = MonthsBetween(model.at("from"), model.at("to"));
    if (shown.size() > kMonthColumns) shown.clear();
    for (const std::string& month : shown) columns.push_back({month});
    TextTable text(columns);
    for (const json& row : model.at("settings")) {
      const auto told = row.at("told").get<std::size_t>();
      std::vector<std::string> cells{TextOf(row, "setting"), CountOf(row, "alerts"), CountOf(row, "incidents"),
                                     CountOf(row, "told"), ShortNumber(static_cast<double>(told) / months)};
      for (const std::string& month : shown) cells.push_back(std::to_string(Told(row, month)));
      text.Add(std::move(cells));
    }
    out += text.Text();
  }
  if (out.empty()) return "no window has closed: there is nothing to price\n";
  return out +
         "\ntold: incidents of warning and above, in the columns by the month in which they began. Settings of budget "
         "and min_effect hold\neverything that the configuration alerts (drift, faults, quality, rules); thresholds "
         "hold their own alerts alone, by the point\nvalue of every full window.\n";
}

}  // namespace monitor
