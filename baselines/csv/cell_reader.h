// CellReader: CSV cells as numbers or as canonical texts, by the rule of value_text.h.
//
// Cells are pieces of the text that the reader was made for. Not thread-safe (holds scratch space); one per thread of
// work. Cost: 1 ns beyond ParseShortDecimal for plain numbers, with ReadNumbers and AVX2 8 to 10 ns in all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "baselines/csv/csv_reader.h"
#include "baselines/values/short_decimal.h"
#include "baselines/values/short_text.h"
#include "baselines/values/value_text.h"

namespace baselines {

class CellReader {
 public:
  enum class Found { kMissing, kNumber, kText };

  CellReader(const MissingTexts& missing, std::string_view text);

  // Of the fields `which` those that are plain numbers: numbers[i] is what field i holds, or NaN, and then Read tells.
  // All at once, because one does not wait for the other.
  void ReadNumbers(const std::vector<Field>& fields, std::span<const std::uint32_t> which, double* numbers) const;
  void ReadNumbersPortable(const std::vector<Field>& fields, std::span<const std::uint32_t> which,
                           double* numbers) const;

  // What the cell holds; sets `number` for kNumber, `text()` for kText.
  Found Read(const Field& field, double& number) {
    if (field.begin == field.end) return Found::kMissing;
    if (IsPlain(field, number)) return Found::kNumber;
    return ReadCarefully(field, number);
  }
  // The cell as it stands; none where it is empty, longer, quoted with quotes in it, or at an end of the text.
  ShortText Short(const Field& field) const {
    const auto length = static_cast<std::size_t>(field.end - field.begin);
    if (length - 1 >= short_decimal::kLongest || field.doubled_quotes || !Readable(field)) return {};
    return ShortText::Of(field.begin, field.end);
  }
  // Sets `text()`, trimmed, unless the cell is missing.
  bool ReadText(const Field& field);

  std::string_view text() const { return text_; }                            // trimmed; valid until the next call
  std::string_view canonical() { return CanonicalText(text_, canonical_); }  // of text(); valid until the next call

 private:
  bool IsPlain(const Field& field, double& number) const {
    return plain_numbers_ && Readable(field) && ParseShortDecimal(field.begin, field.end, number);
  }
#if defined(__x86_64__)
  void ReadNumbersAvx2(const std::vector<Field>& fields, std::span<const std::uint32_t> which, double* numbers) const;
#endif
  // Enough text around it for ParseShortDecimal, ReadDecimalAvx2 and ShortText.
  bool Readable(const Field& field) const { return static_cast<std::size_t>(field.begin - earliest_) < room_; }
  Found ReadCarefully(const Field& field, double& number);

  MissingTexts missing_;
  bool plain_numbers_;    // no missing text is a number
  const char* earliest_;  // the first place where a readable cell may begin
  std::size_t room_ = 0;  // how many such places there are
  std::string_view text_;
  std::string unquoted_, canonical_;
};

}  // namespace baselines
