#include <charconv>
#include <fstream>
#include <sstream>

#include "monitor/daemon/config/config_parts.h"
#include "monitor/daemon/config/yaml_values.h"
#include "monitor/ingest/avro/schema_source.h"

namespace monitor {
namespace {

std::shared_ptr<const WriterSchema> ReadSchemaFile(const YamlValue& value, std::string& text) {
  const std::filesystem::path file = AsPath(value);
  std::ifstream in(file);
  if (!in) value.Fail("there is no " + file.string() + "; name a file of an Avro schema (.avsc)");
  std::ostringstream all;
  all << in.rdbuf();
  text = all.str();
  try {
    WriterSchema schema;
    schema.avro = std::make_shared<const AvroSchema>(AvroSchema::Parse(text));
    return std::make_shared<const WriterSchema>(std::move(schema));
  } catch (const AvroSchemaError& fault) {
    value.Fail(file.string() + ": " + fault.what());
  }
}

}  // namespace

void ReadSchemaRegistry(const YamlMap& root, Config& config) {
  static constexpr std::string_view kKeys[] = {"url", "user", "password", "password_file", "token", "token_file"};
  if (!root.Find("schema_registry")) return;
  const YamlMap map = root.Sub("schema_registry", kKeys);
  SchemaRegistryConfig& registry = config.schema_registry.emplace();
  registry.url = AsUrl(map.Need("url"));
  while (registry.url.ends_with('/')) registry.url.pop_back();
  ReadText(map, "user", registry.user);
  registry.password = ReadSecret(map, "password");
  registry.token = ReadSecret(map, "token");
  if (!registry.token.empty() && !registry.user.empty()) map.value().Fail("has a token and a user; give one of them");
}

std::shared_ptr<const LocalSchemas> ReadSchemas(const YamlMap& map, const std::string& format) {
  const auto value = map.Find("schema");
  if (!value) return nullptr;
  if (format != "avro") value->Fail("is for `format: avro`; set it, or delete the line");
  auto schemas = std::make_shared<LocalSchemas>();
  if (value->IsScalar()) {
    schemas->bare = ReadSchemaFile(*value, schemas->texts[""]);
    return schemas;
  }
  for (const auto& [key, file] : value->Entries()) {
    std::uint32_t id = 0;
    const auto [end, fault] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (fault != std::errc() || end != key.data() + key.size())
      file.Fail("`" + key + "` is no schema id; write `schema: FILE`, or ids with their files, {42: FILE}");
    schemas->by_id[id] = ReadSchemaFile(file, schemas->texts[key]);
  }
  return schemas;
}

}  // namespace monitor
