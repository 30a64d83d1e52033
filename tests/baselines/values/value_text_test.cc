#include "baselines/values/value_text.h"

#include <gtest/gtest.h>

#include <string>

namespace baselines {
namespace {

std::string Canonical(std::string_view text) {
  std::string scratch;
  return std::string(CanonicalText(text, scratch));
}

TEST(CanonicalText, WritesIntegralNumbersInOneWay) {
  for (const char* text : {"1", "1.0", "1.", "1.000", "1e0", "1E0", "+1", "10e-1", "0.1e1", ".1e1", "1e+0"})
    EXPECT_EQ(Canonical(text), "1") << text;
  for (const char* text : {"0", "0.0", "-0", "-0.0", "0e5", ".0", "0e-300"}) EXPECT_EQ(Canonical(text), "0") << text;
  for (const char* text : {"1000", "1e3", "1000.0", "1.0e3", "0.001e6"}) EXPECT_EQ(Canonical(text), "1000") << text;
  EXPECT_EQ(Canonical("-4.0"), "-4");
  EXPECT_EQ(Canonical("1416.0"), "1416");
  EXPECT_EQ(Canonical("1e22"), "1" + std::string(22, '0'));
  EXPECT_EQ(Canonical("15e-1"), "15e-1") << "1.5 has decimals";
  EXPECT_EQ(Canonical("1.5e1"), "15");
}

TEST(CanonicalText, KeepsAllDigits) {
  const std::string thirty = "123456789012345678901234567890";
  EXPECT_EQ(Canonical(thirty), thirty);
  EXPECT_EQ(Canonical(thirty + ".00"), thirty);
  const std::string long_number(5000, '7');
  EXPECT_EQ(Canonical(long_number), long_number);
  EXPECT_EQ(Canonical("1e400"), "1e400") << "no finite number; written out it could be of any length";
  EXPECT_EQ(Canonical("1e999999999999"), "1e999999999999");
}

TEST(CanonicalText, KeepsWhatIsNoIntegralNumber) {
  for (const char* text : {"UA", "1.50", "-0.5", "02134", "007",   "1,5", "0x1F", "1 2", "-",          "+",     ".",
                           "e5", "1e",   "1e+",  "--1",   "1.2.3", "yes", "Late", "nan", "2013-05-11", "12 kg", "é"}) {
    EXPECT_EQ(Canonical(text), text);
  }
}

TEST(CanonicalText, WritesBooleansInSmallLetters) {
  for (const char* text : {"true", "True", "TRUE", "tRuE"}) EXPECT_EQ(Canonical(text), "true");
  for (const char* text : {"false", "False", "FALSE"}) EXPECT_EQ(Canonical(text), "false");
  EXPECT_EQ(Canonical("truest"), "truest");
}

TEST(Trim, CutsBlanksOnBothSides) {
  EXPECT_EQ(Trim("  UA\t"), "UA");
  EXPECT_EQ(Trim("a b"), "a b");
  EXPECT_EQ(Trim(" \r\n\t "), "");
  EXPECT_EQ(Trim(""), "");
}

TEST(MissingTexts, KnowsTheDefaultsInAnyCase) {
  const MissingTexts missing;
  for (const char* text : {"", "NA", "na", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "NONE"})
    EXPECT_TRUE(missing.Contains(text)) << text;
  for (const char* text : {"-", "0", "nil", "Infinity", "inf", "nano", "NAN.", "unknown"})
    EXPECT_FALSE(missing.Contains(text)) << text;
}

TEST(MissingTexts, AListOfOnesOwnReplacesThem) {
  const MissingTexts missing({" -999 ", "Unknown", "unknown"});
  EXPECT_EQ(missing.texts().size(), 2u);
  EXPECT_TRUE(missing.Contains("UNKNOWN"));
  EXPECT_TRUE(missing.Contains("-999"));
  EXPECT_TRUE(missing.Contains("")) << "always";
  EXPECT_FALSE(missing.Contains("NA"));
}

// What tests/data/bad/README.md says of numbers: a text that is one counts as one, everything else is a type fault.
TEST(ParseNumber, KnowsNumbers) {
  const struct {
    const char* text;
    double value;
  } kNumbers[] = {{"42", 42},
                  {"-1.5", -1.5},
                  {"+3", 3},
                  {".5", .5},
                  {"5.", 5},
                  {"1e3", 1000},
                  {"1E-2", 0.01},
                  {"1e308", 1e308},
                  {"007", 7},
                  {"-0", -0.0},
                  {"1e-400", 0},
                  {"0e99999", 0},
                  {"123456789012345678901234567890", 123456789012345678901234567890.0}};
  for (const auto& [text, value] : kNumbers) EXPECT_EQ(ParseNumber(text), value) << text;
}

TEST(ParseNumber, RefusesEverythingElse) {
  for (const char* text : {"",         "-",         "+",     ".",      "e5",    "-.",   "1e",    "1e+", "1e5.0", "0x1F",
                           "1,5",      "1,000",     "1_000", "12 kg",  "38F",   "true", "false", "nan", "NaN",   "inf",
                           "Infinity", "-Infinity", "1e309", "-1e400", "1.2.3", "--1",  "+-1",   "1 2", "١"}) {
    EXPECT_EQ(ParseNumber(text), std::nullopt) << text;
  }
  EXPECT_EQ(ParseNumber(std::string(400, '9')), std::nullopt) << "no finite double";
}

}  // namespace
}  // namespace baselines
