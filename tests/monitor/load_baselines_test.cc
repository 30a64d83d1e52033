// What the configuration says about baselines must fit them.
#include "monitor/daemon/load_baselines.h"

#include <gtest/gtest.h>

#include "baselines/profile_builder.h"
#include "baselines/profile_file.h"
#include "tests/monitor/config_files.h"

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

}  // namespace
}  // namespace monitor
