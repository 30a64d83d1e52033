// Files of training data as people have them: packed, in pipes, in several parts, or cut while they are read.
#include "baselines/csv/text_file.h"

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <random>

#include "baselines/build/profile_builder.h"
#include "baselines/csv/csv_join.h"
#include "baselines/csv/record_scanner.h"
#include "baselines/profile_file.h"
#include "tests/baselines/temporary_file.h"

namespace baselines {
namespace {

std::string Gzip(const std::string& text) {
  z_stream state{};
  ::deflateInit2(&state, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::vector<Bytef> in(text.begin(), text.end()), out(::deflateBound(&state, text.size()) + 64);
  state.next_in = in.data();
  state.avail_in = static_cast<uInt>(in.size());
  state.next_out = out.data();
  state.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&state, Z_FINISH), Z_STREAM_END);
  out.resize(state.total_out);
  ::deflateEnd(&state);
  return {out.begin(), out.end()};
}

std::string Zstd(const std::string& text) {
  std::string packed(::ZSTD_compressBound(text.size()), '\0');
  packed.resize(::ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

// About `bytes` of rows that do not pack away to nothing.
std::string Rows(std::size_t bytes) {
  std::mt19937 random(7);
  std::string text = "a,b,label\n";
  while (text.size() < bytes)
    text += std::to_string(random() % 1000) + "." + std::to_string(random() % 10'000) + "," +
            std::to_string(random() % 7) + (random() % 2 == 0 ? ",yes\n" : ",no\n");
  return text;
}

std::string ErrorOf(std::string_view text) {
  const TemporaryFile file(text, ".csv.gz");
  try {
    return std::string(TextFile(file.path()).text());
  } catch (const FileError& error) {
    const std::string message = error.what();
    return message.substr(message.find(".csv.gz") + 7);
  }
}

TEST(TextFile, UnpacksWhateverTheSizeOfThePieces) {
  // Around the buffers of 256 KiB and 1 MiB, and far beyond them.
  for (const std::size_t bytes : {1u, 262'144u, 262'145u, 1'048'576u, 5'000'000u}) {
    std::string text = Rows(bytes);
    text.resize(std::max<std::size_t>(bytes, 1));
    for (const std::string& packed : {Gzip(text), Zstd(text)}) {
      const TemporaryFile file(packed, ".packed");
      EXPECT_EQ(TextFile(file.path()).text(), text) << bytes;
    }
  }
}

TEST(TextFile, ReadsMembersOneAfterTheOther) {
  const std::string first = Rows(700'000), second = Rows(10);
  const TemporaryFile gzip(Gzip(first) + Gzip(second)), zstd(Zstd(first) + Zstd(second));
  EXPECT_EQ(TextFile(gzip.path()).text(), first + second);
  EXPECT_EQ(TextFile(zstd.path()).text(), first + second);
}

TEST(TextFile, SaysWhatIsWrongWithAPackedFile) {
  const std::string text = Rows(100'000);
  const std::string kEarly = ": cannot be unpacked, it ends too early; was it copied wholly?";
  for (const std::string& packed : {Gzip(text), Zstd(text)}) {
    EXPECT_EQ(ErrorOf(packed.substr(0, packed.size() / 2)), kEarly);
    std::string damaged = packed;
    damaged[damaged.size() / 2] = static_cast<char>(~damaged[damaged.size() / 2]);
    damaged[damaged.size() - 2] = static_cast<char>(~damaged[damaged.size() - 2]);
    EXPECT_NE(ErrorOf(damaged).find(": cannot be unpacked, it is damaged ("), std::string::npos) << ErrorOf(damaged);
  }
  EXPECT_EQ(ErrorOf(Gzip("")), " is empty; rows of training data are expected");
}

TEST(TextFile, HowToPipeParquet) {
  const TemporaryFile file("PAR1....", ".parquet");
  try {
    TextFile{file.path()};
    ADD_FAILURE();
  } catch (const FileError& error) {
    EXPECT_NE(std::string(error.what())
                  .find("duckdb -c \"COPY (FROM '" + file.path().string() +
                        "') TO '/dev/stdout' (FORMAT csv, HEADER)\" | monitorctl baseline build - --model NAME"),
              std::string::npos)
        << error.what();
  }
}

TEST(TextFile, AFileThatIsCutWhileItIsReadIsAnErrorNotTheEnd) {
  const TemporaryFile file(Rows(200'000));
  const TextFile text(file.path());
  text.CheckWhole();
  std::filesystem::resize_file(file.path(), 5000);
  std::size_t zeros = 0;
  for (const char c : text.text()) zeros += c == '\0';
  EXPECT_GE(zeros, 190'000u) << "what is gone reads as zeros";
  EXPECT_THROW(text.CheckWhole(), FileError);
}

TEST(TextFile, ABuildOfACutFileSaysSo) {
  // At the first pass' end, so that the second one meets it; then before the first one.
  for (const double when : {0.5, 0.0}) {
    const TemporaryFile file(Rows(3'000'000));
    BuildOptions options;
    options.strip_bytes = 100'000;
    bool cut = false;
    options.progress = [&](double done) {
      if (done < when || cut) return;
      std::filesystem::resize_file(file.path(), 4096);
      cut = true;
    };
    try {
      BuildProfile(file.path(), options);
      ADD_FAILURE() << "a baseline of half a file";
    } catch (const BuildError& error) {
      EXPECT_NE(std::string(error.what()).find("became shorter while it was read"), std::string::npos) << error.what();
    }
  }
}

TEST(TextFile, PackedBaselinesAreThoseOfThePlainFile) {
  // Two strips and more, so that how strips are cut matters.
  const std::string text = Rows(9'000'000);
  const auto built = [](const std::string& bytes, std::string_view suffix) {
    const TemporaryFile file(bytes, suffix);
    BuildOptions options;
    options.model = "m";
    options.source = "train";
    return ProfileToJson(BuildProfile(file.path(), options));
  };
  const std::string plain = built(text, ".csv");
  EXPECT_EQ(built(Gzip(text), ".csv.gz"), plain);
  EXPECT_EQ(built(Zstd(text), ".csv.zst"), plain);
}

TEST(TextFile, ModelsAreCalledAfterWhatIsPacked) {
  const TemporaryFile file(Gzip(Rows(1000)), ".jan.csv.gz");
  const std::string name = file.path().filename().string();
  EXPECT_EQ(BuildProfile(file.path(), {}).model, name.substr(0, name.size() - 7));
}

TEST(CsvJoin, IsTheTableOfAllRows) {
  const TemporaryFile a("x,y\n1,\"a\nb\"\n"), b("x,y\r\n2,c"), c("\xef\xbb\xbfx,y\n\n3,d\n"), none("x,y");
  std::vector<TextFile> files;
  for (const TemporaryFile* file : {&a, &b, &none, &c}) files.emplace_back(file->path());
  const TextFile joined = JoinCsv(files, "all");
  const CsvHeader header = ReadHeader(joined);
  RecordScanner scanner(joined, header, header.records, joined.text().data() + joined.text().size());
  std::string cells;
  while (scanner.Next()) cells += FieldText(scanner.fields()[0]) + FieldText(scanner.fields()[1]) + ";";
  EXPECT_EQ(cells, "1a\nb;2c;3d;");
}

TEST(CsvJoin, SaysWhichFileAndLineIsWrong) {
  const auto error_of = [](const std::vector<std::string>& texts) {
    std::vector<std::unique_ptr<TemporaryFile>> temporary;
    std::vector<TextFile> files;
    for (const std::string& text : texts) {
      temporary.push_back(std::make_unique<TemporaryFile>(text));
      files.emplace_back(temporary.back()->path());
    }
    try {
      const TextFile joined = JoinCsv(files, "all");
      const CsvHeader header = ReadHeader(joined);
      RecordScanner scanner(joined, header, header.records, joined.text().data() + joined.text().size());
      while (scanner.Next()) {
      }
    } catch (const FileError& error) {
      std::string message = error.what();
      for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string path = temporary[i]->path().string();
        for (std::size_t at; (at = message.find(path)) != std::string::npos;)
          message.replace(at, path.size(), std::to_string(i + 1));
      }
      return message;
    }
    return std::string("no error");
  };
  EXPECT_EQ(error_of({"x,y\n1,2\n", "x,y\n3,4\n5\n"}), "2:3: this record has 1 field, the header has 2");
  EXPECT_EQ(error_of({"x,y\n1,2\n7\n", "x,y\n3,4\n"}), "1:3: this record has 1 field, the header has 2");
  EXPECT_EQ(error_of({"x,y\n1,2\n", "y,x\n3,4\n"}), "2: its header is not that of 1: column 1 is y, not x");
  EXPECT_EQ(error_of({"x,y\n1,2\n", "x\n3\n"}), "2: its header is not that of 1: it has 1 columns, not 2");
}

}  // namespace
}  // namespace baselines
