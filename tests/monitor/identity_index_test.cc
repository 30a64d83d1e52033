#include "monitor/labels/identity_index.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <set>

namespace monitor {
namespace {

Identity Id(std::uint64_t n) { return IdentityOf(IdentityScope("m", "1", ""), std::to_string(n)); }

class IdentityIndexTest : public ::testing::Test {
 protected:
  std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / ("ids-" + std::to_string(getpid()));
  void SetUp() override { std::filesystem::remove_all(folder); }
};

TEST_F(IdentityIndexTest, TellsWhatWasThereLikeASetDoes) {
  IdentityIndex index({}, "m", 1u << 30);
  std::set<std::uint64_t> seen;
  std::mt19937_64 random(5);
  for (int i = 0; i < 200'000; ++i) {
    const std::uint64_t n = random() % 60'000;
    ASSERT_EQ(index.Insert(Id(n), static_cast<std::int32_t>(n % 7)), seen.insert(n).second);
  }
  EXPECT_EQ(index.size(), seen.size());
}

TEST_F(IdentityIndexTest, ForgetsWholeDays) {
  IdentityIndex index({}, "m", 1u << 30);
  for (std::uint64_t n = 0; n < 1000; ++n) index.Insert(Id(n), n < 500 ? 1 : 2);
  index.Forget(2);
  EXPECT_EQ(index.size(), 500u);
  EXPECT_TRUE(index.Insert(Id(1), 2));
  EXPECT_FALSE(index.Insert(Id(999), 2));
}

TEST_F(IdentityIndexTest, ACrashKeepsExactlyWhatWasCommitted) {
  std::map<std::string, std::uint64_t> committed;
  {
    IdentityIndex index(folder, "m", 1u << 30);
    for (std::uint64_t n = 0; n < 100; ++n) index.Insert(Id(n), 1);
    for (const auto& [name, length] : index.Flush().lengths) committed[name] = length;
    for (std::uint64_t n = 100; n < 200; ++n) index.Insert(Id(n), static_cast<std::int32_t>(1 + n % 2));
    index.Flush();  // written and synced, and then the transaction is lost
  }
  IdentityIndex index(folder, "m", 1u << 30);
  index.Load(committed);
  EXPECT_EQ(index.size(), 100u);
  for (std::uint64_t n = 0; n < 200; ++n) EXPECT_EQ(index.Insert(Id(n), 1), n >= 100) << n;
}

TEST_F(IdentityIndexTest, ForgottenFilesGoOnlyAfterTheCommit) {
  IdentityIndex index(folder, "m", 1u << 30);
  index.Insert(Id(1), 1);
  index.Insert(Id(2), 9);
  const auto lengths = index.Flush().lengths;
  ASSERT_EQ(lengths.size(), 2u);
  index.Forget(5);
  EXPECT_EQ(index.Flush().dropped.size(), 1u);
  const auto files = [&] { return std::distance(std::filesystem::directory_iterator(folder), {}); };
  EXPECT_EQ(files(), 2);
  index.RemoveDropped();
  EXPECT_EQ(files(), 1);
}

TEST_F(IdentityIndexTest, KeepsItsBudgetByForgettingTheOldestDays) {
  IdentityIndex index({}, "m", 1u << 20);
  for (std::uint64_t n = 0; n < 200'000; ++n) index.Insert(Id(n), static_cast<std::int32_t>(n / 10'000));
  EXPECT_LE(index.bytes(), 1u << 20);
  EXPECT_FALSE(index.Insert(Id(199'999), 19));
  EXPECT_TRUE(index.Insert(Id(0), 19));
}

}  // namespace
}  // namespace monitor
