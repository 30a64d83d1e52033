#include "monitor/ctl/operate/operator_verb.h"

#include <cstdlib>
#include <utility>

#include "monitor/ctl/api_text.h"

namespace monitor {

DaemonVerb OperatorVerb(DaemonVerb verb) {
  verb.help += kOperatorHelp;
  verb.values.insert({"by", "comment"});
  return verb;
}

std::string MarkedText(const nlohmann::json& answer, const std::string& word) {
  std::string text;
  const nlohmann::json alerts = answer.contains("alerts") ? answer.at("alerts") : nlohmann::json::array({answer});
  for (const nlohmann::json& alert : alerts)
    text += "alert " + TextOf(alert, "id").substr(0, 8) + " " + word + ": " + TextOf(alert, "summary") + "\n";
  return text;
}

nlohmann::json OperatorBody(const VerbOptions& options) {
  std::string by = options.Value("by").value_or("");
  for (const char* variable : {"SUDO_USER", "LOGNAME", "USER"}) {
    if (const char* name = std::getenv(variable); by.empty() && name != nullptr) by = name;
  }
  nlohmann::json body = nlohmann::json::object();
  if (!by.empty()) body["by"] = by;
  if (const auto comment = options.Value("comment")) body["comment"] = *comment;
  return body;
}

}  // namespace monitor
