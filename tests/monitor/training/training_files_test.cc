// The same rows as CSV, JSON lines, captured requests, packed and through standard input give the same baseline.
#include "monitor/training/training_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "baselines/build/profile_builder.h"
#include "baselines/csv/record_scanner.h"
#include "baselines/profile_file.h"
#include "tests/baselines/temporary_file.h"
#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor {
namespace {

using baselines::TemporaryFile;
using baselines::TextFile;

std::string BaselineOf(const std::vector<std::string>& names) {
  baselines::BuildOptions options;
  options.model = "flights";
  options.source = "train";
  return baselines::ProfileToJson(baselines::BuildProfile(OpenTrainingFiles(names, {}).csv, options));
}

std::filesystem::path FlightsCsv() {
  return testing::Unpack(std::filesystem::path(TEST_DATA) / "flights/train.csv.gz", "training-files-train.csv");
}

bool IsJsonNumber(const std::string& text) {
  return nlohmann::json::accept(text) && nlohmann::json::parse(text).is_number();
}

// The rows of a CSV file as JSON lines that keep its digits; `captured`: columns that are no fields of a request stand
// under `features`, and there is more around them. What is missing is null, or left out in every other row.
std::string JsonLines(const std::filesystem::path& file, bool captured) {
  const TextFile csv(file);
  const baselines::CsvHeader header = baselines::ReadHeader(csv);
  baselines::RecordScanner scanner(csv, header, header.records, csv.text().data() + csv.text().size());
  std::string lines;
  for (bool odd = false; scanner.Next(); odd = !odd) {
    std::string row, features;
    for (std::size_t i = 0; i < header.names.size(); ++i) {
      const std::string& name = header.names[i];
      const std::string cell = baselines::FieldText(scanner.fields()[i]);
      if (cell.empty() && odd) continue;
      const std::string member = nlohmann::json(name).dump() + ": " +
                                 (cell.empty()         ? "null"
                                  : IsJsonNumber(cell) ? cell
                                                       : nlohmann::json(cell).dump());
      const bool field = name == "timestamp" || name == "prediction" || name == "score" || name == "label";
      // Features stand where the first of them does.
      if (captured && !field && features.empty()) row += (row.empty() ? "" : ", ") + std::string("@");
      std::string& to = captured && !field ? features : row;
      to += (to.empty() ? "" : ", ") + member;
    }
    if (captured) {
      row.replace(row.find('@'), 1,
                  "\"model\": \"flights\", \"version\": 1, \"trace\": {\"a\": [1]}, \"features\": {" + features + "}");
    }
    lines += "{" + row + "}\n";
  }
  return lines;
}

std::string ErrorOf(const std::vector<std::string>& texts, const std::vector<std::string>& ignore = {}) {
  std::vector<std::unique_ptr<TemporaryFile>> files;
  std::vector<std::string> names;
  for (const std::string& text : texts) {
    files.push_back(std::make_unique<TemporaryFile>(text, ".in"));
    names.push_back(files.back()->path());
  }
  try {
    return std::string(OpenTrainingFiles(names, ignore).csv.text());
  } catch (const baselines::FileError& error) {
    std::string message = error.what();
    for (std::size_t i = 0; i < names.size(); ++i) {
      for (std::size_t at; (at = message.find(names[i])) != std::string::npos;)
        message.replace(at, names[i].size(), std::to_string(i + 1));
    }
    return message;
  }
}

class StandardInput {
 public:
  explicit StandardInput(const std::filesystem::path& file) : saved_(::dup(STDIN_FILENO)) {
    const std::string command = "cat '" + file.string() + "'";
    pipe_ = ::popen(command.c_str(), "r");
    ::dup2(::fileno(pipe_), STDIN_FILENO);
  }
  ~StandardInput() {
    ::dup2(saved_, STDIN_FILENO);
    ::close(saved_);
    ::pclose(pipe_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int saved_;
  FILE* pipe_;
};

TEST(TrainingFiles, TheFormDoesNotMatter) {
  const std::filesystem::path csv = FlightsCsv();
  const std::string plain = BaselineOf({csv});
  EXPECT_EQ(BaselineOf({std::filesystem::path(TEST_DATA) / "flights/train.csv.gz"}), plain) << "gzip";
  {
    const StandardInput input(csv);
    EXPECT_EQ(BaselineOf({"-"}), plain) << "standard input";
  }
  {
    const StandardInput input(std::filesystem::path(TEST_DATA) / "flights/train.csv.gz");
    EXPECT_EQ(BaselineOf({"-"}), plain) << "packed standard input";
  }
  const TemporaryFile flat(JsonLines(csv, false), ".jsonl");
  EXPECT_EQ(BaselineOf({flat.path()}), plain) << "JSON lines";
  const TemporaryFile captured(JsonLines(csv, true), ".jsonl");
  EXPECT_EQ(BaselineOf({captured.path()}), plain) << "captured requests";
}

TEST(TrainingFiles, SeveralFilesAreOneTable) {
  const std::filesystem::path csv = FlightsCsv();
  std::ifstream in(csv);
  std::string header, line;
  std::getline(in, header);
  const std::filesystem::path folder = tests::Temporary("training-files-parts");
  std::filesystem::create_directories(folder);
  for (int part = 0; part < 3; ++part) {
    std::ofstream out(folder / ("part-" + std::to_string(part) + ".csv"));
    out << header << '\n';
    for (int row = 0; (part == 2 || row < 9000) && std::getline(in, line); ++row) out << line << '\n';
  }
  EXPECT_EQ(BaselineOf({folder / "part-*.csv"}), BaselineOf({csv})) << "as the pattern's names are sorted";
  const TrainingFiles files = OpenTrainingFiles({folder / "part-[01].csv", folder / "part-2.csv"}, {});
  EXPECT_EQ(files.source, "part-0.csv and 2 more files");
  std::filesystem::remove_all(folder);
}

TEST(TrainingFiles, JsonBecomesTheTableThatItMeans) {
  EXPECT_EQ(ErrorOf({"{\"a\":1,\"b\":\"x\"}\n\n{\"b\":null,\"c\":true,\"a\":NaN}\r\n{\"a\":1.50,\"a\":2e3}"}),
            "a,b,c\n1,x,\n,,true\n2e3,,\n");
  EXPECT_EQ(ErrorOf({"{\"a;b\":\"say \\\"hi\\\"\",\"\\u00e9\":\"1,5\\n\"}"}),
            "\"a;b\",é\n\"say \"\"hi\"\"\",\"1,5\n\"\n");
  EXPECT_EQ(ErrorOf({"{\"a\":null}\n{\"a\":1}\n"}), "a\n\"\"\n1\n") << "a row of nothing is a row";
  EXPECT_EQ(ErrorOf({"{\"a\":1}\n", "{\"b\":2}\n"}), "a,b\n1,\n,2\n") << "columns of all files";
  EXPECT_EQ(ErrorOf({"{\"id\":\"7\",\"model\":\"m\",\"features\":{\"x\":1},\"host\":\"h\",\"score\":0.5}\n"}),
            "id,x,score\n7,1,0.5\n");
  EXPECT_EQ(ErrorOf({"{\"a\":1,\"tags\":[1,{\"b\":[]}]}\n"}, {"tags"}), "a,tags\n1,\n");
}

TEST(TrainingFiles, SaysWhichLineIsNoRow) {
  EXPECT_EQ(ErrorOf({"{\"a\":1}\n[1]\n"}), "1:2: this line is no JSON object; one object a line is expected");
  EXPECT_EQ(ErrorOf({"{\"a\":1}\n", "{\"a\":1}\n{\"a\":1\n"}),
            "2:2: this line is no valid JSON; one object a line is expected");
  EXPECT_EQ(ErrorOf({"{\"a\":\"\xff\"}\n"}), "1:1: this line is no UTF-8 text");
  EXPECT_NE(ErrorOf({"{\"a\":1}\n{\"a\":{\"b\":1}}\n"})
                .find("1:2: `a` is an object, not one value; leave it out with --ignore a"),
            std::string::npos);
  EXPECT_EQ(ErrorOf({"{\"features\":{\"a\":1}}\n{\"a\":1}\n"}),
            "1:2: this request has no object `features`, as the first one has");
  EXPECT_NE(
      ErrorOf({"{\"features\":{\"score\":1}}\n"}).find("1:1: the feature `score` has the name of a field of requests"),
      std::string::npos);
  EXPECT_EQ(ErrorOf({"a\n1\n", "{\"a\":1}\n"}), "2 is JSON, 1 is not; make them one format");
  EXPECT_THROW(OpenTrainingFiles({"/nonexistent-*.csv"}, {}), baselines::FileError);
}

}  // namespace
}  // namespace monitor
