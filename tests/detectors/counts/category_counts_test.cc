#include "detectors/counts/category_counts.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "detectors/hash.h"
#include "tests/detectors/samples.h"

namespace detectors {
namespace {

using testing::Bytes;
using testing::Random;

TEST(CategoryDictionary, FindsKnownOtherAndUnseenNames) {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < CategoryDictionary::kMaxKnown; ++i) known.push_back("category " + std::to_string(i));
  known[7] = "";  // an empty name is a name
  const CategoryDictionary dictionary(known, {Hash64("rare"), Hash64("rarer"), Hash64("rare")});
  for (CategoryId id = 0; id < known.size(); ++id) EXPECT_EQ(dictionary.Find(known[id]), id);
  EXPECT_EQ(dictionary.Find("rare"), CategoryDictionary::kOther);
  EXPECT_EQ(dictionary.Find("category"), CategoryDictionary::kUnseen);
  EXPECT_EQ(dictionary.other_hashes().size(), 2);
  EXPECT_EQ(CategoryDictionary({}, {}).Find(""), CategoryDictionary::kUnseen);

  const std::string bytes = Bytes(dictionary);
  Decoder in(bytes);
  EXPECT_EQ(CategoryDictionary::Decode(in), dictionary);
  EXPECT_TRUE(in.AtEnd());
}

TEST(CategoryDictionary, RefusesTooManyNamesAndEqualOnes) {
  EXPECT_THROW(CategoryDictionary({"a", "b", "a"}, {}), std::invalid_argument);
  EXPECT_THROW(CategoryDictionary(std::vector<std::string>(1025, "a"), {}), std::invalid_argument);
}

TEST(CategoryCounts, CountWhatTheyAreGiven) {
  CategoryCounts counts(2);
  const std::vector<CategoryId> ids = {0,
                                       CategoryDictionary::kUnseen,
                                       1,
                                       CategoryDictionary::kNoValue,
                                       1,
                                       CategoryDictionary::kOther,
                                       CategoryDictionary::kUnseen,
                                       CategoryDictionary::kUnseen};
  const std::vector<std::string_view> names = {"new", "newer", "new"};
  counts.Add(ids, names);
  EXPECT_EQ(counts.known()[0], 1);
  EXPECT_EQ(counts.known()[1], 2);
  EXPECT_EQ(counts.other(), 1);
  EXPECT_EQ(counts.unseen(), 3);
  EXPECT_EQ(counts.total(), 7);
  ASSERT_EQ(counts.TopUnseen(5).size(), 2);
  EXPECT_EQ(counts.TopUnseen(5)[0].name, "new");
  EXPECT_EQ(counts.TopUnseen(5)[0].count, 2);
  EXPECT_EQ(counts.TopUnseen(1).size(), 1);
}

TEST(CategoryCounts, CutLongNamesBetweenCharacters) {
  std::string name(127, 'x');
  name += "é and more";
  CategoryCounts counts;
  const std::vector<CategoryId> ids = {CategoryDictionary::kUnseen};
  const std::vector<std::string_view> names = {name};
  counts.Add(ids, names);
  EXPECT_EQ(counts.TopUnseen(1)[0].name, std::string(127, 'x'));
  EXPECT_EQ(counts.TopUnseen(1)[0].count, 1);
}

// 2,000 unseen names, far more than are kept: any split and order gives the same bytes, and kept counts are exact.
TEST(CategoryCounts, AnySplitAndOrderGivesTheSameBytes) {
  Random random(1);
  std::vector<std::string> pool;
  std::vector<std::uint64_t> times(2000);
  for (std::size_t i = 0; i < times.size(); ++i) pool.push_back("new " + std::to_string(i));
  struct Record {
    CategoryId id;
    std::size_t name;
  };
  std::vector<Record> records;
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t name = (random() % 2000) * (random() % 2000) / 2000;
    const bool unseen = random() % 3 != 0;
    if (unseen) ++times[name];
    records.push_back({unseen ? CategoryDictionary::kUnseen : static_cast<CategoryId>(random() % 10), name});
  }
  std::string expected;
  for (int trial = 0; trial < 30; ++trial) {
    std::ranges::shuffle(records, random);
    std::vector<CategoryCounts> parts(1 + random() % 8, CategoryCounts(10));
    for (std::size_t at = 0; at < records.size();) {
      std::vector<CategoryId> ids;
      std::vector<std::string_view> names;
      for (std::size_t end = std::min(records.size(), at + 1 + random() % 500); at < end; ++at) {
        ids.push_back(records[at].id);
        if (records[at].id == CategoryDictionary::kUnseen) names.push_back(pool[records[at].name]);
      }
      parts[random() % parts.size()].Add(ids, names);
    }
    CategoryCounts merged(10);
    for (const CategoryCounts& part : parts) {
      const std::string bytes = Bytes(part);
      Decoder in(bytes);
      merged.Merge(CategoryCounts::Decode(in, 10));
    }
    if (expected.empty()) expected = Bytes(merged);
    ASSERT_EQ(Bytes(merged), expected);
    const std::vector<NamedCount> top = merged.TopUnseen(1000);
    EXPECT_EQ(top.size(), CategoryCounts::kMaxUnseenNames);
    for (const NamedCount& entry : top) EXPECT_EQ(entry.count, times[std::stoul(entry.name.substr(4))]) << entry.name;
  }
}

TEST(CategoryCounts, RefuseToMergeOverAnotherDictionary) {
  CategoryCounts counts(2);
  EXPECT_THROW(counts.Merge(CategoryCounts(3)), std::logic_error);
}

}  // namespace
}  // namespace detectors
