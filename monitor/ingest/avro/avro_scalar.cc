#include "monitor/ingest/avro/avro_scalar.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "alerts/messages/time_text.h"

namespace monitor {
namespace {

using Kind = AvroSchema::Kind;
using Logical = AvroSchema::Logical;

constexpr std::size_t kMostDecimalBytes = 32;  // 77 digits; longer ones are no number that anybody computes with
constexpr std::int64_t kDayNs = 86'400'000'000'000;

// The digits of a whole number in two's complement, big-endian, as a decimal number.
void WriteDecimal(std::string_view octets, std::uint32_t scale, std::string& out) {
  std::array<std::uint32_t, kMostDecimalBytes / 4> words{};  // the highest one first
  const bool negative = !octets.empty() && static_cast<signed char>(octets.front()) < 0;
  if (negative) words.fill(UINT32_MAX);
  for (const char octet : octets) {
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] = words[i] << 8 | (i + 1 < words.size() ? words[i + 1] >> 24 : static_cast<unsigned char>(octet));
  }
  if (negative) {
    for (std::size_t i = words.size(), carry = 1; i-- > 0;) {
      words[i] = ~words[i] + static_cast<std::uint32_t>(carry);
      carry = carry != 0 && words[i] == 0 ? 1 : 0;
    }
  }
  out.clear();  // the last digit first
  while (std::ranges::any_of(words, [](std::uint32_t word) { return word != 0; })) {
    std::uint64_t rest = 0;
    for (std::uint32_t& word : words) {
      rest = rest << 32 | word;
      word = static_cast<std::uint32_t>(rest / 10);
      rest %= 10;
    }
    out += static_cast<char>('0' + rest);
  }
  while (out.size() <= scale) out += '0';
  if (scale > 0) out.insert(scale, 1, '.');
  if (negative) out += '-';
  std::ranges::reverse(out);
}

void WriteUuid(std::string_view octets, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.clear();
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kHex[static_cast<unsigned char>(octets[i]) >> 4];
    out += kHex[static_cast<unsigned char>(octets[i]) & 15];
  }
}

// Nanoseconds in one unit of a logical type of time; 0: it is none.
std::int64_t UnitOf(Logical logical) {
  switch (logical) {
    case Logical::kDate:
      return kDayNs;
    case Logical::kTimeMillis:
    case Logical::kTimestampMillis:
    case Logical::kLocalTimestampMillis:
      return 1'000'000;
    case Logical::kTimeMicros:
    case Logical::kTimestampMicros:
    case Logical::kLocalTimestampMicros:
      return 1'000;
    case Logical::kTimestampNanos:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

bool AvroScalar::TakeLogical(const AvroSchema::Type& type, std::string& scratch) {
  const std::int64_t unit = UnitOf(type.logical);
  std::int64_t ns = 0;
  if (unit == 0 || __builtin_mul_overflow(integer, unit, &ns)) return true;
  scratch = alerts::FormatTime(ns);  // 2013-03-02T06:00:00.5Z
  constexpr std::size_t kDate = 10;
  switch (type.logical) {
    case Logical::kDate:
      scratch.resize(kDate);
      break;
    case Logical::kTimeMillis:
    case Logical::kTimeMicros:
      if (ns < 0 || ns >= kDayNs) return true;
      scratch.erase(0, kDate + 1);
      scratch.pop_back();
      break;
    case Logical::kLocalTimestampMillis:
    case Logical::kLocalTimestampMicros:
      scratch.pop_back();
      break;
    default:
      break;
  }
  is = Is::kText;
  text = scratch;
  return true;
}

void AvroScalar::TakeOctets(std::string_view octets, const AvroSchema::Type& type, std::string& scratch) {
  is = Is::kText;
  if (type.logical == Logical::kDecimal && octets.size() <= kMostDecimalBytes) {
    is = Is::kDigits;
    WriteDecimal(octets, type.scale, scratch);
    text = scratch;
  } else if (type.logical == Logical::kUuid) {
    WriteUuid(octets, scratch);
    text = scratch;
  } else if (simdjson::validate_utf8(octets.data(), octets.size())) {
    text = octets;
  } else {
    scratch.clear();
    for (const char octet : octets) {
      const auto code = static_cast<unsigned char>(octet);
      if (code >= 0x80) scratch += static_cast<char>(0xC0 | code >> 6);
      scratch += static_cast<char>(code < 0x80 ? code : 0x80 | (code & 0x3F));
    }
    text = scratch;
  }
}

bool AvroScalar::Take(const AvroSchema& schema, AvroSchema::Index index, AvroBytes& bytes, std::string& scratch) {
  const AvroSchema::Type* type = &schema[index];
  std::size_t choice = 0;
  if (type->kind == Kind::kUnion) {
    if (!bytes.TakeChoice(type->parts.size(), choice)) return false;
    type = &schema[type->parts[choice]];
  }
  switch (type->kind) {
    case Kind::kNull:
      is = Is::kNull;
      return true;
    case Kind::kBoolean: {
      bool value = false;
      const bool there = bytes.TakeBoolean(value);
      is = value ? Is::kTrue : Is::kFalse;
      return there;
    }
    case Kind::kInt:
    case Kind::kLong:
      is = Is::kInteger;
      if (!bytes.TakeLong(integer)) return false;
      if (type->kind == Kind::kInt && (integer < INT32_MIN || integer > INT32_MAX)) return false;
      return type->logical == Logical::kNone || TakeLogical(*type, scratch);
    case Kind::kFloat: {
      float value = 0;
      const bool there = bytes.TakeFloat(value);
      is = Is::kReal;
      real = static_cast<double>(value);
      return there;
    }
    case Kind::kDouble:
      is = Is::kReal;
      return bytes.TakeFloat(real);
    case Kind::kString:
      is = Is::kText;
      return bytes.TakeSized(text);
    case Kind::kEnum:
      is = Is::kText;
      if (!bytes.TakeChoice(type->names.size(), choice)) return false;
      text = type->names[choice];
      return true;
    case Kind::kBytes:
    case Kind::kFixed: {
      std::string_view octets;
      if (type->kind == Kind::kBytes ? !bytes.TakeSized(octets) : !bytes.TakeFixed(type->size, octets)) return false;
      TakeOctets(octets, *type, scratch);
      return true;
    }
    default:
      return false;  // no scalar
  }
}

JsonReader::Value AvroScalar::AsJson(std::string& digits) const {
  using Type = JsonReader::Type;
  std::array<char, 32> room;  // the longest double has 24 characters
  std::to_chars_result written{};
  switch (is) {
    case Is::kNull:
      return {Type::kNull, "null", false};
    case Is::kFalse:
      return {Type::kFalse, "false", false};
    case Is::kTrue:
      return {Type::kTrue, "true", false};
    case Is::kText:
      return {Type::kText, text, false};
    case Is::kDigits:
      return {Type::kNumber, text, false};
    case Is::kInteger:
      written = std::to_chars(room.data(), room.data() + room.size(), integer);
      break;
    case Is::kReal:
      if (!std::isfinite(real)) return {Type::kNotFinite, std::isnan(real) ? "NaN" : "Infinity", false};
      written = std::to_chars(room.data(), room.data() + room.size(), real);
      break;
  }
  digits.assign(room.data(), written.ptr);
  return {Type::kNumber, digits, false};
}

}  // namespace monitor
