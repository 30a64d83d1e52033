#include "monitor/ctl/baseline_json.h"

#include <nlohmann/json.hpp>

#include "baselines/profile_file.h"

namespace monitor {

nlohmann::json BaselineJson(const baselines::Profile& profile) {
  nlohmann::json json = nlohmann::json::parse(baselines::ProfileToJson(profile));
  json.erase("checksum");
  for (nlohmann::json& feature : json["features"]) feature.erase("exact");
  for (const char* key : {"prediction", "score", "label"}) {
    if (json[key].is_object()) json[key].erase("exact");
  }
  return json;
}

}  // namespace monitor
