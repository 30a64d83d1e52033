#include "baselines/build/profile_builder.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

#include "baselines/build/value_spread.h"
#include "baselines/profile_file.h"
#include "tests/baselines/temporary_file.h"

namespace baselines {
namespace {

using detectors::FeatureKind;

Profile Build(std::string_view text, BuildOptions options = {}) {
  const TemporaryFile csv(text);
  Profile profile = BuildProfile(csv.path(), options);
  profile.source = "train.csv";
  if (!options.model) profile.model = "train";
  profile.digest = Digest(profile);
  return profile;
}

template <class Set>
BuildOptions With(const Set& set) {
  BuildOptions options;
  set(options);
  return options;
}

std::string ErrorOf(std::string_view text, const BuildOptions& options = {}) {
  try {
    Build(text, options);
  } catch (const BuildError& error) {
    return error.what();
  }
  return "no error";
}

bool Contains(const std::vector<std::string>& texts, std::string_view part) {
  return std::ranges::any_of(texts, [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

std::string WhyIgnored(const Profile& profile, std::string_view name) {
  for (const IgnoredColumn& column : profile.ignored) {
    if (column.name == name) return column.why;
  }
  return "watched";
}

std::map<std::string, std::uint64_t> CategoryMap(const detectors::FeatureSummary& summary) {
  std::map<std::string, std::uint64_t> counts;
  for (std::size_t i = 0; i < summary.categories().known().size(); ++i) {
    counts[summary.shape().dictionary.name(static_cast<detectors::CategoryId>(i))] = summary.categories().known()[i];
  }
  return counts;
}

std::string Rows(const std::string& header, int rows, const std::function<std::string(int)>& row) {
  std::string text = header + "\n";
  for (int i = 0; i < rows; ++i) text += row(i) + "\n";
  return text;
}

std::string Unzipped(const std::string& file) {
  const gzFile in = ::gzopen(file.c_str(), "rb");
  std::string text;
  char buffer[1 << 16];
  for (int got; in != nullptr && (got = ::gzread(in, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  if (in != nullptr) ::gzclose(in);
  return text;
}

// Mixed columns with everything that CSV and the rule of values allow.
std::string MixedCsv(int rows) {
  std::mt19937_64 random(7);
  return Rows("n,zero,c,quoted,mixed,label,prediction,score", rows, [&](int i) {
    const double value = std::normal_distribution<>(5, 3)(random);
    std::string row = i % 17 == 0 ? "" : i % 97 == 0 ? " NA " : std::to_string(value);
    row += i % 3 == 0 ? ",1.5" : ",0";
    row += "," + std::string(1, static_cast<char>('a' + random() % 6));
    row += i % 5 == 0 ? ",\"x, \"\"y\"\"\nz\"" : i % 11 == 0 ? ",\"\"" : ",TRUE";
    row += i % 2 == 0 ? "," + std::to_string(i % 7) + ".0" : ",t" + std::to_string(i % 4);
    row += i % 4 == 0 ? ",1,1," : ",0,0.0,";
    return row + std::to_string(static_cast<double>(random() % 1000) / 999.0) + (i % 6 == 0 ? "\r" : "");
  });
}

TEST(BuildProfile, CountsWhatBruteForceCounts) {
  constexpr int kRows = 3000;
  const std::string text = MixedCsv(kRows);
  const Profile profile = Build(text);
  EXPECT_EQ(profile.rows, static_cast<std::uint64_t>(kRows));
  ASSERT_EQ(profile.features.size(), 5u);

  std::mt19937_64 random(7);
  std::vector<double> numbers;
  std::map<std::string, std::uint64_t> letters;
  std::uint64_t missing = 0;
  for (int i = 0; i < kRows; ++i) {
    const double value = std::normal_distribution<>(5, 3)(random);
    if (i % 17 == 0 || i % 97 == 0)
      ++missing;
    else
      numbers.push_back(std::stod(std::to_string(value)));
    ++letters[std::string(1, static_cast<char>('a' + random() % 6))];
    random();
  }
  const ProfileColumn& n = *profile.Find("n");
  EXPECT_EQ(n.inferred, "decimal");
  EXPECT_EQ(n.summary.missing(), missing);
  EXPECT_EQ(n.summary.values(), numbers.size());
  std::ranges::sort(numbers);
  const auto edges = n.summary.shape().binning.edges();
  for (std::size_t bin = 0; bin <= edges.size(); ++bin) {
    const auto upto = bin == edges.size() ? numbers.end() : std::ranges::upper_bound(numbers, edges[bin]);
    const auto from = bin == 0 ? numbers.begin() : std::ranges::upper_bound(numbers, edges[bin - 1]);
    EXPECT_EQ(n.summary.bins()[bin], static_cast<std::uint64_t>(upto - from)) << bin;
  }
  EXPECT_EQ(n.summary.moments().min(), numbers.front());
  EXPECT_EQ(n.summary.moments().max(), numbers.back());
  EXPECT_EQ(n.distinct, static_cast<double>(std::unique(numbers.begin(), numbers.end()) - numbers.begin()));
  EXPECT_EQ(CategoryMap(profile.Find("c")->summary), letters);

  const auto quoted = CategoryMap(profile.Find("quoted")->summary);
  EXPECT_EQ(quoted.at("x, \"y\"\nz"), 600u);
  EXPECT_EQ(quoted.at("true"), 2400u - profile.Find("quoted")->summary.missing());
  const auto mixed = CategoryMap(profile.Find("mixed")->summary);
  EXPECT_EQ(
      mixed.at("3") + mixed.at("0") + mixed.at("1") + mixed.at("2") + mixed.at("4") + mixed.at("5") + mixed.at("6"),
      1500u);
  EXPECT_EQ(mixed.at("t1"), 750u);
  EXPECT_EQ(profile.Find("zero")->summary.shape().binning.coarse_bins() > 1, true);
  EXPECT_EQ(profile.task, Task::kBinary);
  EXPECT_EQ(CategoryMap(profile.label->summary), (std::map<std::string, std::uint64_t>{{"1", 750}, {"0", 2250}}));
  EXPECT_EQ(CategoryMap(profile.prediction->summary), CategoryMap(profile.label->summary));
  EXPECT_EQ(profile.score->summary.values(), 3000u);
}

std::string Counts(const Profile& profile) {
  detectors::Encoder out;
  for (const auto& feature : profile.features) {
    feature.summary.shape().Encode(out);
    feature.summary.EncodeCounts(out);
  }
  for (const auto* column : {&profile.prediction, &profile.score, &profile.label}) (*column)->summary.EncodeCounts(out);
  return out.Take();
}

TEST(BuildProfile, DoesNotDependOnTheNumberOfThreads) {
  const std::string text = MixedCsv(4000);
  std::string first;
  for (const unsigned threads : {1u, 2u, 3u, 4u}) {
    BuildOptions options;
    options.threads = threads;
    options.strip_bytes = 5000;
    const std::string json = ProfileToJson(Build(text, options));
    if (first.empty()) first = json;
    EXPECT_EQ(json, first) << threads;
  }
}

TEST(BuildProfile, DoesNotDependOnWhereStripsBegin) {
  const std::string text = MixedCsv(12);
  const std::string expected = Counts(Build(text));
  for (std::size_t bytes = 1; bytes <= text.size() + 1; ++bytes) {
    BuildOptions options;
    options.threads = 2;
    options.strip_bytes = bytes;
    ASSERT_EQ(Counts(Build(text, options)), expected) << bytes;
  }
  const std::string longer = MixedCsv(3000);
  const std::string whole = Counts(Build(longer));
  for (const std::size_t bytes : {777u, 5000u, 40000u}) {
    BuildOptions options;
    options.strip_bytes = bytes;
    EXPECT_EQ(Counts(Build(longer, options)), whole) << bytes;
  }
}

TEST(BuildProfile, QuantilesAreThoseOfNumpy) {
  const Profile profile = Build("x\n3.5\n-1\n7.25\n0\n12\n0.1\n0.1\n1e6\n-42.5\n2\n");
  const ProfileColumn& x = profile.features[0];
  EXPECT_DOUBLE_EQ(x.q25, 0.025);
  EXPECT_DOUBLE_EQ(x.q50, 1.05);
  EXPECT_DOUBLE_EQ(x.q75, 6.3125);
  const auto cuts = x.summary.shape().binning.coarse_cuts();
  EXPECT_TRUE(std::ranges::any_of(cuts, [](double cut) { return std::abs(cut + 5.15) < 1e-12; })) << "decile 1";
  EXPECT_TRUE(std::ranges::any_of(cuts, [](double cut) { return std::abs(cut - 100010.8) < 1e-6; })) << "decile 9";
}

TEST(BuildProfile, InfersTypes) {
  const Profile profile = Build(Rows("i,d,b,t,c,zip,row,uid,gone,one,code,mostly,amount", 1000, [](int i) {
    const std::string n = std::to_string(i);
    return std::to_string(i * 7 % 1000 - 3) + "," + std::to_string(i * 0.1) + (i % 2 ? ",True" : ",false") +
           ",2013-05-11T17:00:00Z" + (i % 3 ? ",red" : ",blue") + (i % 5 ? ",10001" : ",02134") + "," + n + ",u" + n +
           ",,42," + std::to_string(i % 9) + (i % 200 == 0 ? ",oops," : "," + n + ".5,") + "\"1," + n + "\"";
  }));
  EXPECT_EQ(profile.Find("i")->inferred, "integer");
  EXPECT_EQ(profile.Find("i")->why, "");
  EXPECT_EQ(profile.Find("d")->inferred, "decimal");
  EXPECT_EQ(profile.Find("b")->inferred, "boolean");
  EXPECT_EQ(profile.Find("b")->kind(), FeatureKind::kCategorical);
  EXPECT_NE(WhyIgnored(profile, "t").find("timestamps"), std::string::npos);
  EXPECT_EQ(profile.Find("c")->distinct, 2);
  EXPECT_EQ(CategoryMap(profile.Find("zip")->summary).at("02134"), 200u);
  EXPECT_NE(profile.Find("zip")->why.find("leading zeros"), std::string::npos);
  EXPECT_NE(WhyIgnored(profile, "row").find("row number"), std::string::npos);
  EXPECT_EQ(WhyIgnored(profile, "uid"),
            "identifier: 1,000 different texts in 1,000 values; keep it with --categorical uid");
  EXPECT_EQ(WhyIgnored(profile, "gone"), "no value in 1,000 rows; keep it with --numeric gone or --categorical gone");
  EXPECT_NE(profile.Find("one")->why.find("constant"), std::string::npos);
  EXPECT_EQ(profile.Find("code")->why, "integer with 9 values, treated as numeric; --categorical code");
  EXPECT_EQ(profile.Find("mostly")->kind(), FeatureKind::kNumeric);
  EXPECT_EQ(profile.Find("mostly")->summary.type_faults(), 5u);
  EXPECT_NE(profile.Find("mostly")->why.find("5 values are no numbers"), std::string::npos);
  EXPECT_NE(WhyIgnored(profile, "amount").find("identifier"), std::string::npos);
}

TEST(BuildProfile, OptionsOverride) {
  const std::string text = Rows("a,b,when,key,w,y,out,p", 400, [](int i) {
    return std::to_string(i % 5) + (i % 2 ? ",12" : ",x") + ",2013-05-11,k" + std::to_string(i) + ",0.5," +
           std::to_string(i % 3) + "," + std::to_string(i % 3) + ",0.5";
  });
  BuildOptions options;
  options.categorical = {"a"};
  options.numeric = {"b"};
  options.time = "when";
  options.id = "key";
  options.ignore = {"w"};
  options.label = "y";
  options.prediction = "out";
  options.score = "p";
  options.positive = "2.0";
  options.model = "m";
  options.version = "7";
  const Profile profile = Build(text, options);
  EXPECT_EQ(profile.model, "m");
  EXPECT_TRUE(profile.model_given);
  EXPECT_EQ(profile.version, "7");
  EXPECT_EQ(profile.features.size(), 2u);
  EXPECT_EQ(profile.Find("a")->distinct, 5);
  EXPECT_EQ(CategoryMap(profile.Find("a")->summary).at("3"), 80u);
  EXPECT_EQ(profile.Find("b")->summary.type_faults(), 200u);
  EXPECT_EQ(profile.time_column, "when");
  EXPECT_EQ(profile.id_column, "key");
  EXPECT_EQ(profile.task, Task::kMultiClass);
  EXPECT_EQ(profile.positive, "2");
  options.categorical = {"key"};
  EXPECT_NE(ErrorOf(text, With([](BuildOptions& with) { with.label = "nope"; }))
                .find("has no column nope; it has: a, b, when"),
            std::string::npos);
  EXPECT_NE(ErrorOf(text, With([](BuildOptions& with) {
                      with.label = "y";
                      with.prediction = "y";
                    }))
                .find("another role"),
            std::string::npos);
}

TEST(BuildProfile, MissingTextsCanBeChanged) {
  const std::string text = "x,c\n1,NA\n-999,unknown\n3,NA\n";
  const Profile usual = Build(text);
  EXPECT_EQ(usual.Find("x")->summary.missing(), 0u);
  EXPECT_EQ(usual.Find("c")->summary.missing(), 2u);
  const Profile changed = Build(text, With([](BuildOptions& with) {
                                  with.missing = std::vector<std::string>{"-999", "Unknown"};
                                }));
  EXPECT_EQ(changed.Find("x")->summary.missing(), 1u);
  EXPECT_EQ(changed.Find("c")->summary.missing(), 1u);
  EXPECT_EQ(CategoryMap(changed.Find("c")->summary).at("NA"), 2u);
}

TEST(BuildProfile, FindsTheTask) {
  const auto labelled = [](const std::string& header, const std::function<std::string(int)>& row) {
    return Build(Rows(header, 300, row));
  };
  const Profile regression =
      labelled("x,target,prediction", [](int i) { return "1," + std::to_string(i * 1.5) + "," + std::to_string(i); });
  EXPECT_EQ(regression.task, Task::kRegression);
  EXPECT_EQ(regression.label->kind(), FeatureKind::kNumeric);
  EXPECT_EQ(regression.prediction->kind(), FeatureKind::kNumeric);
  const Profile counts = labelled("x,LABEL", [](int i) { return "1," + std::to_string(i); });
  EXPECT_EQ(counts.task, Task::kRegression) << "integers with many values are amounts";
  const Profile classes = labelled("x,label", [](int i) { return "1," + std::to_string(i % 10) + ".0"; });
  EXPECT_EQ(classes.task, Task::kMultiClass);
  EXPECT_EQ(CategoryMap(classes.label->summary).at("7"), 30u);
  const Profile named =
      labelled("x,y_true,y_pred", [](int i) { return std::string("1,") + (i % 2 ? "True" : "False") + ",TRUE"; });
  EXPECT_EQ(named.task, Task::kBinary);
  EXPECT_EQ(named.positive, "true");
  EXPECT_TRUE(Contains(named.assumptions, "positive class is true"));
  const Profile plain = labelled("x,y", [](int i) { return std::to_string(i * 0.5) + ",a"; });
  EXPECT_EQ(plain.task, Task::kNone);
  EXPECT_EQ(plain.positive, "");
  const Profile scored =
      labelled("x,label,score", [](int i) { return i % 2 ? std::string("1,good,0.9") : std::string("1,bad,0.1"); });
  EXPECT_EQ(scored.positive, "good");
  const Profile reversed =
      labelled("x,label,score", [](int i) { return i % 2 ? std::string("1,1,0.1") : std::string("1,0,0.9"); });
  EXPECT_EQ(reversed.positive, "0") << "the data, not the name";
  const Profile many = labelled("x,label,target", [](int) { return std::string("1,a,2"); });
  EXPECT_TRUE(Contains(many.assumptions, "target is watched as a feature, since label is the label"));
}

TEST(BuildProfile, AScoreIsAShare) {
  const Profile profile = Build("x,score\n1,0\n2,1\n3,1.5\n4,-0.1\n5,abc\n6,\n7,1e400\n");
  EXPECT_EQ(profile.score->summary.values(), 2u);
  EXPECT_EQ(profile.score->summary.type_faults(), 4u);
  EXPECT_EQ(profile.score->summary.missing(), 1u);
}

TEST(BuildProfile, SmallAndOddFilesAreNoTrouble) {
  EXPECT_NE(ErrorOf("a,b\n").find("has a header but no rows"), std::string::npos);
  EXPECT_NE(ErrorOf("a,b\n1,2\n1\n").find(":3: this record has 1 field"), std::string::npos);
  EXPECT_EQ(Build("a\n1\n").features.size(), 1u);
  const Profile missing = Build("a,b\n,NA\n,\n", With([](BuildOptions& with) {
                                  with.categorical = {"b"};
                                  with.numeric = {"a"};
                                }));
  EXPECT_EQ(missing.features.size(), 2u);
  EXPECT_EQ(missing.Find("a")->summary.missing(), 2u);
  EXPECT_TRUE(std::isnan(missing.Find("a")->q50));
  EXPECT_EQ(Build("a,b\n,NA\n,\n").features.size(), 0u);
  const Profile extreme = Build("a\n1e308\n-1e308\n1.7e308\n5e-324\n");
  EXPECT_EQ(extreme.Find("a")->summary.values(), 4u);
  const Profile nameless = Build(",a\n0,1\n1,2\n");
  EXPECT_EQ(nameless.ignored.size(), 1u);
}

TEST(BuildProfile, KeepsNamesThatLookedLikeIds) {
  // The first 70,000 rows all differ, the rest repeat a few: no identifier, though the names were given up on the way.
  const Profile profile = Build(Rows("c,x", 200'000, [](int i) {
    return (i < 70'000 ? "id" + std::to_string(i) : "n" + std::to_string(i % 8)) + ",1";
  }));
  ASSERT_NE(profile.Find("c"), nullptr) << WhyIgnored(profile, "c");
  EXPECT_EQ(CategoryMap(profile.Find("c")->summary).at("n3"), 16'250u);
  EXPECT_EQ(profile.Find("c")->distinct, 70'008);
  EXPECT_EQ(profile.Find("c")->summary.unseen(), 0u);
  EXPECT_NE(profile.Find("c")->why.find("70,008 different texts"), std::string::npos);
}

TEST(BuildProfile, SketchesLargeColumnsWithinTheirError) {
  constexpr int kRows = 600'000;
  const std::string text = Rows(
      "x,few", kRows, [](int i) { return std::to_string(static_cast<long>(i) * 7919 % kRows) + (i % 4 ? "," : ",5"); });
  std::string first;
  for (const unsigned threads : {1u, 2u, 3u}) {
    BuildOptions options;
    options.threads = threads;
    options.strip_bytes = 300'000;
    const Profile profile = Build(text, options);
    const ProfileColumn& x = *profile.Find("x");
    for (const auto& [quantile, share] : {std::pair(x.q25, 0.25), std::pair(x.q50, 0.5), std::pair(x.q75, 0.75)}) {
      EXPECT_NEAR(quantile / kRows, share, 0.0014) << "twice the rank error at 99 %";
    }
    EXPECT_NEAR(x.distinct, kRows, 0.05 * kRows) << "three standard errors";
    EXPECT_EQ(x.summary.values(), static_cast<std::uint64_t>(kRows)) << "counts are exact whatever the bins";
    EXPECT_EQ(x.summary.below_min() + x.summary.above_max(), 0u);
    EXPECT_EQ(profile.Find("few")->summary.values(), 150'000u);
    const std::string json = ProfileToJson(profile);
    if (first.empty()) first = json;
    EXPECT_EQ(json, first);
  }
}

TEST(BuildProfile, ReadsTheFlights) {
  const std::string text = Unzipped(TEST_DATA "/flights/train.csv.gz");
  ASSERT_FALSE(text.empty());
  const Profile profile = Build(text);
  EXPECT_EQ(profile.rows, 9722u);
  ASSERT_EQ(profile.features.size(), 16u);
  EXPECT_EQ(profile.features[0].name, "carrier");
  EXPECT_EQ(profile.task, Task::kBinary);
  EXPECT_EQ(profile.positive, "late");
  EXPECT_EQ(profile.time_column, "timestamp");
  EXPECT_EQ(profile.Find("origin")->distinct, 3);
  EXPECT_EQ(profile.Find("hour")->why, "integer with 19 values, treated as numeric; --categorical hour");
  EXPECT_TRUE(profile.ignored.empty());
  EXPECT_EQ(profile.score->summary.type_faults(), 0u);
}

TEST(CountCsv, CountsOnTheBinsOfTheBaseline) {
  const std::string train = MixedCsv(3000);
  const Profile profile = Build(train);
  const TemporaryFile same(train);
  const CountedFile counted = CountCsv(TextFile(same.path()), profile);
  EXPECT_EQ(counted.rows, 3000u);
  EXPECT_TRUE(counted.absent.empty());
  EXPECT_TRUE(counted.unknown.empty());
  for (std::size_t i = 0; i < profile.features.size(); ++i) {
    detectors::Encoder a, b;
    profile.features[i].summary.EncodeCounts(a);
    counted.features[i].EncodeCounts(b);
    EXPECT_EQ(a.bytes(), b.bytes()) << profile.features[i].name;
  }
  ASSERT_TRUE(counted.prediction && counted.score);
  EXPECT_EQ(counted.score->values(), 3000u);

  const TemporaryFile other("extra;c;n\n1;a;100000\n2;new;abc\n3;;\n");
  const CountedFile few = CountCsv(TextFile(other.path()), profile);
  EXPECT_EQ(few.rows, 3u);
  EXPECT_EQ(few.absent, (std::vector<std::string>{"zero", "quoted", "mixed"}));
  EXPECT_EQ(few.unknown, std::vector<std::string>{"extra"});
  EXPECT_EQ(few.features[0].above_max(), 1u);
  EXPECT_EQ(few.features[0].type_faults(), 1u);
  EXPECT_EQ(few.features[0].missing(), 1u);
  EXPECT_EQ(few.features[1].missing(), 3u) << "an absent column is all missing";
  EXPECT_EQ(few.features[2].unseen(), 1u);
  EXPECT_FALSE(few.prediction || few.score);
  const TemporaryFile wrong("q,r\n1,2\n");
  EXPECT_THROW(CountCsv(TextFile(wrong.path()), profile), BuildError);
}

// Within the sketch's error of the exact quantiles, whether the parts were prepared or not; and exactly as many values.
TEST(ValueSpread, PreparedPartsMergeWithinTheError) {
  std::vector<double> values(200'000);
  std::mt19937_64 random(3);
  for (double& value : values) value = std::exponential_distribution<>()(random);
  std::vector<double> sorted = values;
  std::ranges::sort(sorted);
  for (const bool prepare : {false, true}) {
    ValueSpread sum;
    for (int part = 0; part < 6; ++part) {  // of 100,000: two are exact, three are not
      ValueSpread spread;
      spread.Add(std::span(values).subspan(part % 2 == 0 ? 0 : 100'000, 100'000));
      if (prepare) spread.Prepare();
      sum.Merge(std::move(spread));
    }
    sum.Finish();
    EXPECT_EQ(sum.count(), 600'000u);
    EXPECT_NEAR(sum.distinct(), 200'000, 0.05 * 200'000) << "three standard errors";
    for (int k = 1; k < 100; ++k) {
      const double rank =
          static_cast<double>(std::ranges::upper_bound(sorted, sum.Quantile(k / 100.0)) - sorted.begin()) / 200'000;
      EXPECT_NEAR(rank, k / 100.0, 2 * detectors::QuantileSketch::RankError(4096)) << prepare;
    }
  }
}

TEST(ValueSpread, CountsDifferentValuesExactlyWhileItHoldsThemAll) {
  std::vector<double> values(ValueSpread::kExactValues);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i / 2);
  values[0] = -0.0;
  ValueSpread spread;
  spread.Add(values);
  spread.Finish();
  EXPECT_EQ(spread.distinct(), static_cast<double>(ValueSpread::kExactValues / 2));
  EXPECT_EQ(spread.Quantile(1), static_cast<double>(ValueSpread::kExactValues / 2 - 1));
}

}  // namespace
}  // namespace baselines
