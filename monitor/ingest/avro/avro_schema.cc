#include "monitor/ingest/avro/avro_schema.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

namespace monitor {

using nlohmann::json;
using Kind = AvroSchema::Kind;
using Logical = AvroSchema::Logical;

namespace {

constexpr std::uint32_t kMostScale = 100;
constexpr std::uint32_t kUuidBytes = 16;

constexpr std::array<std::pair<std::string_view, Kind>, 8> kPrimitives{{{"null", Kind::kNull},
                                                                        {"boolean", Kind::kBoolean},
                                                                        {"int", Kind::kInt},
                                                                        {"long", Kind::kLong},
                                                                        {"float", Kind::kFloat},
                                                                        {"double", Kind::kDouble},
                                                                        {"bytes", Kind::kBytes},
                                                                        {"string", Kind::kString}}};

struct LogicalName {
  std::string_view name;
  Logical logical;
  Kind kind;  // that it stands on
};
constexpr std::array<LogicalName, 12> kLogicals{
    {{"decimal", Logical::kDecimal, Kind::kBytes},
     {"decimal", Logical::kDecimal, Kind::kFixed},
     {"date", Logical::kDate, Kind::kInt},
     {"time-millis", Logical::kTimeMillis, Kind::kInt},
     {"time-micros", Logical::kTimeMicros, Kind::kLong},
     {"timestamp-millis", Logical::kTimestampMillis, Kind::kLong},
     {"timestamp-micros", Logical::kTimestampMicros, Kind::kLong},
     {"timestamp-nanos", Logical::kTimestampNanos, Kind::kLong},
     {"local-timestamp-millis", Logical::kLocalTimestampMillis, Kind::kLong},
     {"local-timestamp-micros", Logical::kLocalTimestampMicros, Kind::kLong},
     {"uuid", Logical::kUuid, Kind::kString},
     {"uuid", Logical::kUuid, Kind::kFixed}}};

const Kind* Primitive(std::string_view name) {
  const auto found = std::ranges::find(kPrimitives, name, &std::pair<std::string_view, Kind>::first);
  return found == kPrimitives.end() ? nullptr : &found->second;
}

std::string TextIn(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t CountIn(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

}  // namespace

class AvroSchemaParser {
 public:
  AvroSchema::Index ReadText(std::string_view text) {
    const json document = json::parse(text, nullptr, false);
    if (document.is_discarded()) throw AvroSchemaError("the schema is no JSON");
    return Read(document, "", 0);
  }

  AvroSchema Finish(AvroSchema::Index root) {
    for (AvroSchema::Type& type : schema_.types_) type.scalar = IsScalar(type);
    schema_.root_ = root;
    return std::move(schema_);
  }

 private:
  using Index = AvroSchema::Index;

  Index Add(Kind kind) {
    if (schema_.types_.size() == AvroSchema::kMostTypes)
      throw AvroSchemaError("the schema has more than " + std::to_string(AvroSchema::kMostTypes) + " types");
    schema_.types_.emplace_back().kind = kind;
    return static_cast<Index>(schema_.types_.size() - 1);
  }

  Index Read(const json& schema, const std::string& space, int level) {
    if (level > AvroSchema::kMostLevels)
      throw AvroSchemaError("types stand in types more than " + std::to_string(AvroSchema::kMostLevels) + " deep");
    if (schema.is_string()) return ReadName(schema.get<std::string>(), space);
    if (schema.is_array()) return ReadUnion(schema, space, level);
    if (!schema.is_object() || !schema.contains("type")) throw AvroSchemaError("`" + Cut(schema) + "` is no type");
    const json& type = schema["type"];
    if (!type.is_string()) return Read(type, space, level + 1);
    const std::string name = type.get<std::string>();
    if (name == "record" || name == "error") return ReadRecord(schema, space, level);
    if (name == "enum") return ReadEnum(schema, space);
    if (name == "fixed") return ReadFixed(schema, space);
    if (name == "array" || name == "map") {
      const char* const key = name == "array" ? "items" : "values";
      if (!schema.contains(key)) throw AvroSchemaError("an " + name + " has no `" + key + "`");
      const Index parts = Read(schema[key], space, level + 1);
      const Index index = Add(name == "array" ? Kind::kArray : Kind::kMap);
      schema_.types_[index].parts = {parts};
      return index;
    }
    const Index index = ReadName(name, space);
    if (Primitive(name) != nullptr) TakeLogical(schema, index);
    return index;
  }

  static std::string Cut(const json& schema) {
    return schema.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 80);
  }

  Index ReadName(const std::string& name, const std::string& space) {
    if (const Kind* const kind = Primitive(name)) return Add(*kind);
    auto found = name.find('.') == name.npos && !space.empty() ? named_.find(space + "." + name) : named_.end();
    if (found == named_.end()) found = named_.find(name);
    if (found == named_.end()) throw AvroSchemaError("type `" + name + "` is not defined before it is used");
    return found->second;
  }

  // Enters a named type, so that it can be referred to from within itself; the namespace of what stands in it.
  std::string Name(const json& schema, const std::string& space, Index index) {
    std::string name = TextIn(schema, "name");
    if (name.empty()) throw AvroSchemaError("a " + TextIn(schema, "type") + " has no name");
    std::string own = schema.contains("namespace") ? TextIn(schema, "namespace") : space;
    if (const auto dot = name.rfind('.'); dot != name.npos) {
      own = name.substr(0, dot);
    } else if (!own.empty()) {
      name = own + "." + name;
    }
    if (!named_.emplace(name, index).second) throw AvroSchemaError("type `" + name + "` is defined twice");
    return own;
  }

  Index ReadUnion(const json& schema, const std::string& space, int level) {
    const Index index = Add(Kind::kUnion);
    std::vector<Index> branches;
    for (const json& branch : schema) branches.push_back(Read(branch, space, level + 1));
    if (branches.empty()) throw AvroSchemaError("a union has no branches");
    schema_.types_[index].parts = std::move(branches);
    return index;
  }

  Index ReadRecord(const json& schema, const std::string& space, int level) {
    const Index index = Add(Kind::kRecord);
    const std::string own = Name(schema, space, index);
    const auto fields = schema.find("fields");
    if (fields == schema.end() || !fields->is_array())
      throw AvroSchemaError("record `" + TextIn(schema, "name") + "` has no fields");
    std::vector<Index> parts;
    std::vector<std::string> names;
    for (const json& field : *fields) {
      names.push_back(field.is_object() ? TextIn(field, "name") : std::string());
      if (names.back().empty() || !field.contains("type"))
        throw AvroSchemaError("a field of record `" + TextIn(schema, "name") + "` has no name or no type");
      // A logical type beside the name of a primitive one is a slip that writers ignore, and so is this.
      parts.push_back(Read(field["type"], own, level + 1));
    }
    schema_.types_[index].parts = std::move(parts);
    schema_.types_[index].names = std::move(names);
    return index;
  }

  Index ReadEnum(const json& schema, const std::string& space) {
    const Index index = Add(Kind::kEnum);
    Name(schema, space, index);
    const auto symbols = schema.find("symbols");
    if (symbols != schema.end() && symbols->is_array()) {
      for (const json& symbol : *symbols) {
        if (symbol.is_string()) schema_.types_[index].names.push_back(symbol.get<std::string>());
      }
    }
    if (schema_.types_[index].names.empty())
      throw AvroSchemaError("enum `" + TextIn(schema, "name") + "` has no symbols");
    return index;
  }

  Index ReadFixed(const json& schema, const std::string& space) {
    const Index index = Add(Kind::kFixed);
    Name(schema, space, index);
    const std::uint64_t size = CountIn(schema, "size");
    if (size > UINT32_MAX) throw AvroSchemaError("fixed `" + TextIn(schema, "name") + "` is too large");
    schema_.types_[index].size = static_cast<std::uint32_t>(size);
    TakeLogical(schema, index);
    return index;
  }

  void TakeLogical(const json& schema, Index index) {
    AvroSchema::Type& type = schema_.types_[index];
    const std::string name = TextIn(schema, "logicalType");
    for (const LogicalName& known : kLogicals) {
      if (known.name == name && known.kind == type.kind) type.logical = known.logical;
    }
    const std::uint64_t scale = CountIn(schema, "scale");
    if (type.logical == Logical::kDecimal)
      type.scale = static_cast<std::uint32_t>(std::min<std::uint64_t>(scale, kMostScale));
    const bool no_uuid = type.logical == Logical::kUuid && type.kind == Kind::kFixed && type.size != kUuidBytes;
    if (no_uuid || (type.logical == Logical::kDecimal && scale > kMostScale)) type.logical = Logical::kNone;
  }

  bool IsScalar(const AvroSchema::Type& type) const {
    if (type.kind < Kind::kUnion) return true;
    return type.kind == Kind::kUnion &&
           std::ranges::all_of(type.parts, [this](Index branch) { return schema_.types_[branch].kind < Kind::kUnion; });
  }

  AvroSchema schema_;
  std::map<std::string, Index> named_;
};

AvroSchema AvroSchema::Parse(std::string_view text, std::span<const std::string> others) {
  AvroSchemaParser parser;
  for (const std::string& other : others) parser.ReadText(other);
  return parser.Finish(parser.ReadText(text));
}

}  // namespace monitor
