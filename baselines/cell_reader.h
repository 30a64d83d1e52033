// CellReader: CSV cells as numbers or as canonical texts, by the rule of value_text.h.
//
// Not thread-safe (holds scratch space); one per thread of work. Cost: a few ns beyond ParseDecimal for plain numbers.
#pragma once

#include <string>
#include <string_view>

#include "baselines/csv_reader.h"
#include "baselines/value_text.h"

namespace baselines {

class CellReader {
 public:
  enum class Found { kMissing, kNumber, kText };

  explicit CellReader(const MissingTexts& missing);

  // What the cell holds; sets `number` for kNumber, `text()` for kText.
  Found Read(const Field& field, double& number) {
    if (field.begin == field.end) return Found::kMissing;
    return plain_numbers_ && ReadPlain(field, number) ? Found::kNumber : ReadCarefully(field, number);
  }
  // Sets `text()`, trimmed, unless the cell is missing.
  bool ReadText(const Field& field);

  std::string_view text() const { return text_; }                            // trimmed; valid until the next call
  std::string_view canonical() { return CanonicalText(text_, canonical_); }  // of text(); valid until the next call

 private:
  static bool ReadPlain(const Field& field, double& number);
  Found ReadCarefully(const Field& field, double& number);

  MissingTexts missing_;
  bool plain_numbers_ = true;  // no missing text is a number
  std::string_view text_;
  std::string unquoted_, canonical_;
};

}  // namespace baselines
