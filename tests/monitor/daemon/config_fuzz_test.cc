// Whatever the file holds, ReadConfig returns or throws ConfigError; nothing else and no crash.
#include <gtest/gtest.h>

#include <random>

#include "tests/monitor/daemon/config_files.h"

namespace monitor {
namespace {

// The reference without its comments: short, so that changes hit something.
std::string Bare() {
  const std::string text = ReferenceConfig();
  std::string bare;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const std::size_t first = line.find_first_not_of(' ');
    if (first != std::string::npos && line[first] != '#') bare += line + "\n";
    at = end + 1;
  }
  return bare;
}

void ReadAnything(const ConfigFolder& folder, const std::string& text) {
  try {
    folder.Read(text);
  } catch (const ConfigError&) {
  }
}

TEST(ConfigFuzzTest, SurvivesChangedReferences) {
  const ConfigFolder folder;
  folder.Write("flights-1.baseline.json", "{}");
  const std::string bare = Bare();
  ASSERT_EQ(folder.Fault(bare), "");
  const std::string pieces[] = {
      "[", "]",  "{", "}",  ": ",    "- ",    "&a ",          "*a",       "!!",     "!",
      "|", ">",  "?", "\"", "'",     "#",     "\n",           "  ",       "<<: *a", "%",
      "@", "${", "~", "\t", "---\n", "...\n", "\xEF\xBB\xBF", "\xC3\xA9", "\xFF",   std::string(1, '\0')};
  std::mt19937 random(7);
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  for (int round = 0; round < 800; ++round) {
    std::string text = bare;
    for (std::size_t change = 0, changes = 1 + below(3); change < changes; ++change) {
      const std::size_t at = below(text.size());
      switch (below(5)) {
        case 0:
          text.insert(at, pieces[below(std::size(pieces))]);
          break;
        case 1:
          text.erase(at, 1 + below(20));
          break;
        case 2:
          text[at] = static_cast<char>(below(256));
          break;
        case 3:
          text.insert(at, text.substr(below(text.size()), below(60)));
          break;
        default:
          text.resize(std::max<std::size_t>(at, 1));
          break;
      }
    }
    ReadAnything(folder, text);
  }
}

TEST(ConfigFuzzTest, SurvivesRandomTokens) {
  const ConfigFolder folder;
  const std::string tokens[] = {"kafka", "models", "name",  "notify", "rules",       "a",    "1",    ":",  ": ",
                                " ",     "  ",     "\n",    "- ",     "[",           "]",    "{",    "}",  ",",
                                "&x",    "*x",     "!t ",   "!2",     "|\n",         ">-\n", "? ",   "\"", "'",
                                "#",     "<<",     "---\n", "...",    "%YAML 1.1\n", "~",    "null", "\\", "\r"};
  std::mt19937 random(11);
  for (int round = 0; round < 1500; ++round) {
    std::string text;
    for (std::size_t i = 0, size = 1 + random() % 30; i < size; ++i) text += tokens[random() % std::size(tokens)];
    ReadAnything(folder, text);
  }
}

TEST(ConfigFuzzTest, SurvivesDepthAndAliasesWithoutEnd) {
  const ConfigFolder folder;
  for (const char* piece : {"[", "{", "{a: ", "- ", "? ", "&a [", "!t ["}) {
    std::string text;
    while (text.size() < 200'000) text += piece;
    ReadAnything(folder, text);
    ReadAnything(folder, "models: " + text);
  }
  EXPECT_NE(folder.Fault("kafka: &a {brokers: *a}\nmodels: &b [*b]\n"), "");
  EXPECT_NE(folder.Fault("kafka: {brokers: b}\nmodels: &b [*b, *b]\n"), "");
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 60; ++i) {
    const std::string last = std::string("*a").append(std::to_string(i - 1));
    const std::string name = std::to_string(i);
    bomb.append("a")
        .append(name)
        .append(": &a")
        .append(name)
        .append(" [")
        .append(last)
        .append(", ")
        .append(last)
        .append("]\n");
  }
  EXPECT_NE(folder.Fault(bomb + "kafka: {brokers: *a59}\n"), "");
}

}  // namespace
}  // namespace monitor
