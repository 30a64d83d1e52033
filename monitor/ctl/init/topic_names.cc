#include "monitor/ctl/init/topic_names.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace monitor {

std::string ModelOfTopic(const std::string& topic, const std::string& otherwise) {
  static constexpr std::string_view kCommon[] = {"requests",  "request",    "inputs",  "input", "predictions",
                                                 "inference", "inferences", "logs",    "log",   "events",
                                                 "captures",  "seldon",     "default", "model", "prod"};
  std::string best;
  for (std::size_t from = 0; from <= topic.size();) {
    const std::size_t dot = std::min(topic.find('.', from), topic.size());
    const std::string part = topic.substr(from, dot - from);
    if (!part.empty() && std::ranges::find(kCommon, part) == std::end(kCommon) &&
        !std::isdigit(static_cast<unsigned char>(part[0])))
      best = part;
    from = dot + 1;
  }
  return best.empty() ? otherwise : best;
}

std::string ResponsesBeside(const std::string& topic, const std::vector<std::string>& topics) {
  for (const auto& [request, response] :
       {std::pair("inputs", "outputs"), std::pair("requests", "responses"), std::pair("request", "response")}) {
    std::string name = topic;
    const std::size_t at = name.rfind(request);
    if (at == std::string::npos) continue;
    name.replace(at, std::string_view(request).size(), response);
    if (std::ranges::find(topics, name) != topics.end()) return name;
  }
  return {};
}

}  // namespace monitor
