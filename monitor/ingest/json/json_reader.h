// JsonReader: a strict pull parser of one JSON document (RFC 8259) that validates everything it passes over.
//
// Why our own: the accounting promises that every fault anywhere in a message has one reason, also in fields that
// nobody reads; that depth is no fault; that NaN, Infinity and -Infinity (Python's json.dumps) are values; and that
// digits of numbers are kept as written. On-demand parsers do not look at what they skip, tree parsers limit depth. No
// recursion and no allocation but for texts with escapes and nesting beyond 64. The caller checks UTF-8 beforehand; a
// lone surrogate in an escape sets lone_surrogate() and reading goes on. After the first fault ok() is false and every
// further call returns kFault. Not thread-safe. Cost: about 1 ns per byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace monitor {

class JsonReader {
 public:
  enum class Type : std::uint8_t { kNull, kTrue, kFalse, kNumber, kText, kObject, kArray, kNotFinite, kFault };

  struct Value {
    Type type = Type::kNull;
    std::string_view raw;  // digits of a number; the bytes between the quotes of a text
    bool escaped = false;  // the text has escapes: Unescape gives its value
    bool scalar() const { return type != Type::kObject && type != Type::kArray; }
  };

  explicit JsonReader(std::string_view document) : at_(document.data()), end_(document.data() + document.size()) {}

  // Reads a scalar wholly; of an object or array only the opening bracket: go on with NextMember / NextElement, or
  // SkipRest.
  Value Read();
  // Inside an object: reads the next name up to the colon; false at the end of the object (or on a fault: see ok()).
  bool NextMember(Value& name, bool& first);
  bool NextElement(bool& first);
  // Reads the rest of a container whose bracket was just read.
  void SkipRest(Type container);
  // Nothing but blanks may follow the document.
  bool AtEnd();

  bool ok() const { return ok_; }
  bool lone_surrogate() const { return lone_surrogate_; }
  static std::string_view Text(const Value& value, std::string& scratch) {  // of a kText value
    return value.escaped ? Unescape(value.raw, scratch) : value.raw;
  }
  const char* position() const { return at_; }
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }

  // Of 8 bytes of a text: the high bit of the first one that is a quote, a backslash or below 0x20 is the lowest bit
  // set (the SWAR test of "Bit Twiddling Hacks", haszero); 0: there is none.
  static std::uint64_t NeedsCare(std::uint64_t word) {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
    const auto has_zero = [](std::uint64_t v) { return (v - kOnes) & ~v & kHigh; };
    return has_zero(word ^ (kOnes * '"')) | has_zero(word ^ (kOnes * '\\')) | ((word - kOnes * 0x20) & ~word & kHigh);
  }

  static std::string_view Unescape(std::string_view raw, std::string& scratch);

 private:
  void SkipBlanks();
  Value Fault();
  Value ReadText();
  Value ReadNumber();
  Value ReadWord(std::string_view word, Type type);
  bool ReadEscape();

  const char* at_;
  const char* end_;
  bool ok_ = true;
  bool lone_surrogate_ = false;
};

}  // namespace monitor
