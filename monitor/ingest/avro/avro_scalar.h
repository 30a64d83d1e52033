// AvroScalar: one scalar of an Avro message, and the JSON value that it is read as.
//
// What values mean: numbers are numbers; a decimal is its exact digits; text, enums and uuids are text; dates and times
// are text as in RFC 3339 ("2013-03-02", "06:00:00.5", "2013-03-02T06:00:00Z", without Z where the type is local), and
// times that nanoseconds since 1970 do not reach are their number. Bytes and fixed are text where they are UTF-8, else
// one character a byte, as in Avro's JSON encoding. A union is the value of its branch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "monitor/ingest/avro/avro_bytes.h"
#include "monitor/ingest/avro/avro_schema.h"
#include "monitor/ingest/json/json_reader.h"

namespace monitor {

struct AvroScalar {
  enum class Is : std::uint8_t { kNull, kFalse, kTrue, kInteger, kReal, kDigits, kText } is = Is::kNull;
  std::int64_t integer = 0;
  double real = 0;
  std::string_view text;  // kDigits, kText: in the message, the schema or `scratch`

  // Reads a value of a scalar type. False: the bytes are none. Texts are not checked to be UTF-8.
  bool Take(const AvroSchema& schema, AvroSchema::Index type, AvroBytes& bytes, std::string& scratch);

  bool number() const { return is == Is::kInteger || is == Is::kReal; }
  double AsDouble() const { return is == Is::kInteger ? static_cast<double>(integer) : real; }
  // As a JSON value without escapes; its view is of `text`, of a literal, or of `digits`, where numbers are written.
  JsonReader::Value AsJson(std::string& digits) const;

 private:
  bool TakeLogical(const AvroSchema::Type& type, std::string& scratch);
  void TakeOctets(std::string_view octets, const AvroSchema::Type& type, std::string& scratch);
};

}  // namespace monitor
