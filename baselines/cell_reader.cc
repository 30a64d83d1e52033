#include "baselines/cell_reader.h"

#include "baselines/decimal.h"

namespace baselines {

CellReader::CellReader(const MissingTexts& missing) : missing_(missing) {
  for (const std::string& text : missing.texts()) plain_numbers_ = plain_numbers_ && !ParseNumber(text);
}

bool CellReader::ReadPlain(const Field& field, double& number) { return ParseDecimal(field.begin, field.end, number); }

bool CellReader::ReadText(const Field& field) {
  if (field.doubled_quotes) {
    unquoted_ = FieldText(field);
    text_ = Trim(unquoted_);
  } else {
    text_ = Trim({field.begin, static_cast<std::size_t>(field.end - field.begin)});
  }
  return !missing_.Contains(text_);
}

CellReader::Found CellReader::ReadCarefully(const Field& field, double& number) {
  if (!ReadText(field)) return Found::kMissing;
  return ParseDecimal(text_.data(), text_.data() + text_.size(), number) ? Found::kNumber : Found::kText;
}

}  // namespace baselines
