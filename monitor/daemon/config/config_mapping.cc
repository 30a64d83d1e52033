#include <algorithm>
#include <array>

#include "baselines/values/value_text.h"
#include "monitor/daemon/config/config_parts.h"
#include "monitor/daemon/config/yaml_values.h"
#include "monitor/ingest/mapping/mapping.h"

namespace monitor {
namespace {

constexpr std::string_view kPathHint =
    "write names with dots between them, like payload.features, items[0].price or $row.id";

Path AsPathInMessage(const YamlValue& value) {
  const std::string text = AsText(value);
  if (text == "$") return {};
  auto path = Path::Parse(text);
  if (!path) value.Fail(value.Quoted() + " is no path; " + std::string(kPathHint));
  return std::move(*path);
}

FieldSource SourceFrom(const YamlValue& value, const std::string& text) {
  if (text == "$key") return {FieldSource::Kind::kKey, {}, {}};
  if (text == "$topic") return {FieldSource::Kind::kTopic, {}, {}};
  if (text == "$timestamp") return {FieldSource::Kind::kTimestamp, {}, {}};
  if (text.starts_with("$header.") && text.size() > 8) return {FieldSource::Kind::kHeader, {}, text.substr(8)};
  const bool row = text == "$row" || text.starts_with("$row.") || text.starts_with("$row[");
  if (text.starts_with('$') && !row) {
    value.Fail(value.Quoted() + " is no source; there are $key, $header.NAME, $topic, $timestamp and $row");
  }
  auto path = Path::Parse(text);
  if (!path) value.Fail(value.Quoted() + " is no path; " + std::string(kPathHint));
  return {FieldSource::Kind::kPath, std::move(*path), {}};
}

// A path, a source, or {const: X}.
FieldSource AsSource(const YamlValue& value) {
  if (value.IsScalar()) return SourceFrom(value, AsText(value));
  static constexpr std::string_view kKeys[] = {"const"};
  const YamlMap map(value, kKeys);
  return {FieldSource::Kind::kConstant, {}, AsText(map.Need("const"))};
}

std::string Canonical(const YamlValue& value) {
  std::string scratch;
  const std::string text = value.Text();
  return std::string(baselines::CanonicalText(baselines::Trim(text), scratch));
}

std::vector<std::string> Canonicals(const YamlValue& value) {
  if (value.IsScalar()) return {Canonical(value)};
  std::vector<std::string> texts;
  for (const YamlValue& item : value.Items()) texts.push_back(Canonical(item));
  return texts;
}

FeatureSource AsFeatureSource(const YamlValue& value) {
  using Shape = FeatureSource::Shape;
  FeatureSource source;
  if (value.IsScalar()) {
    source.path = AsPathInMessage(value);
    return source;
  }
  static constexpr std::string_view kKeys[] = {"path", "order", "name", "value", "flatten", "pick"};
  const YamlMap map(value, kKeys);
  int shapes = 0;
  if (const auto order = map.Find("order")) {
    source.shape = Shape::kOrder;
    ++shapes;
    if (!order->IsScalar()) {
      source.order = AsTexts(*order);
    } else if (order->Text() != "baseline") {
      order->Fail(order->Quoted() + " is no order; write baseline, or the list of the features' names");
    }
  }
  if (map.Find("name") || map.Find("value")) {
    source.shape = Shape::kPairs;
    ++shapes;
    source.name = AsPathInMessage(map.Need("name"));
    source.value = AsPathInMessage(map.Need("value"));
  }
  if (map.Find("flatten")) {
    bool flatten = false;
    ReadBool(map, "flatten", flatten);
    if (flatten) {
      source.shape = Shape::kFlatten;
      ++shapes;
    }
  }
  if (const auto pick = map.Find("pick")) {
    source.shape = Shape::kPick;
    ++shapes;
    for (const auto& [name, from] : pick->Entries()) source.pick.emplace_back(name, AsSource(from));
    if (map.Find("path")) pick->Fail("each picked feature has a path of its own; delete `path`");
  } else {
    source.path = AsPathInMessage(map.Need("path"));
  }
  if (shapes > 1) value.Fail("order, name and value, flatten, and pick are different shapes; keep one of them");
  return source;
}

std::vector<FeatureSource> AsFeatures(const YamlValue& value) {
  if (!value.IsList()) return {AsFeatureSource(value)};
  std::vector<FeatureSource> sources;
  for (const YamlValue& item : value.Items()) sources.push_back(AsFeatureSource(item));
  if (sources.empty()) value.Fail("is an empty list; name where the features stand");
  return sources;
}

RowsSource AsRows(const YamlValue& value) {
  if (value.IsScalar()) return {AsPathInMessage(value), false};
  static constexpr std::string_view kKeys[] = {"columns"};
  const YamlMap map(value, kKeys);
  return {AsPathInMessage(map.Need("columns")), true};
}

// {path: value}, {path: [one, of, these]}, {path: null} for an absent one, {path: {not: …}}.
std::vector<Condition> AsConditions(const YamlValue& value) {
  std::vector<Condition> conditions;
  for (const auto& [path, wanted] : value.Entries()) {
    Condition condition;
    condition.source = SourceFrom(wanted, path);
    std::optional<YamlValue> values = wanted;
    if (!wanted.IsScalar() && !wanted.IsNull() && !wanted.IsList()) {
      static constexpr std::string_view kKeys[] = {"not"};
      values = YamlMap(wanted, kKeys).Need("not");
      condition.negated = true;
    }
    if (values->IsNull()) {
      condition.absent = true;
    } else {
      condition.any_of = Canonicals(*values);
    }
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

std::vector<Path> AsDecode(const YamlValue& value) {
  static constexpr std::string_view kKinds[] = {"json"};
  std::vector<Path> paths;
  for (const auto& [text, kind] : value.Entries()) {
    AsChoice(kind, kKinds);
    auto path = Path::Parse(text);
    if (!path || path->from_row) kind.Fail("`" + text + "` is no path; " + std::string(kPathHint));
    paths.push_back(std::move(*path));
  }
  return paths;
}

void ReadRules(const YamlMap& map, Mapping& mapping) {
  if (const auto missing = map.Find("missing_values")) {
    if (missing->IsScalar() || missing->IsList()) {
      mapping.rules[""].missing = Canonicals(*missing);
    } else {
      for (const auto& [feature, texts] : missing->Entries()) mapping.rules[feature].missing = Canonicals(texts);
    }
  }
  const auto values = map.Find("values");
  if (!values) return;
  const ValueRules of_all = mapping.rules.contains("") ? mapping.rules[""] : ValueRules{};
  for (const auto& [feature, codes] : values->Entries()) {
    ValueRules& rules = mapping.rules.try_emplace(feature, of_all).first->second;
    for (const auto& [code, meant] : codes.Entries()) {
      std::string scratch;
      rules.values[std::string(baselines::CanonicalText(baselines::Trim(code), scratch))] = Canonical(meant);
    }
  }
}

void ReadRename(const YamlMap& map, Mapping& mapping) {
  const auto rename = map.Find("rename");
  if (!rename) return;
  for (const auto& [from, to] : rename->Entries()) mapping.rename[from] = AsText(to);
}

// Names with dots between them and nothing else: what the flat decoders read.
bool IsPlain(const YamlMap& map, Names names) {
  std::map<std::string, std::string> paths;  // by name
  for (const std::string_view name : names) paths.emplace(name, name);
  for (const auto& [key, value] : map.value().Entries()) {
    if (!paths.contains(key) || !value.IsScalar()) return false;
    paths[key] = value.Text();
    if (paths[key].find_first_of("$[\\") != std::string::npos) return false;
  }
  // A field within another one (`segment: features.country`) needs the message as a whole.
  for (const auto& [name, path] : paths) {
    for (const auto& [other_name, other] : paths) {
      if (name != other_name && (path == other || other.starts_with(path + "."))) return false;
    }
  }
  return true;
}

}  // namespace

void ReadFields(const YamlValue& value, FieldsOf kind, Names names, std::map<std::string, std::string>& plain,
                std::shared_ptr<const Mapping>& mapping) {
  static constexpr std::string_view kMore[] = {"rows", "where", "decode", "time_format", "missing_values", "values"};
  std::vector<std::string_view> known(names.begin(), names.end());
  known.insert(known.end(), std::begin(kMore), std::end(kMore));
  known.push_back(kind == FieldsOf::kRecords ? "rename" : "row");
  const YamlMap map(value, known);
  if (IsPlain(map, names)) {
    for (const auto& [name, path] : value.Entries()) {
      AsSource(path);  // checks it
      plain[name] = path.Text();
    }
    return;
  }
  Mapping read;
  if (const auto rows = map.Find("rows")) read.rows = AsRows(*rows);
  const std::string where_from = read.rows && !read.rows->columns ? "$row." : "";
  for (const std::string_view name : names) {
    auto& field = read.fields.emplace_back();
    if (name == "features") continue;
    const auto source = map.Find(name);
    field = source ? AsSource(*source) : SourceFrom(value, where_from + std::string(name));
  }
  if (kind == FieldsOf::kRecords) {
    if (const auto features = map.Find("features")) {
      read.features = AsFeatures(*features);
    } else {
      read.features.emplace_back().path = *Path::Parse(read.rows ? "$row" : "features");
    }
    ReadRename(map, read);
  } else if (const auto row = map.Find("row")) {
    read.row_id = AsSource(*row);
  }
  if (const auto where = map.Find("where")) read.where = AsConditions(*where);
  if (const auto decode = map.Find("decode")) read.decode = AsDecode(*decode);
  if (const auto format = map.Find("time_format")) {
    read.time_format = TimeFormat::FromText(format->Text());
    if (!read.time_format) {
      format->Fail(format->Quoted() +
                   " is no time format; write s, ms, us or ns for numbers, or a pattern like \"%d/%m/%Y %H:%M:%S\"");
    }
    const auto timestamp = map.Find("timestamp");
    if (timestamp && timestamp->IsScalar() && timestamp->Text() == "$timestamp")
      format->Fail("$timestamp is the Kafka message's own time and needs no format; delete one of them");
  }
  ReadRules(map, read);
  mapping = std::make_shared<const Mapping>(std::move(read));
}

std::shared_ptr<const Mapping> ReadFormatFields(const YamlValue& value) {
  static constexpr std::string_view kKeys[] = {"rename", "order", "missing_values", "values"};
  const YamlMap map(value, kKeys);
  Mapping read;
  ReadRename(map, read);
  ReadRules(map, read);
  if (const auto order = map.Find("order")) {
    read.features.emplace_back().shape = FeatureSource::Shape::kOrder;
    read.features.back().order = AsTexts(*order);
  }
  return std::make_shared<const Mapping>(std::move(read));
}

}  // namespace monitor
