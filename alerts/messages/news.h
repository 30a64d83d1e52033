// Told: what people have been told of an open incident, and whether what it is now is news to them.
//
// News is a cause that they have not heard of (CauseKey), a higher severity, a loss that is first found to be confined
// to a segment, an effect that is kWorse times the largest one told, and a further change of an alert that fires. A
// drift that goes on, alerts that join it or end while others go on, are none. News are told at most once in kAtMost of
// event time; what came in between is told together then, if it still is news. A severity above the one last told is
// told at once. A value type; pure.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "alerts/alert.h"

namespace alerts {

// An effect this many times what people were told of is worth another message.
inline constexpr double kWorse = 1.5;

// What an alert says is the matter: of faults of the data feed the kind and the feature, of limits that somebody set
// the rule, of all others the kind of change or of monitor.
std::string CauseKey(const Alert& alert);

class Told {
 public:
  static constexpr std::int64_t kAtMost = 86'400'000'000'000;

  bool anything() const { return at_ns_ != 0; }
  // `firing`: the alerts of the incident that fire, not empty.
  bool IsNews(std::span<const Alert> firing, std::int64_t now_ns) const;
  // Those that have changed further since.
  std::vector<Alert> ChangedFurther(std::span<const Alert> firing) const;
  void Note(std::span<const Alert> firing, std::int64_t now_ns);

  nlohmann::json Stored() const;
  static Told FromStored(const nlohmann::json& stored);

 private:
  std::int64_t at_ns_ = 0;
  Severity severity_ = Severity::kInfo;
  double effect_ = 0;  // the largest; 0: none is known
  bool confined_ = false;
  std::set<std::string> causes_;
  std::map<std::string, std::uint32_t> changes_;  // by alert
};

}  // namespace alerts
