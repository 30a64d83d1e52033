#include "baselines/cell_reader.h"

#include <algorithm>

#include "baselines/decimal.h"

namespace baselines {
namespace {

constexpr std::size_t kBefore = 8, kBehind = 9;  // bytes around the beginning of a cell

}  // namespace

CellReader::CellReader(const MissingTexts& missing, std::string_view text)
    : missing_(missing),
      plain_numbers_(
          std::ranges::none_of(missing.texts(), [](const std::string& t) { return ParseNumber(t).has_value(); })),
      earliest_(text.data()) {
  if (text.size() < kBefore + kBehind) return;
  earliest_ += kBefore;
  room_ = text.size() - kBefore - kBehind + 1;
}

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
