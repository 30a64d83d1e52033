#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "monitor/daemon/config/config_parts.h"
#include "monitor/daemon/config/yaml_values.h"
#include "monitor/ingest/avro/schema_source.h"
#include "monitor/ingest/mapping/mapping.h"

namespace monitor {
namespace {

// Files of one pattern in the order of their names. A pattern may match nothing, a plain name must exist.
std::vector<std::filesystem::path> Matches(const YamlValue& pattern) {
  const std::string path = AsPath(pattern).string();
  if (path.find_first_of("*?[") == std::string::npos) return {path};
  glob_t found{};
  const auto is_fatal = [](const char*, int fault) { return fault == ENOENT || fault == ENOTDIR ? 0 : 1; };
  const int status = glob(path.c_str(), 0, is_fatal, &found);
  std::vector<std::filesystem::path> files;
  if (status == 0) files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  if (status != 0 && status != GLOB_NOMATCH)
    pattern.Fail("cannot list " + path + "; check the path and who may read it");
  return files;
}

std::vector<YamlValue> IncludePatterns(const YamlMap& root) {
  const auto include = root.Find("include");
  if (!include) return {};
  if (include->IsScalar()) return {*include};
  return include->Items();
}

// Every entry of `models`, the included ones last.
std::vector<YamlValue> Entries(const YamlMap& root) {
  std::vector<YamlValue> entries;
  if (const auto models = root.Find("models")) entries = models->Items();
  std::vector<std::filesystem::path> seen;
  for (const YamlValue& pattern : IncludePatterns(root)) {
    for (const std::filesystem::path& file : Matches(pattern)) {
      if (std::find(seen.begin(), seen.end(), file) != seen.end()) continue;
      seen.push_back(file);
      static constexpr std::string_view kKeys[] = {"models"};
      std::error_code fault;
      if (!std::filesystem::exists(file, fault)) pattern.Fail("there is no " + file.string() + "; correct the path");
      const YamlMap included(YamlValue::ReadFile(file), kKeys);
      for (YamlValue& entry : included.Need("models").Items()) entries.push_back(std::move(entry));
    }
  }
  return entries;
}

std::shared_ptr<const YamlMap> Defaults(const YamlMap& root) {
  const auto value = root.Find("defaults");
  if (!value) return nullptr;
  auto defaults = std::make_shared<YamlMap>(*value, kModelKeys);
  if (const auto name = defaults->Find("name"))
    name->Fail("every model has a name of its own; write it under an entry of `models`");
  return defaults;
}

// Models that share a topic share how its messages are read.
void CheckFields(const std::vector<ModelConfig>& models, const std::vector<YamlMap>& maps) {
  const auto same = [](const auto& a, const auto& b) {
    const bool mapped = a.mapping != nullptr && b.mapping != nullptr;
    const bool schemas = a.schemas != nullptr && b.schemas != nullptr;
    return a.format == b.format && a.fields == b.fields &&
           (mapped ? *a.mapping == *b.mapping : a.mapping == b.mapping) &&
           (schemas ? *a.schemas == *b.schemas : a.schemas == b.schemas);
  };
  const auto fail = [&](std::size_t i, std::size_t other, std::string_view key, const std::string& topic) {
    maps[i].value().Child(key).Fail("model `" + models[other].name + "` reads topic `" + topic +
                                    "` with another `format`, `schema` or other `fields`; give both the same");
  };
  for (std::size_t i = 0; i < models.size(); ++i) {
    for (std::size_t other = 0; other < i; ++other) {
      const RequestsConfig& requests = models[i].requests;
      if (requests.topic == models[other].requests.topic && !same(requests, models[other].requests))
        fail(i, other, "requests", requests.topic);
      if (!models[i].labels || !models[other].labels || models[i].labels->topic.empty()) continue;
      const LabelsConfig& labels = *models[i].labels;
      if (labels.topic == models[other].labels->topic && !same(labels, *models[other].labels))
        fail(i, other, "labels", labels.topic);
    }
  }
}

// A topic that is one model's requests and another's labels cannot be decoded as either.
void CheckTopics(const std::vector<ModelConfig>& models, const std::vector<YamlMap>& maps) {
  std::map<std::string, std::string> requests;
  for (const ModelConfig& model : models) {
    requests.emplace(model.requests.topic, model.name);
    if (!model.requests.responses.empty()) requests.emplace(model.requests.responses, model.name);
  }
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (!models[i].labels) continue;
    const auto other = requests.find(models[i].labels->topic);
    if (other == requests.end()) continue;
    maps[i].value().Child("labels").Fail("its topic `" + other->first + "` holds the requests of model `" +
                                         other->second + "`; labels need a topic of their own");
  }
}

}  // namespace

std::vector<ModelConfig> ReadModels(const YamlMap& root) {
  const auto defaults = Defaults(root);
  std::vector<ModelConfig> models;
  std::vector<YamlMap> maps;
  std::map<std::string, std::string> places;
  for (const YamlValue& entry : Entries(root)) {
    maps.emplace_back(entry, kModelKeys, defaults);
    models.push_back(ReadModel(maps.back()));
    const YamlValue name = maps.back().Need("name");
    const auto [first, fresh] = places.emplace(models.back().name, name.Place());
    if (!fresh)
      name.Fail("there already is a model `" + models.back().name + "` (" + first->second +
                "); give one of them another name");
  }
  if (models.empty())
    root.value().Child("models").Fail("there are no models; add one with name, baseline and requests.topic");
  CheckTopics(models, maps);
  CheckFields(models, maps);
  return models;
}

}  // namespace monitor
