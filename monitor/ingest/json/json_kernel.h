// What matching a learned layout does with the bytes of a message, eight at a time: the plain twin of json_avx2.h, with
// the same results where both have one. Reads at most 32 bytes beyond what it is asked for: of padded messages only.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "monitor/ingest/json/json_number.h"
#include "monitor/ingest/json/json_reader.h"
#include "monitor/ingest/json/padded_message.h"

namespace monitor {

class PortableKernel {
 public:
  explicit PortableKernel(const PaddedMessage&) {}

  // Whether the `length` bytes at both places are the same; `literal` is filled up with zeros to whole blocks of 32.
  bool Same(const char* literal, const char* at, std::size_t length) const {
    std::uint64_t differ = 0;
    for (; length > 8; length -= 8, at += 8, literal += 8) differ |= Word(at) ^ Word(literal);
    if (length == 0) return true;
    return (differ | ((Word(at) ^ Word(literal)) << (64 - 8 * length))) == 0;
  }

  // The first byte from `at` on that is a quote, a backslash or below 0x20.
  const char* TextEnd(const char* at) const {
    for (;; at += 8) {
      if (const std::uint64_t special = JsonReader::NeedsCare(Word(at)); special != 0)
        return at + std::countr_zero(special) / 8;
    }
  }

  // Reads a JSON number of the most usual kind, as ParseDecimal does, and returns where it ends; nullptr: anything
  // else, valid or not.
  const char* Number(const char* at, double& number) const { return TakeShortNumber(at, number); }

 private:
  static std::uint64_t Word(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    return word;
  }
};

}  // namespace monitor
