// AvroSchema: a schema of Avro (specification 1.11) as a table of types, for decoders to walk.
//
// Read from its JSON, with the named types of other schemas that it refers to. Why not libavro's own parser: its
// schemas lose the logical types and cannot refer to others (version 1.11.1). Logical types that are unknown, or stand
// on a type that they do not belong to, count as absent, as the specification asks. Aliases, defaults and docs are not
// looked at: data are read by the schema that they were written with. Immutable and thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace monitor {

// A schema that cannot be understood: says which type of it and why.
class AvroSchemaError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class AvroSchema {
 public:
  using Index = std::uint32_t;
  static constexpr std::size_t kMostTypes = 100'000;
  static constexpr int kMostLevels = 64;  // of types within types

  enum class Kind : std::uint8_t {
    kNull,
    kBoolean,
    kInt,
    kLong,
    kFloat,
    kDouble,
    kBytes,
    kString,
    kEnum,
    kFixed,
    kUnion,
    kRecord,
    kArray,
    kMap
  };
  enum class Logical : std::uint8_t {
    kNone,
    kDecimal,
    kDate,
    kTimeMillis,
    kTimeMicros,
    kTimestampMillis,
    kTimestampMicros,
    kTimestampNanos,
    kLocalTimestampMillis,
    kLocalTimestampMicros,
    kUuid
  };

  struct Type {
    Kind kind = Kind::kNull;
    Logical logical = Logical::kNone;
    bool scalar = true;        // or a union of nothing but scalars
    std::uint32_t size = 0;    // kFixed: bytes
    std::uint32_t scale = 0;   // kDecimal: digits behind the point
    std::vector<Index> parts;  // a record's fields, a union's branches; the items of an array, the values of a map
    std::vector<std::string> names;  // of the fields, or an enum's symbols
  };

  // `others`: the schemas that `text` refers to, each after those that it refers to itself. Throws AvroSchemaError.
  static AvroSchema Parse(std::string_view text, std::span<const std::string> others = {});

  const Type& operator[](Index type) const { return types_[type]; }
  Index root() const { return root_; }

 private:
  friend class AvroSchemaParser;
  std::vector<Type> types_;
  Index root_ = 0;
};

}  // namespace monitor
