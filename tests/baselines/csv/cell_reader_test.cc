// CellReader::ReadNumbers: what it takes is the number that ParseDecimal reads, on both code paths.
#include "baselines/csv/cell_reader.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "baselines/values/decimal.h"
#include "detectors/processor.h"

namespace baselines {
namespace {

// Texts of every form that cells have, and of forms that they should not have.
std::string Cell(std::mt19937_64& random) {
  constexpr std::string_view kStray = "+-.eE, :/x\"\xb0";
  std::string text;
  for (std::size_t digits = random() % 24; digits > 0; --digits) text += static_cast<char>('0' + random() % 10);
  if (random() % 3 == 0) text.insert(0, random() % 20, '0');
  if (random() % 4 != 0) text.insert(random() % (text.size() + 1), 1, '.');
  if (random() % 2 == 0) text.insert(0, 1, '-');
  if (!text.empty() && random() % 8 == 0) text[random() % text.size()] = kStray[random() % kStray.size()];
  if (random() % 16 == 0) text += "e-" + std::to_string(random() % 30);
  return text;
}

struct Texts {
  std::vector<char> text;  // of its very length, so that a sanitizer sees what reads beyond it
  std::vector<Field> fields;
  std::vector<std::string> cells;
  std::vector<std::uint32_t> all;
};

Texts MakeTexts(std::mt19937_64& random, std::size_t cells) {
  Texts made;
  std::string text;
  std::vector<std::size_t> begins;
  for (std::size_t i = 0; i < cells; ++i) {
    made.cells.push_back(Cell(random));
    made.all.push_back(static_cast<std::uint32_t>(i));
    text += i > 0 ? "," : "";
    begins.push_back(text.size());
    text += made.cells.back();
  }
  made.text.assign(text.begin(), text.end());
  made.text.shrink_to_fit();
  for (std::size_t i = 0; i < cells; ++i) {
    const char* const begin = made.text.data() + begins[i];
    made.fields.push_back({begin, begin + made.cells[i].size(), false});
  }
  return made;
}

TEST(CellReader, ReadsTheNumbersOfARowAsParseDecimalDoes) {
  std::mt19937_64 random(5);
  std::size_t taken = 0, taken_portable = 0, left = 0, numbers = 0;
  for (int row = 0; row < 20'000; ++row) {
    const Texts row_texts = MakeTexts(random, 1 + random() % 40);
    const CellReader reader(MissingTexts(), {row_texts.text.data(), row_texts.text.size()});
    std::vector<double> read(row_texts.fields.size()), portable(row_texts.fields.size());
    reader.ReadNumbers(row_texts.fields, row_texts.all, read.data());
    reader.ReadNumbersPortable(row_texts.fields, row_texts.all, portable.data());
    for (std::size_t i = 0; i < read.size(); ++i) {
      const std::string& cell = row_texts.cells[i];
      double expected = std::nan("");
      const bool number = ParseDecimal(cell.data(), cell.data() + cell.size(), expected);
      for (const double got : {read[i], portable[i]}) {
        if (std::isnan(got)) continue;
        ASSERT_TRUE(number) << cell;
        ASSERT_EQ(std::bit_cast<std::uint64_t>(got), std::bit_cast<std::uint64_t>(expected)) << cell;
      }
      numbers += number;
      taken += !std::isnan(read[i]);
      taken_portable += !std::isnan(portable[i]);
      const bool plain = cell.find_first_of("eE+") == std::string::npos && cell.size() <= 16;
      const bool amid = row_texts.fields[i].begin - row_texts.text.data() >= 32 && i + 4 < read.size();
      left += number && plain && amid && std::isnan(read[i]);
    }
  }
  EXPECT_GT(numbers, 300'000u);
  EXPECT_GT(static_cast<double>(taken_portable), 0.35 * static_cast<double>(numbers));
  if (detectors::HasAvx2()) {
    EXPECT_GT(static_cast<double>(taken), 0.6 * static_cast<double>(numbers));
    EXPECT_EQ(left, 0u) << "numbers of at most 16 bytes that were not taken";
  }
}

TEST(CellReader, TakesNoNumberAtAGlanceWhereATextThatIsOneMeansMissing) {
  const std::string text = std::string(40, ',') + "-999,17,-999.0" + std::string(40, ',');
  const CellReader reader(MissingTexts({"-999"}), text);
  const std::vector<Field> fields = {{&text[40], &text[44], false}, {&text[45], &text[47], false}};
  const std::vector<std::uint32_t> which = {0, 1};
  double numbers[2] = {};
  reader.ReadNumbers(fields, which, numbers);
  EXPECT_TRUE(std::isnan(numbers[0]) && std::isnan(numbers[1]));
}

}  // namespace
}  // namespace baselines
