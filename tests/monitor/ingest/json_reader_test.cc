#include "monitor/ingest/json/json_reader.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace monitor {
namespace {

// Whether the reader takes the whole text as one document.
bool Accepts(const std::string& text) {
  JsonReader reader(text);
  const auto value = reader.Read();
  if (!value.scalar()) reader.SkipRest(value.type);
  return reader.ok() && reader.AtEnd();
}

bool HasHugeExponent(const std::string& text) {
  for (std::size_t at = text.find_first_of("eE"); at != std::string::npos; at = text.find_first_of("eE", at + 1)) {
    std::size_t digits = at + 1;
    while (digits < text.size() && (text[digits] == '+' || text[digits] == '0')) ++digits;
    const std::size_t first = digits;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
    if (digits - first >= 3) return true;
  }
  return false;
}

TEST(JsonReaderTest, AcceptsAndRefusesWhatAnIndependentParserDoes) {
  const std::string seeds[] = {R"({"a":[1,2.5e-3,-0,true,false,null],"b":{"c":"x\u00e9\n\\\"/"},"":[]})",
                               R"([[],{},[{"k":[0.1,"e"]}], "\ud83d\ude00"])",
                               R"({"features":{"x":12345678901234567890,"y":"1e5"},"id":"7f3c"})"};
  const std::string alphabet = "{}[]\",:\\ntrufalse0123456789.eE+-u \t\x01";
  std::mt19937 random(7);
  int accepted = 0;
  for (int trial = 0; trial < 200'000; ++trial) {
    std::string text = seeds[random() % std::size(seeds)];
    for (int edits = static_cast<int>(random() % 3); edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = alphabet[random() % alphabet.size()];
          break;
        case 1:
          text.erase(at, 1);
          break;
        default:
          text.insert(at, 1, alphabet[random() % alphabet.size()]);
      }
      if (text.empty()) text = " ";
    }
    if (HasHugeExponent(text)) continue;  // the other parser refuses what overflows a double
    JsonReader probe(text);
    const auto root = probe.Read();
    if (!root.scalar()) probe.SkipRest(root.type);
    if (probe.lone_surrogate()) continue;  // allowed by the grammar, refused by the other parser
    ASSERT_EQ(Accepts(text), nlohmann::json::accept(text)) << text;
    accepted += Accepts(text) ? 1 : 0;
  }
  EXPECT_GT(accepted, 50'000);
}

TEST(JsonReaderTest, ReadsPythonsTokensAndKeepsDigits) {
  EXPECT_TRUE(Accepts("[NaN,Infinity,-Infinity]"));
  EXPECT_FALSE(Accepts("[nan]"));
  EXPECT_FALSE(Accepts("[Inf]"));
  JsonReader reader("123456789012345678901234567890");
  EXPECT_EQ(reader.Read().raw, "123456789012345678901234567890");
}

TEST(JsonReaderTest, DepthIsNoFaultAndNeedsNoStack) {
  const std::string deep(1'000'000, '[');
  EXPECT_TRUE(Accepts(deep + std::string(1'000'000, ']')));
  EXPECT_FALSE(Accepts(deep));
}

TEST(JsonReaderTest, UnescapesTexts) {
  std::string scratch;
  EXPECT_EQ(JsonReader::Unescape(R"(a\n\t\"\\\/\u0041\u00e9\ud83d\ude00)", scratch),
            "a\n\t\"\\/A\xC3\xA9\xF0\x9F\x98\x80");
}

TEST(JsonReaderTest, TellsLoneSurrogates) {
  for (const char* text : {R"("\ud800")", R"("\udc00\ud800")", R"("\ud800x")", R"({"\udfff":1})"}) {
    JsonReader reader(text);
    const auto value = reader.Read();
    if (!value.scalar()) reader.SkipRest(value.type);
    EXPECT_TRUE(reader.ok() && reader.lone_surrogate()) << text;
  }
}

}  // namespace
}  // namespace monitor
