#include "monitor/ingest/json/json_reader.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace monitor {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hexadecimal digits, or -1.
int Hex4(const char* at) {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = HexDigit(at[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendUtf8(std::uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

}  // namespace

void JsonReader::SkipBlanks() {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
}

JsonReader::Value JsonReader::Fault() {
  ok_ = false;
  at_ = end_;
  return {Type::kFault, {}, false};
}

JsonReader::Value JsonReader::Read() {
  SkipBlanks();
  if (at_ == end_) return Fault();
  switch (*at_) {
    case '"':
      ++at_;
      return ReadText();
    case '{':
      ++at_;
      return {Type::kObject, {}, false};
    case '[':
      ++at_;
      return {Type::kArray, {}, false};
    case 't':
      return ReadWord("true", Type::kTrue);
    case 'f':
      return ReadWord("false", Type::kFalse);
    case 'n':
      return ReadWord("null", Type::kNull);
    case 'N':
      return ReadWord("NaN", Type::kNotFinite);
    case 'I':
      return ReadWord("Infinity", Type::kNotFinite);
    default:
      return ReadNumber();
  }
}

JsonReader::Value JsonReader::ReadWord(std::string_view word, Type type) {
  if (static_cast<std::size_t>(end_ - at_) < word.size() || std::memcmp(at_, word.data(), word.size()) != 0)
    return Fault();
  const Value value{type, {at_, word.size()}, false};
  at_ += word.size();
  return value;
}

JsonReader::Value JsonReader::ReadNumber() {
  const char* const start = at_;
  const char* p = at_;
  if (p < end_ && *p == '-') ++p;
  if (p < end_ && *p == 'I') {
    at_ = p;
    return ReadWord("Infinity", Type::kNotFinite);
  }
  if (p == end_ || !IsDigit(*p)) return Fault();
  if (*p == '0') {
    ++p;
  } else {
    while (p < end_ && IsDigit(*p)) ++p;
  }
  if (p < end_ && *p == '.') {
    if (++p == end_ || !IsDigit(*p)) return Fault();
    while (p < end_ && IsDigit(*p)) ++p;
  }
  if (p < end_ && (*p == 'e' || *p == 'E')) {
    if (++p < end_ && (*p == '+' || *p == '-')) ++p;
    if (p == end_ || !IsDigit(*p)) return Fault();
    while (p < end_ && IsDigit(*p)) ++p;
  }
  at_ = p;
  return {Type::kNumber, {start, static_cast<std::size_t>(p - start)}, false};
}

bool JsonReader::ReadEscape() {
  if (end_ - at_ < 2) return false;
  switch (at_[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      at_ += 2;
      return true;
    case 'u':
      break;
    default:
      return false;
  }
  if (end_ - at_ < 6) return false;
  const int code = Hex4(at_ + 2);
  if (code < 0) return false;
  at_ += 6;
  if (code < 0xD800 || code > 0xDFFF) return true;
  const bool low_follows = code < 0xDC00 && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u' &&
                           Hex4(at_ + 2) >= 0xDC00 && Hex4(at_ + 2) <= 0xDFFF;
  if (low_follows) {
    at_ += 6;
  } else {
    lone_surrogate_ = true;
  }
  return true;
}

JsonReader::Value JsonReader::ReadText() {
  const char* const start = at_;
  bool escaped = false;
  while (true) {
    while (end_ - at_ >= 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at_, 8);
      if (NeedsCare(word) != 0) break;
      at_ += 8;
    }
    while (at_ < end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) ++at_;
    if (at_ == end_ || static_cast<unsigned char>(*at_) < 0x20) return Fault();
    if (*at_ == '"') break;
    escaped = true;
    if (!ReadEscape()) return Fault();
  }
  const Value value{Type::kText, {start, static_cast<std::size_t>(at_ - start)}, escaped};
  ++at_;
  return value;
}

bool JsonReader::NextMember(Value& name, bool& first) {
  SkipBlanks();
  if (at_ == end_) return Fault(), false;
  if (*at_ == '}') {
    ++at_;
    return false;
  }
  if (!first) {
    if (*at_ != ',') return Fault(), false;
    ++at_;
    SkipBlanks();
  }
  first = false;
  if (at_ == end_ || *at_ != '"') return Fault(), false;
  ++at_;
  name = ReadText();
  if (!ok_) return false;
  SkipBlanks();
  if (at_ == end_ || *at_ != ':') return Fault(), false;
  ++at_;
  return true;
}

bool JsonReader::NextElement(bool& first) {
  SkipBlanks();
  if (at_ == end_) return Fault(), false;
  if (*at_ == ']') {
    ++at_;
    return false;
  }
  if (!first) {
    if (*at_ != ',') return Fault(), false;
    ++at_;
  }
  first = false;
  return true;
}

void JsonReader::SkipRest(Type container) {
  // Open containers, innermost last: one bit each would do, but only hostile input nests deeply.
  std::vector<bool> more;
  bool in_object = container == Type::kObject;
  bool first = true;
  Value value;
  while (ok_) {
    const bool item = in_object ? NextMember(value, first) : NextElement(first);
    if (!ok_) return;
    if (!item) {
      if (more.empty()) return;
      in_object = more.back();
      more.pop_back();
      first = false;
      continue;
    }
    value = Read();
    if (!value.scalar()) {
      more.push_back(in_object);
      in_object = value.type == Type::kObject;
      first = true;
    }
  }
}

bool JsonReader::AtEnd() {
  SkipBlanks();
  return at_ == end_;
}

std::string_view JsonReader::Unescape(std::string_view raw, std::string& scratch) {
  scratch.clear();
  for (std::size_t i = 0; i < raw.size();) {
    if (raw[i] != '\\') {
      const std::size_t plain = std::min(raw.find('\\', i), raw.size());
      scratch.append(raw, i, plain - i);
      i = plain;
      continue;
    }
    const char kind = raw[i + 1];
    i += 2;
    switch (kind) {
      case 'b':
        scratch += '\b';
        break;
      case 'f':
        scratch += '\f';
        break;
      case 'n':
        scratch += '\n';
        break;
      case 'r':
        scratch += '\r';
        break;
      case 't':
        scratch += '\t';
        break;
      case 'u': {
        std::uint32_t code = static_cast<std::uint32_t>(Hex4(raw.data() + i));
        i += 4;
        if (code >= 0xD800 && code < 0xDC00 && i + 6 <= raw.size()) {
          code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<std::uint32_t>(Hex4(raw.data() + i + 2)) - 0xDC00);
          i += 6;
        }
        AppendUtf8(code, scratch);
        break;
      }
      default:
        scratch += kind;  // quote, backslash, slash
    }
  }
  return scratch;
}

}  // namespace monitor
