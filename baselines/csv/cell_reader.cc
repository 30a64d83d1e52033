#include "baselines/csv/cell_reader.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "baselines/values/decimal.h"
#include "baselines/values/decimal_avx2.h"
#include "detectors/processor.h"

namespace baselines {
namespace {

constexpr std::size_t kBefore = 32, kBehind = 9;  // bytes around the beginning of a cell
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

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

void CellReader::ReadNumbers(const std::vector<Field>& fields, std::span<const std::uint32_t> which,
                             double* numbers) const {
#if defined(__x86_64__)
  if (detectors::HasAvx2()) return ReadNumbersAvx2(fields, which, numbers);
#endif
  ReadNumbersPortable(fields, which, numbers);
}

void CellReader::ReadNumbersPortable(const std::vector<Field>& fields, std::span<const std::uint32_t> which,
                                     double* numbers) const {
  for (const std::uint32_t i : which) {
    if (!IsPlain(fields[i], numbers[i])) numbers[i] = kNone;
  }
}

#if defined(__x86_64__)
MONITORD_AVX2 void CellReader::ReadNumbersAvx2(const std::vector<Field>& fields, std::span<const std::uint32_t> which,
                                               double* numbers) const {
  for (const std::uint32_t i : which) {
    const Field& field = fields[i];
    numbers[i] = kNone;
    if (!plain_numbers_ || !Readable(field)) continue;
    const unsigned negative = *field.begin == '-';
    const auto length = static_cast<std::size_t>(field.end - field.begin) - negative;
    double magnitude = 0;
    if (length - 1 >= 32 || (length == 1 && field.end[-1] == '.') || !ReadDecimalAvx2(field.end, length, magnitude))
      continue;
    // Signs come at random, so no branch.
    numbers[i] = std::bit_cast<double>(std::bit_cast<std::uint64_t>(magnitude) | std::uint64_t{negative} << 63);
  }
}
#endif

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
