// AlertPrice: how many alerts and incidents each setting of the alarms would have fired over recorded traffic, side by
// side (`monitorctl replay --price`).
//
// Records are decoded and counted once. Beside the judge of the configuration as it is there is one judge, with a state
// in memory of its own, for each budget and each min_effect of the lists below; the others of its keys stay as they are
// configured. Fixed thresholds are read off the configured judge's windows. Memory: that of `monitorctl replay`, of
// which the windows count once and the predictions that wait for labels once per setting.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "monitor/ctl/fixed_threshold.h"
#include "monitor/judge/judge.h"

namespace monitor {

inline constexpr std::array kPricedBudgets{0.1, 1.0, 10.0};  // false alarms per period
inline constexpr std::array kPricedEffects{0.0, 0.05, 0.1, 0.25};
inline constexpr std::array<FixedThreshold, 4> kPricedThresholds{{{FixedThreshold::Kind::kPsi, 0.1},
                                                                  {FixedThreshold::Kind::kPsi, 0.2},
                                                                  {FixedThreshold::Kind::kPsi, 0.25},
                                                                  {FixedThreshold::Kind::kKsTest, 0.05}}};

class AlertPrice {
 public:
  // `configured`: the store of the judge that the configuration as it is was given to, and its plan.
  AlertPrice(const Config& config, const std::map<std::string, ModelBaselines>& baselines, StateStore& configured,
             std::shared_ptr<const CountingPlan> plan);
  ~AlertPrice();

  std::vector<Judge*> judges() const;  // of the other settings; to be fed as the configured one
  void DropWindows();                  // nobody reads the other judges' windows

  // At the end of the input. [{"model","from","to","settings":[{"setting","kind","value","alerts","incidents","told",
  // "months":{"2013-03":{"alerts","incidents","told"}}}]}]; told: incidents of warning and above. kind: configured,
  // budget, min_effect, psi, ks_p. Months are those of the beginning, UTC.
  nlohmann::json Table() const;

 private:
  struct Setting;

  const Config& config_;
  StateStore& configured_;
  std::shared_ptr<const CountingPlan> plan_;
  std::vector<std::unique_ptr<Setting>> settings_;
};

std::string PriceText(const nlohmann::json& table, const Config& config);

}  // namespace monitor
