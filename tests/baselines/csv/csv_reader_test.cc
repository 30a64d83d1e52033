#include "baselines/csv/csv_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "baselines/csv/record_scanner.h"
#include "tests/baselines/temporary_file.h"

namespace baselines {
namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Read {
  std::vector<std::string> header;
  Rows rows;
};

Read ReadAll(std::string_view text, std::size_t strip_bytes = 1 << 20) {
  const TemporaryFile temporary(text);
  const TextFile file(temporary.path());
  const CsvHeader header = ReadHeader(file);
  const auto begins = DivideRecords(file, header, strip_bytes);
  Read read{header.names, {}};
  for (std::size_t strip = 0; strip + 1 < begins.size(); ++strip) {
    RecordScanner scanner(file, header, begins[strip], begins[strip + 1]);
    while (scanner.Next()) {
      read.rows.emplace_back();
      for (const Field& field : scanner.fields()) read.rows.back().push_back(FieldText(field));
    }
  }
  return read;
}

std::string ErrorOf(std::string_view text) {
  try {
    ReadAll(text);
  } catch (const FileError& error) {
    const std::string message = error.what();
    const std::size_t name = message.find(".csv");
    return name == std::string::npos ? message : message.substr(name + 4);
  }
  return "no error";
}

TEST(Csv, ReadsPlainRecords) {
  const Read read = ReadAll("a,b\n1,x\n2,y\n");
  EXPECT_EQ(read.header, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read.rows, (Rows{{"1", "x"}, {"2", "y"}}));
}

TEST(Csv, TakesAnyLineEnd) {
  const Rows expected{{"1", "x"}, {"2", ""}};
  EXPECT_EQ(ReadAll("a,b\r\n1,x\r\n2,\r\n").rows, expected);
  EXPECT_EQ(ReadAll("a,b\n1,x\n2,").rows, expected) << "no line end at the end";
  EXPECT_EQ(ReadAll("a,b\r\n1,x\r\n2,").rows, expected);
  EXPECT_EQ(ReadAll("\xef\xbb\xbf"
                    "a,b\n1,x\n\n2,\n\r\n\n")
                .rows,
            expected)
      << "a mark, and empty lines";
  EXPECT_EQ(ReadAll("\xef\xbb\xbf"
                    "a,b\n1,x\n")
                .header[0],
            "a");
  EXPECT_EQ(ReadAll("a\n1\n\"\"\n").rows, (Rows{{"1"}, {""}}));
}

TEST(Csv, ReadsQuotedFields) {
  const Read read = ReadAll(
      "\"the, name\",\"b\"\"c\"\n\"1,5\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\n5\" pipe,a\"\"b\n\"x\" ,y\r\n");
  EXPECT_EQ(read.header, (std::vector<std::string>{"the, name", "b\"c"}));
  EXPECT_EQ(read.rows, (Rows{{"1,5", "say \"hi\""}, {"two\nlines", ""}, {"5\" pipe", "a\"\"b"}, {"x", "y"}}));
}

TEST(Csv, FindsTheSeparatorInTheHeader) {
  EXPECT_EQ(ReadAll("a;b\n1,5;x\n").rows, (Rows{{"1,5", "x"}}));
  EXPECT_EQ(ReadAll("a\tb\n1,5\tx;y\n").rows, (Rows{{"1,5", "x;y"}}));
  EXPECT_EQ(ReadAll("\"a;b;c\",d\n1,2\n").header, (std::vector<std::string>{"a;b;c", "d"}));
  EXPECT_EQ(ReadAll("a\n1;2\n").rows, (Rows{{"1;2"}}));
}

TEST(Csv, ReadsHugeFields) {
  const std::string huge(3'000'000, 'x');
  EXPECT_EQ(ReadAll("a,b\n1,\"" + huge + "\"\"\n" + huge + "\"\n2," + huge + "\n", 1000).rows,
            (Rows{{"1", huge + "\"\n" + huge}, {"2", huge}}));
}

TEST(Csv, SaysWhichLineIsWrong) {
  EXPECT_EQ(ErrorOf("a,b\n1,2\n1,2,3\n"), ":3: this record has 3 fields, the header has 2");
  EXPECT_EQ(ErrorOf("a,b\n\"1\n\n\",2\n1\n"), ":5: this record has 1 field, the header has 2");
  EXPECT_EQ(ErrorOf("a,b\n1,2\n\"1,2\n3,4\n"), ":3: this record opens a quote that never closes");
  EXPECT_EQ(ErrorOf("a,b\n\"1\"x,2\n"),
            ":2: text after a closing quote; a quote inside a quoted field is written twice");
  EXPECT_EQ(ErrorOf("a,\"b\n1,2\n"), ":1: the header opens a quote that never closes");
  EXPECT_EQ(ErrorOf("a,b,a\n1,2,3\n"), ": two columns are called a");
  EXPECT_EQ(ErrorOf("a,b\r1,2\r3,4\r"), ": its lines end with CR alone; convert it with: tr '\\r' '\\n'");
}

TEST(Csv, RefusesWhatIsNoCsv) {
  EXPECT_NE(ErrorOf("").find("is empty"), std::string::npos);
  EXPECT_NE(ErrorOf("\n\n").find("holds no text"), std::string::npos);
  EXPECT_NE(ErrorOf("PAR1...").find("Parquet"), std::string::npos);
  EXPECT_NE(ErrorOf(std::string("\xff\xfe"
                                "a\0",
                                4))
                .find("UTF-16"),
            std::string::npos);
  EXPECT_NE(ErrorOf("{\"a\":1}").find("JSON"), std::string::npos);
  EXPECT_THROW(TextFile("/nonexistent.csv"), FileError);
  EXPECT_THROW(TextFile("/tmp"), FileError);
}

TEST(Csv, AHeaderAloneHasNoRecords) {
  EXPECT_TRUE(ReadAll("a,b\n").rows.empty());
  EXPECT_TRUE(ReadAll("a,b").rows.empty());
}

// Wherever a strip is meant to begin, the records are the same.
TEST(Csv, DividesAnywhere) {
  const std::string text =
      "id,text,n\r\n1,\"a,b\nc\",2\n\n2,plain,\"3\"\r\n3,\"\"\"quoted\"\"\n\n\"\"end\"\"\",4\n4,x\"y\",5\n5,\"\",6\n6,"
      "\"\n\",7\n7,last,\"8\"";
  const Rows expected = ReadAll(text).rows;
  ASSERT_EQ(expected.size(), 7u);
  for (std::size_t bytes = 1; bytes <= text.size() + 1; ++bytes)
    EXPECT_EQ(ReadAll(text, bytes).rows, expected) << bytes;
  std::string plain = "a,b\n";
  for (int i = 0; i < 100; ++i)
    plain += std::to_string(i) + "," + std::string(static_cast<std::size_t>(i % 7), 'z') + "\n";
  const Rows rows = ReadAll(plain).rows;
  for (std::size_t bytes = 1; bytes <= plain.size() + 1; ++bytes) ASSERT_EQ(ReadAll(plain, bytes).rows, rows) << bytes;
}

TEST(Csv, ReadsAPipe) {
  const TemporaryFile name("", ".fifo");
  std::filesystem::remove(name.path());
  ASSERT_EQ(::mkfifo(name.path().c_str(), 0600), 0);
  std::jthread writer([&] { std::ofstream(name.path()) << "a,b\n1,2\n"; });
  const TextFile file(name.path());
  EXPECT_EQ(file.text(), "a,b\n1,2\n");
}

// Quotes are looked for in pieces of 8 MiB on several threads.
TEST(Csv, FindsTheFirstQuoteNearTheEndsOfPieces) {
  constexpr std::size_t kPiece = std::size_t{8} << 20, kRow = 1000;
  const std::string row = std::string(kRow - 3, 'x') + ",1\n";
  std::string quoted, meant;  // longer than a strip, so that one would begin in it
  for (int i = 0; i < 30'000; ++i) quoted += "a\n\"\"b,\n", meant += "a\n\"b,\n";
  for (const std::size_t piece : {1, 2}) {
    for (int delta = -2; delta <= 2; ++delta) {
      const std::size_t quote = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(piece * kPiece) + delta);
      std::string records;
      while (records.size() + 2 * kRow < quote) records += row;
      records += std::string(quote - records.size() - 3, 'y') + ",2\n";
      ASSERT_EQ(records.size(), quote);
      const auto plain = static_cast<std::size_t>(std::ranges::count(records, '\n'));
      records += "\"" + quoted + "\",3\n";
      for (int i = 0; i < 10'000; ++i) records += row;
      const Read read = ReadAll("text,number\n" + records, 64 << 10);
      ASSERT_EQ(read.rows.size(), plain + 1 + 10'000);
      EXPECT_EQ(read.rows[plain], (std::vector<std::string>{meant, "3"}));
      EXPECT_EQ(read.rows.back(), (std::vector<std::string>{row.substr(0, kRow - 3), "1"}));
    }
  }
}

}  // namespace
}  // namespace baselines
