#include "monitor/ctl/init/json_documents.h"

#include <algorithm>
#include <functional>
#include <map>

#include "monitor/ctl/init/document.h"
#include "monitor/ctl/init/yaml_text.h"

namespace monitor {
namespace {

using nlohmann::json;

constexpr std::size_t kLevels = 5, kTextsWithinTexts = 2;

// Calls `visit` for every text below objects.
void ForEachText(json& node, const std::string& path, std::size_t level,
                 const std::function<void(const std::string&, json&)>& visit) {
  if (node.is_string()) return visit(path, node);
  if (!node.is_object() || level == kLevels) return;
  for (auto& [name, child] : node.items())
    ForEachText(child, path.empty() ? PathStep(name) : path + "." + PathStep(name), level + 1, visit);
}

}  // namespace

JsonDocuments ReadDocuments(const std::vector<SampledMessage>& messages) {
  JsonDocuments read;
  for (const SampledMessage& message : messages) {
    json document = DocumentOf(message.value);
    if (!document.is_structured()) continue;
    read.documents.all.push_back(std::move(document));
    read.documents.messages.push_back(&message);
  }
  for (std::size_t round = 0; round < kTextsWithinTexts; ++round) {
    std::map<std::string, std::pair<std::size_t, std::size_t>> texts;  // all, and those that hold JSON
    const auto holds_json = [](const std::string& text) {
      return (text.starts_with('{') || text.starts_with('[')) && DocumentOf(text).is_structured();
    };
    for (json& document : read.documents.all) {
      ForEachText(document, "", 0, [&](const std::string& path, json& text) {
        ++texts[path].first;
        texts[path].second += holds_json(text.get_ref<const std::string&>()) ? 1 : 0;
      });
    }
    std::erase_if(texts, [](const auto& text) { return text.second.second * 10 < text.second.first * 9; });
    if (texts.empty()) break;
    for (json& document : read.documents.all) {
      ForEachText(document, "", 0, [&](const std::string& path, json& text) {
        if (!texts.contains(path)) return;
        if (json inner = DocumentOf(text.get_ref<const std::string&>()); inner.is_structured()) text = std::move(inner);
      });
    }
    for (const auto& [path, counts] : texts) read.decoded.push_back(path);
  }
  return read;
}

}  // namespace monitor
