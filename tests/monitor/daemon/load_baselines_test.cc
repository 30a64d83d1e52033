// What the configuration says about baselines must fit them.
#include "monitor/daemon/baselines/load_baselines.h"

#include <gtest/gtest.h>

#include "baselines/build/profile_builder.h"
#include "baselines/complete.h"
#include "baselines/profile_file.h"
#include "monitor/daemon/baselines/kept_parts.h"
#include "tests/monitor/daemon/config_files.h"

namespace monitor {
namespace {

TEST(LoadBaselines, RefusesTheImportanceOfAFeatureThatNoBaselineHas) {
  const ConfigFolder folder;
  const auto csv = folder.Write("train.csv", "distance,temp\n1.5,2.5\n2.5,3.5\n3.5,4.5\n");
  baselines::WriteProfile(baselines::BuildProfile(csv, {}), folder.path() / "b.json");
  const std::string head =
      "kafka: {brokers: b}\nmodels:\n  - name: m\n    baseline: b.json\n    requests: {topic: t}\n";
  EXPECT_EQ(LoadBaselines(folder.Read(head + "    importances: {temp: 2}\n")).at("m").newest->features.size(), 2u);
  try {
    LoadBaselines(folder.Read(head + "    importances: {temp: 2, distanse: 1}\n"));
    FAIL() << "accepted";
  } catch (const ConfigError& fault) {
    EXPECT_NE(
        std::string(fault.what())
            .find("models.m.importances: there is no feature `distanse` in its baselines; did you mean `distance`?"),
        std::string::npos)
        << fault.what();
  }
}

// What live traffic showed serves every version that lacks it; files stay as they are.
TEST(LoadBaselines, CompletesEveryVersionByWhatWasLearnt) {
  const ConfigFolder folder;
  const auto build = [&](const std::string& csv, const char* version) {
    baselines::BuildOptions options;
    options.model = "m";
    options.version = version;
    options.created = std::string("2026-05-0") + version + "T00:00:00Z";
    return baselines::BuildProfile(folder.Write("train.csv", csv), options);
  };
  const std::string rows = "distance,prediction\n1.5,late\n2.5,late\n3.5,punctual\n";
  baselines::WriteProfile(build("distance\n1.5\n2.5\n3.5\n", "1"), folder.Write("b/m-1.baseline.json", ""));
  baselines::WriteProfile(build("distance\n1.5\n2.5\n4.5\n", "2"), folder.Write("b/m-2.baseline.json", ""));
  baselines::WriteProfile(build(rows, "3"), folder.Write("b/m-3.baseline.json", ""));
  const Config config =
      folder.Read("kafka: {brokers: b}\nstate: s\nmodels:\n  - name: m\n    baseline: b\n    requests: {topic: t}\n");
  EXPECT_FALSE(LoadBaselines(config).at("m").by_version.at("1")->prediction.has_value());
  baselines::Profile learnt = build(rows, "1");
  baselines::MarkLearnt(learnt, "traffic of May");
  KeptParts(config.state).Put("m", learnt);
  const ModelBaselines all = LoadBaselines(config).at("m");
  for (const char* version : {"1", "2"}) {
    const baselines::Profile& profile = *all.by_version.at(version);
    ASSERT_TRUE(profile.prediction.has_value()) << version;
    EXPECT_EQ(profile.prediction->learnt, "traffic of May");
    EXPECT_EQ(profile.digest, baselines::Digest(profile));
  }
  EXPECT_EQ(all.by_version.at("3")->prediction->learnt, "") << "it has its own";
  // What is learnt for another version later does not take the place of what a version has.
  baselines::Profile later = build(rows, "2");
  baselines::MarkLearnt(later, "traffic of June");
  KeptParts(config.state).Put("m", later);
  baselines::WriteProfile(build("distance\n1.5\n2.5\n5.5\n", "4"), folder.Write("b/m-4.baseline.json", ""));
  const ModelBaselines both = LoadBaselines(config).at("m");
  EXPECT_EQ(both.by_version.at("1")->digest, all.by_version.at("1")->digest);
  EXPECT_EQ(both.by_version.at("1")->prediction->learnt, "traffic of May");
  EXPECT_EQ(both.by_version.at("2")->prediction->learnt, "traffic of June");
  EXPECT_EQ(both.by_version.at("4")->prediction->learnt, "traffic of June") << "the newest";
  EXPECT_EQ(both.newest, both.by_version.at("4"));
  EXPECT_EQ(all.newest, all.by_version.at("3"));
}

}  // namespace
}  // namespace monitor
