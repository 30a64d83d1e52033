// The scanner with its index against the one without it, on damaged files too.
#include "baselines/csv/record_scanner.h"

#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "tests/baselines/temporary_file.h"

namespace baselines {
namespace {

// Every record's fields, then what went wrong, if anything.
std::vector<std::string> ReadBy(bool (RecordScanner::*next)(), const TextFile& file, const CsvHeader& header) {
  std::vector<std::string> read;
  try {
    RecordScanner scanner(file, header, header.records, file.text().data() + file.text().size());
    while ((scanner.*next)()) {
      for (const Field& field : scanner.fields()) read.push_back(FieldText(field));
      read.push_back("end of record");
    }
  } catch (const FileError& error) {
    read.push_back(error.what());
  }
  return read;
}

std::size_t ExpectBothTheSame(const std::string& text) {
  const TemporaryFile temporary(text);
  const TextFile file(temporary.path());
  const CsvHeader header = ReadHeader(file);
  const auto careful = ReadBy(&RecordScanner::NextCarefully, file, header);
  EXPECT_EQ(ReadBy(&RecordScanner::Next, file, header), careful) << text.substr(0, 300);
  return careful.size();
}

std::string Rows(std::mt19937_64& random, int rows, const char* line_end) {
  std::string text = "first,second,third";
  text += line_end;
  for (int i = 0; i < rows; ++i) {
    text += std::to_string(random() % 100'000) + "," + std::string(random() % 40, 'x') + ",";
    if (random() % 10 == 0) {
      text += "\"two\nlines, \"\"quoted\"\"\"";
    } else {
      text += std::to_string(random() % 7);
    }
    text += line_end;
  }
  return text;
}

TEST(RecordScanner, TheIndexChangesNoRecord) {
  std::mt19937_64 random(1);
  for (const char* line_end : {"\n", "\r\n"}) {
    EXPECT_EQ(ExpectBothTheSame(Rows(random, 5'000, line_end)), 20'000u);
    EXPECT_EQ(ExpectBothTheSame("\xef\xbb\xbf" + Rows(random, 10, line_end) + "1,2,3"), 44u) << "a mark, no line end";
  }
  EXPECT_EQ(ExpectBothTheSame("a\n1\n\n2\r\n\r\n3"), 6u) << "one column and empty lines";
  EXPECT_EQ(ExpectBothTheSame("a,b\n" + std::string(100'000, '1') + ",2\n3,4\n"), 6u)
      << "longer than the index reaches";
  EXPECT_EQ(ExpectBothTheSame("a,b\n5\" pipe,a\"\"b\n1,2\n"), 6u) << "quotes that open nothing";
}

// Characters that mean something are put in, taken out and exchanged: 1,000 files, many of them ragged somewhere.
TEST(RecordScanner, DamageIsToldAlike) {
  std::mt19937_64 random(2);
  constexpr std::string_view kMeaningful = "\",\n\r\";\t x";
  int faults = 0;
  for (int trial = 0; trial < 1'000; ++trial) {
    std::string text = Rows(random, static_cast<int>(random() % 60), trial % 2 == 0 ? "\n" : "\r\n");
    const std::size_t header = text.find('\n') + 1;
    for (auto damages = 1 + random() % 3; damages > 0 && text.size() > header; --damages) {
      const std::size_t at = header + random() % (text.size() - header);
      const char c = kMeaningful[random() % kMeaningful.size()];
      switch (random() % 3) {
        case 0:
          text[at] = c;
          break;
        case 1:
          text.insert(at, 1, c);
          break;
        default:
          text.erase(at, 1);
      }
    }
    const TemporaryFile temporary(text);
    const TextFile file(temporary.path());
    const CsvHeader header_read = ReadHeader(file);
    const auto careful = ReadBy(&RecordScanner::NextCarefully, file, header_read);
    ASSERT_EQ(ReadBy(&RecordScanner::Next, file, header_read), careful) << text;
    faults += !careful.empty() && careful.back().find(".csv:") != std::string::npos;
  }
  EXPECT_GT(faults, 300) << "the damage has to be felt";
}

TEST(DelimiterIndex, BothPathsFindTheSame) {
  std::mt19937_64 random(3);
  DelimiterIndex fast, portable;
  for (int trial = 0; trial < 2'000; ++trial) {
    std::string text(random() % 20'000, 0);
    // From all bytes at random to few delimiters and a rare quote.
    const auto rare = 1 + random() % 2'000;
    for (char& c : text) {
      c = trial % 4 == 0 ? static_cast<char>(random()) : random() % 6 == 0 ? ',' : random() % 90 == 0 ? '\n' : 'x';
      if (trial % 4 > 1 && random() % rare == 0) c = '"';
    }
    const char* const end = text.data() + text.size();
    fast.Fill(text.data(), end, ',');
    portable.FillPortable(text.data(), end, ',');

    std::vector<std::uint32_t> offsets;
    std::vector<std::size_t> line_feeds;
    const std::size_t reach = std::min({text.size(), text.find('"'), DelimiterIndex::kReach});
    for (std::size_t i = 0; i < reach; ++i) {
      if (text[i] == '\n') line_feeds.push_back(offsets.size());
      if (text[i] == ',' || text[i] == '\n') offsets.push_back(static_cast<std::uint32_t>(i));
    }
    for (const DelimiterIndex* index : {&fast, &portable}) {
      ASSERT_EQ(std::vector(index->offsets(), index->offsets() + index->delimiters()), offsets) << trial;
      ASSERT_EQ(index->lines(), line_feeds.size());
      for (std::size_t line = 0; line < line_feeds.size(); ++line) ASSERT_EQ(index->line_feed(line), line_feeds[line]);
    }
  }
}

}  // namespace
}  // namespace baselines
