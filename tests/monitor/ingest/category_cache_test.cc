// What the cache of categories holds is what was put in for exactly these bytes.
#include "monitor/ingest/category_cache.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace monitor {
namespace {

// Texts over three letters, NUL among them, share many bytes, so keys that mixed two of them up would show.
TEST(CategoryCache, AHitIsOfTheSameBytes) {
  std::mt19937 random(1);
  CategoryCache cache(20);
  std::map<std::string, detectors::CategoryId> put;
  int hits = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text(random() % 20, '\0');
    for (char& letter : text) letter = "ab\0"[random() % 3];
    if (const Cell* const found = cache.Find(text)) {
      ++hits;
      ASSERT_EQ(found->category, put.at(text));
      ASSERT_EQ(found->state, CellState::kValue);
    }
    put[text] = static_cast<detectors::CategoryId>(i);
    cache.Put(text, {CellState::kValue, put[text], 0});
    const Cell* const again = cache.Find(text);
    ASSERT_EQ(again != nullptr, !text.empty() && text.size() <= 16) << text.size();
    if (again != nullptr) {
      ASSERT_EQ(again->category, put[text]);
    }
  }
  EXPECT_GT(hits, 1000);
}

}  // namespace
}  // namespace monitor
