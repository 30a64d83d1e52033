#include "alerts/messages/text.h"

#include <gtest/gtest.h>

namespace alerts {
namespace {

TEST(Text, CountsAsJavaScriptDoes) {
  EXPECT_EQ(Length(""), 0u);
  EXPECT_EQ(Length("abc"), 3u);
  EXPECT_EQ(Length("Käse"), 4u);
  EXPECT_EQ(Length("🧀"), 2u);
}

TEST(Text, ClipsAtCharacterBorders) {
  const struct {
    const char* text;
    std::size_t limit;
    const char* clipped;
  } kCases[] = {
      {"short", 5, "short"},
      {"longer", 5, "long…"},
      {"äöüß", 4, "äöüß"},
      {"äöüßä", 4, "äöü…"},
      {"🧀🧀🧀", 6, "🧀🧀🧀"},
      {"🧀🧀🧀", 5, "🧀🧀…"},
      {"🧀🧀🧀", 4, "🧀…"},
      {"a", 0, ""},
      {"", 0, ""},
      {"ab", 1, "…"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Clip(c.text, c.limit), c.clipped) << c.text << " to " << c.limit;
}

TEST(Text, ReplacesWhatIsNoText) {
  EXPECT_EQ(Clip("a\nb\x01"
                 "c\x7f",
                 9),
            "a b c ");
  EXPECT_EQ(Clip("a\xff"
                 "b",
                 9),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(Clip("\xe2\x98", 9), "\xef\xbf\xbd\xef\xbf\xbd") << "cut in the middle";
  EXPECT_EQ(Clip("\xc0\xaf", 9), "\xef\xbf\xbd\xef\xbf\xbd") << "overlong";
  EXPECT_EQ(Length(Clip("\xed\xa0\x80", 9)), 3u) << "surrogate";
}

TEST(Text, NeverCutsAnEntity) {
  EXPECT_EQ(ClipEscaped("a<b & c>d", 99), "a&lt;b &amp; c&gt;d");
  for (std::size_t limit = 0; limit < 30; ++limit) {
    const std::string clipped = ClipEscaped("<<<&&&>>>", limit);
    EXPECT_LE(Length(clipped), limit);
    const auto last = clipped.rfind('&');
    if (last == clipped.npos) continue;
    EXPECT_NE(clipped.find(';', last), clipped.npos) << clipped;
  }
}

}  // namespace
}  // namespace alerts
