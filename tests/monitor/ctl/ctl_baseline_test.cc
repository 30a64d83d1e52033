// monitorctl's own work on files: baselines, the one-off drift check, tables and the command line.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "monitor/ctl/table.h"
#include "monitor/ctl/verb.h"
#include "tests/baselines/temporary_file.h"

namespace monitor {
namespace {

using baselines::TemporaryFile;

struct Ran {
  int code;
  std::string out, err;
};

Ran Call(int (*verb)(const Arguments&, std::ostream&, std::ostream&), const Arguments& arguments) {
  std::ostringstream out, err;
  const int code = verb(arguments, out, err);
  return {code, out.str(), err.str()};
}

bool Has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// Rows whose number is shifted by `shift` and of which the share 1/`every` lacks it; the text `number` takes the
// number's place when given.
std::string Csv(int rows, double shift = 0, int every = 50, const std::string& number = "") {
  std::string text = "temp,carrier,prediction,score,label\n";
  for (int i = 0; i < rows; ++i) {
    const double value = std::sin(i * 12.9898) * 10 + shift;
    text += (i % every == 0   ? ""
             : number.empty() ? std::to_string(value)
                              : number) +
            std::string(i % 3 ? ",UA," : ",B6,") + (i % 4 ? "ontime," : "late,") + std::to_string((i % 97) / 97.0) +
            (i % 4 ? ",ontime\n" : ",late\n");
  }
  return text;
}

class CtlBaseline : public testing::Test {
 protected:
  CtlBaseline() : train_(Csv(5000)), baseline_("", ".baseline.json") {
    const Ran built = Call(BaselineBuildVerb, {train_.path(), "-o", baseline_.path(), "--model", "flights"});
    EXPECT_EQ(built.code, 0) << built.err;
    built_ = built.out;
  }

  Ran Drift(const std::string& csv, bool json = false) const {
    const TemporaryFile file(csv);
    Arguments arguments{"--baseline", baseline_.path(), file.path()};
    if (json) arguments.push_back("--json");
    return Call(DriftVerb, arguments);
  }

  TemporaryFile train_, baseline_;
  std::string built_;
};

TEST_F(CtlBaseline, BuildTellsWhatItMadeAndAssumed) {
  EXPECT_TRUE(Has(built_, "flights version 1: 5,000 rows"));
  for (const char* title : {"name", "type", "min", "max", "distinct", "mean", "std", "q25", "q50", "q75", "count",
                            "missing", "histogram"}) {
    EXPECT_TRUE(Has(built_, title)) << title;
  }
  EXPECT_TRUE(Has(built_, "carrier: UA 67 %, B6 33 %"));
  EXPECT_TRUE(Has(built_, "label is the label (--label)"));
  EXPECT_TRUE(Has(built_, "task binary, since the label has 2 classes"));
  std::istringstream lines(built_);
  for (std::string line; std::getline(lines, line);) EXPECT_TRUE(Width(line) <= 120 || Has(line, "written to")) << line;
}

TEST_F(CtlBaseline, ShowPrintsItAgain) {
  const Ran shown = Call(BaselineShowVerb, {baseline_.path()});
  EXPECT_EQ(shown.code, 0);
  EXPECT_TRUE(built_.starts_with(shown.out));
  const Ran feature = Call(BaselineShowVerb, {baseline_.path(), "temp"});
  EXPECT_TRUE(Has(feature.out, "missing 100 (2 %)")) << feature.out;
  const Ran json = Call(BaselineShowVerb, {baseline_.path(), "--json"});
  EXPECT_EQ(nlohmann::json::parse(json.out).at("features").size(), 2u);
  const Ran unknown = Call(BaselineShowVerb, {baseline_.path(), "tmp"});
  EXPECT_EQ(unknown.code, 1);
  EXPECT_TRUE(Has(unknown.err, "`temp`")) << unknown.err;
}

TEST_F(CtlBaseline, DriftIsSilentOnTheSameData) {
  const Ran same = Drift(Csv(1000));
  EXPECT_EQ(same.code, 0) << same.out;
  EXPECT_TRUE(same.out.starts_with("no drift: 1,000 rows against the 5,000 of flights version 1"));
}

TEST_F(CtlBaseline, DriftNamesTheFeature) {
  const Ran shifted = Drift(Csv(1000, 8));
  EXPECT_EQ(shifted.code, 2);
  EXPECT_TRUE(shifted.out.starts_with("drift in 1 of 4 columns")) << shifted.out;
  EXPECT_TRUE(Has(shifted.out, "feature temp drifted: population stability index")) << shifted.out;
}

TEST_F(CtlBaseline, DriftTellsBrokenFeatures) {
  const Ran missing = Drift(Csv(1000, 0, 2));
  EXPECT_EQ(missing.code, 2);
  EXPECT_TRUE(Has(missing.out, "1 of 4 columns broken")) << missing.out;
  const Ran texts = Drift(Csv(1000, 0, 50, "warm"));
  EXPECT_EQ(texts.code, 2) << "a number that became text must not pass for too little data";
  EXPECT_TRUE(Has(texts.out, "of the wrong type")) << texts.out;
  const Ran absent = Drift("carrier\nUA\nB6\n");
  EXPECT_TRUE(Has(absent.out, "not in the file, so all missing: temp")) << absent.out;
}

TEST_F(CtlBaseline, DriftKnowsWhenItCannotTell) {
  const Ran few = Drift(Csv(150, 100));
  EXPECT_EQ(few.code, 3);
  EXPECT_TRUE(few.out.starts_with("not enough data")) << few.out;
}

TEST_F(CtlBaseline, DriftAsJsonHasTheShapeOfWindows) {
  const Ran ran = Drift(Csv(1000, 8), true);
  EXPECT_EQ(ran.code, 2);
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json.at("rows"), 1000);
  EXPECT_EQ(json.at("verdict"), "drift");
  ASSERT_EQ(json.at("features").size(), 2u);
  for (const char* key :
       {"name", "type",        "count",     "missing", "unseen",  "type_faults", "psi",    "psi_low",    "ks",
        "js",   "wasserstein", "hellinger", "tv",      "chi2",    "linf",        "effect", "effect_low", "effect_high",
        "mean", "std",         "min",       "max",     "verdict", "evidence",    "why"}) {
    EXPECT_TRUE(json.at("features")[0].contains(key)) << key;
  }
  EXPECT_EQ(json.at("features")[0].at("verdict"), "drift");
  EXPECT_TRUE(json.at("features")[1].at("ks").is_null()) << "a category has none";
  EXPECT_EQ(json.at("features")[1].at("verdict"), "ok");
}

TEST_F(CtlBaseline, DiffComparesTwoBaselines) {
  const TemporaryFile csv(Csv(3000, 8)), other("", ".baseline.json");
  ASSERT_EQ(Call(BaselineBuildVerb, {csv.path(), "-o", other.path()}).code, 0);
  const Ran same = Call(BaselineDiffVerb, {baseline_.path(), baseline_.path()});
  EXPECT_TRUE(Has(same.out, "the same bins and counts"));
  const Ran json = Call(BaselineDiffVerb, {baseline_.path(), other.path(), "--json"});
  EXPECT_EQ(json.code, 0);
  const auto columns = nlohmann::json::parse(json.out).at("columns");
  EXPECT_EQ(columns[0].at("name"), "temp");
  EXPECT_GT(columns[0].at("psi"), 0.2);
  EXPECT_LT(columns[1].at("psi"), 0.01);
  // What the exact comparison says of the same rows.
  const auto exact = nlohmann::json::parse(Drift(Csv(3000, 8), true).out).at("features")[0];
  EXPECT_NEAR(columns[0].at("ks").get<double>(), exact.at("ks").get<double>(), 1.0 / 120);
}

TEST_F(CtlBaseline, SaysWhatIsWrongWithTheCommandLine) {
  EXPECT_TRUE(Has(Call(DriftVerb, {"--baselin", "x", "y"}).err, "did you mean `--baseline`?"));
  EXPECT_TRUE(Has(Call(DriftVerb, {"x.csv"}).err, "--baseline is missing"));
  EXPECT_TRUE(Has(Call(DriftVerb, {"--baseline"}).err, "--baseline needs a value"));
  EXPECT_TRUE(Has(Call(BaselineBuildVerb, {}).err, "a file is missing"));
  EXPECT_TRUE(Has(Call(DriftVerb, {"a", "b"}).err, "one argument too many: b"));
  EXPECT_TRUE(Has(Call(BaselineBuildVerb, {"a", "--task", "ranking"}).err, "--task is none, binary"));
  EXPECT_TRUE(Has(Call(BaselineBuildVerb, {"/nonexistent.csv"}).err, "cannot open /nonexistent.csv"));
  EXPECT_EQ(Call(BaselineBuildVerb, {"/nonexistent.csv"}).code, 1);
  EXPECT_TRUE(Has(Call(BaselineShowVerb, {train_.path()}).err, "not JSON"));
  for (const auto verb : {BaselineBuildVerb, BaselineShowVerb, BaselineDiffVerb, DriftVerb}) {
    const Ran help = Call(verb, {"--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_TRUE(Has(help.out, "example: monitorctl"));
  }
}

TEST(Table, WritesNumbersForPeople) {
  const std::pair<double, const char*> kNumbers[] = {{0, "0"},
                                                     {-0.0, "0"},
                                                     {1416, "1,416"},
                                                     {25953, "25,953"},
                                                     {-1234567, "-1,234,567"},
                                                     {0.123456, "0.1235"},
                                                     {1004.13, "1,004"},
                                                     {33.333, "33.33"},
                                                     {0.00331, "0.00331"},
                                                     {5e-7, "5e-07"},
                                                     {1.5e12, "1.5e+12"},
                                                     {-118.6249, "-118.6"},
                                                     {99999.5, "100,000"}};
  for (const auto& [number, text] : kNumbers) EXPECT_EQ(ShortNumber(number), text);
  EXPECT_EQ(ShortNumber(std::nan("")), "-");
  EXPECT_EQ(ShortNumber(std::numeric_limits<double>::infinity()), "-");
}

TEST(Table, AlignsByCharactersNotBytes) {
  TextTable table({{"name", TextTable::Align::kLeft, 6}, {"n"}});
  table.Add({"é", "1"});
  table.Add({"a long name", "22"});
  EXPECT_EQ(table.Text(), "name     n\né        1\na lon…  22\n");
  EXPECT_EQ(CutTo("a\tb\n", 9), "a b ");
  EXPECT_EQ(WrapTo("one two three four", 9, 2), "one two\n  three\n  four");
  const std::vector<double> counts{0, 1, 4, 8};
  EXPECT_EQ(Spark(counts), " ▁▄█");
}

}  // namespace
}  // namespace monitor
