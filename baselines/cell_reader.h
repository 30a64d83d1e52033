// CellReader: CSV cells as numbers or as canonical texts, by the rule of value_text.h.
//
// Cells are pieces of the text that the reader was made for. Not thread-safe (holds scratch space); one per thread of
// work. Cost: 1 ns beyond ParseShortDecimal for plain numbers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "baselines/csv_reader.h"
#include "baselines/short_decimal.h"
#include "baselines/value_text.h"

namespace baselines {

class CellReader {
 public:
  enum class Found { kMissing, kNumber, kText };

  CellReader(const MissingTexts& missing, std::string_view text);

  // What the cell holds; sets `number` for kNumber, `text()` for kText.
  Found Read(const Field& field, double& number) {
    if (field.begin == field.end) return Found::kMissing;
    const bool readable = static_cast<std::size_t>(field.begin - earliest_) < room_;
    if (readable && ParseShortDecimal(field.begin, field.end, number)) return Found::kNumber;
    return ReadCarefully(field, number);
  }
  // Sets `text()`, trimmed, unless the cell is missing.
  bool ReadText(const Field& field);

  std::string_view text() const { return text_; }                            // trimmed; valid until the next call
  std::string_view canonical() { return CanonicalText(text_, canonical_); }  // of text(); valid until the next call

 private:
  Found ReadCarefully(const Field& field, double& number);

  MissingTexts missing_;
  // Where cells may begin that ParseShortDecimal can read: those with enough text around them, or, where a missing text
  // is a number, none.
  const char* earliest_;
  std::size_t room_ = 0;
  std::string_view text_;
  std::string unquoted_, canonical_;
};

}  // namespace baselines
