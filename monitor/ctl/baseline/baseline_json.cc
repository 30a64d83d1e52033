#include "monitor/ctl/baseline/baseline_json.h"

#include <nlohmann/json.hpp>

#include "baselines/profile_file.h"

namespace monitor {

nlohmann::json BaselineJson(const baselines::Profile& profile) {
  nlohmann::json json = nlohmann::json::parse(baselines::ProfileToJson(profile));
  json.erase("checksum");
  const auto readable = [](nlohmann::json& column) {
    column.erase("exact");
    for (const char* key : {"value_steps", "missing_steps", "seasons"}) {
      if (column.contains(key)) column[key].erase("exact");
    }
  };
  for (nlohmann::json& feature : json["features"]) readable(feature);
  for (const char* key : {"prediction", "score", "label"}) {
    if (json[key].is_object()) readable(json[key]);
  }
  return json;
}

}  // namespace monitor
