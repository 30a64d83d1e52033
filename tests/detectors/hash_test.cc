#include "detectors/hash.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <unordered_set>

namespace detectors {
namespace {

TEST(Hash, NeverChanges) {
  EXPECT_EQ(Hash64(""), 0xf8555f7c0e153420);
  EXPECT_EQ(Hash64("a"), 0xe0a06b335c23bad8);
  EXPECT_EQ(Hash64("12345678"), 0xf840b51e0597b162);
  EXPECT_EQ(Hash64("0123456789abcdef"), 0xb237a8511690f452);
  EXPECT_EQ(Hash64("0123456789abcdefg, and more than two blocks of it"), 0xeab7bbc831c8ea0a);
  EXPECT_EQ(Hash64("a", 1), 0x0c6d501da655012b);
}

TEST(Hash, AMillionNamesAndEveryLengthOfZerosAreAllDifferent) {
  std::unordered_set<std::uint64_t> seen;
  for (int i = 0; i < 1'000'000; ++i) seen.insert(Hash64("name-" + std::to_string(i)));
  for (std::size_t size = 0; size < 1000; ++size) seen.insert(Hash64(std::string(size, '\0')));
  EXPECT_EQ(seen.size(), 1'001'000);
}

TEST(Hash, EveryInputBitTurnsHalfOfTheOutput) {
  for (const std::size_t size : {1, 4, 8, 9, 15, 16, 17, 33, 64}) {
    for (std::size_t bit = 0; bit < 8 * size; ++bit) {
      int turned = 0;
      for (int trial = 0; trial < 50; ++trial) {
        std::string text(size, static_cast<char>(trial));
        const std::uint64_t before = Hash64(text);
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
        turned += std::popcount(before ^ Hash64(text));
      }
      // 3,200 fair coins: six standard deviations are 170.
      EXPECT_NEAR(turned, 1600, 170) << size << " bytes, bit " << bit;
    }
  }
}

}  // namespace
}  // namespace detectors
