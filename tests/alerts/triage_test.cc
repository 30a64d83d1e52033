#include "alerts/triage.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/alerts/events.h"

namespace alerts {
namespace {

Alert Of(Cause cause, const std::string& feature, ChangeKind kind, const std::string& clues,
         const std::string& name = "", std::int64_t began_ns = kBegan) {
  Alert alert = FiringAlert("m:" + feature, feature, "summary of " + feature);
  alert.cause = cause;
  alert.change.kind = kind;
  alert.change.name = name;
  alert.change.clues = clues;
  alert.began_at_ns = began_ns;
  return alert;
}

Triage AssessAll(const std::vector<Alert>& alerts, const std::vector<Alert>& others = {}) {
  std::vector<const Alert*> own, rest;
  for (const Alert& alert : alerts) own.push_back(&alert);
  for (const Alert& alert : others) rest.push_back(&alert);
  return Assess(own, rest);
}

const Alert kUnit = Of(Cause::kBrokenPipeline, "distance", ChangeKind::kUnit, "its mean went from 1 to 1000", "×1000");
const Alert kDrift = Of(Cause::kDataDrift, "temp", ChangeKind::kMoved, "its mean went from 40 to 60");
const Alert kLoss = Of(Cause::kQualityLoss, "", ChangeKind::kUnnamed, "accuracy 0.6");
const Alert kPredictions = Of(Cause::kPredictionDrift, "score", ChangeKind::kMoved, "its mean went from 0.2 to 0.3");

TEST(TriageTest, SaysWhatWhyAndWhatElse) {
  const Triage triage = AssessAll({kUnit});
  EXPECT_EQ(Sentence(triage),
            "likely the unit or scale of `distance` changed (×1000), because its mean went from 1 to 1000; else a real "
            "change that happens to look like that factor; a retraining would not mend it");
  EXPECT_EQ(Sentence({}), "");
}

TEST(TriageTest, EveryKindOfFaultTellsAStoryAndNoneIsWorthARetraining) {
  for (int i = 0; i <= static_cast<int>(ChangeKind::kMoved); ++i) {
    const auto kind = static_cast<ChangeKind>(i);
    EXPECT_EQ(ParseChangeKind(Text(kind)), kind);
    const Triage triage = AssessAll({Of(Cause::kBrokenPipeline, "f", kind, "why", "N")}, {kLoss});
    EXPECT_FALSE(triage.likely.empty()) << Text(kind);
    EXPECT_FALSE(triage.otherwise.empty()) << Text(kind);
    EXPECT_EQ(triage.because, "why");
    EXPECT_FALSE(triage.retrain);
    EXPECT_EQ(triage.likely.find('{'), std::string::npos) << triage.likely;
    EXPECT_EQ(triage.otherwise.find('{'), std::string::npos) << triage.otherwise;
  }
  EXPECT_THROW(ParseChangeKind("nonsense"), std::invalid_argument);
}

TEST(TriageTest, FaultsWithoutAFeatureHaveStoriesOfTheirOwn) {
  for (const char* monitor : {"volume", "label_coverage", "log_gap:t/0"}) {
    Alert alert = FiringAlert(monitor, "", "what was seen");
    alert.cause = Cause::kBrokenPipeline;
    const Triage triage = AssessAll({alert});
    EXPECT_EQ(triage.because, "what was seen");
    EXPECT_EQ(triage.likely.find("broken"), std::string::npos) << triage.likely;
    EXPECT_FALSE(triage.retrain);
  }
}

TEST(TriageTest, FaultsOfOnePaneHaveOneSource) {
  std::vector<Alert> alerts;
  for (const char* name : {"dewp", "humid", "temp", "visib"})
    alerts.push_back(Of(Cause::kBrokenPipeline, name, ChangeKind::kMissing, "99 % of its values are missing"));
  const Triage triage = AssessAll(alerts);
  EXPECT_EQ(triage.likely, "one source upstream of `dewp`, `humid`, `temp` and 1 more failed");
  EXPECT_EQ(triage.because, "4 features went bad together about 2013-04-22 00:00 UTC, all of them missing");
  // Days apart they are stories of their own: the newest is told.
  alerts[0].began_at_ns = kBegan + kDay;
  alerts.resize(2);
  EXPECT_EQ(AssessAll(alerts).likely, "`dewp` is no longer filled: a join, a look-up or the producer lost it");
}

TEST(TriageTest, ASwapExplainsWhatElseIsWrong) {
  const Triage triage =
      AssessAll({kUnit, Of(Cause::kBrokenPipeline, "age", ChangeKind::kSwapped, "as those of `temp`", "temp")});
  EXPECT_EQ(triage.likely, "`age` and `temp` are swapped");
}

TEST(TriageTest, RetrainingIsForLossesOfQualityWithASoundFeed) {
  EXPECT_FALSE(AssessAll({kDrift}).retrain);
  EXPECT_TRUE(AssessAll({kDrift}, {kLoss}).retrain);
  EXPECT_FALSE(AssessAll({kDrift}, {kLoss, kUnit}).retrain);
  EXPECT_TRUE(AssessAll({kLoss}).retrain);
  EXPECT_NE(AssessAll({kLoss}).likely.find("concept drift"), std::string::npos);
  EXPECT_TRUE(AssessAll({kLoss}, {kDrift}).retrain);
  EXPECT_EQ(AssessAll({kLoss}, {kDrift}).likely, "the inputs moved to where the model is worse");
  const Triage consequence = AssessAll({kLoss}, {kUnit});
  EXPECT_FALSE(consequence.retrain);
  EXPECT_EQ(consequence.likely,
            "a consequence of the broken data feed: the unit or scale of `distance` changed (×1000)");
}

TEST(TriageTest, PredictionsAloneAndPredictionsThatFollow) {
  EXPECT_EQ(AssessAll({kPredictions}, {kDrift}).likely, "the predictions follow the inputs");
  EXPECT_EQ(AssessAll({kPredictions}).likely,
            "the model, its code or its threshold was changed, or an input that is not watched");
  EXPECT_FALSE(AssessAll({kPredictions}).retrain);
}

TEST(TriageTest, AChangedMixIsNamedByTheCategory) {
  const Alert mix = Of(Cause::kDataDrift, "channel", ChangeKind::kMix, "“web” down from 60 % to 20 %");
  const Triage triage = AssessAll({mix, kDrift});
  EXPECT_EQ(triage.likely, "the mix of the traffic changed: other shares of `channel`");
  EXPECT_EQ(triage.because, "“web” down from 60 % to 20 %; features that moved: `channel`, `temp`");
  EXPECT_FALSE(triage.retrain);
}

TEST(TriageTest, IsKeptWithTheAlertAndReadFromOlderStores) {
  Alert alert = kUnit;
  alert.triage = AssessAll({alert});
  alert.change.where = "values above 1 up from 3 % to 11 %";
  alert.change.effect_low = 0.5;
  alert.change.psi = 0.25;
  alert.change.steps = 3;
  const nlohmann::json api = ToJson(alert);
  EXPECT_EQ(api["change"], "unit");
  EXPECT_EQ(api["likely"], alert.triage.likely);
  EXPECT_EQ(api["else"], alert.triage.otherwise);
  EXPECT_EQ(api["retrain"], false);
  EXPECT_EQ(api["effect_low"], 0.5);
  EXPECT_EQ(api["effect_high"], nullptr);
  EXPECT_EQ(api["steps"], 3);
  nlohmann::json stored = ToStored(alert);
  EXPECT_EQ(ToJson(FromStored(stored)), api);
  for (const char* key : {"change", "likely", "because", "else", "retrain"}) stored.erase(key);
  EXPECT_EQ(ToJson(FromStored(stored))["likely"], nullptr);
  EXPECT_EQ(ToJson(FromStored(stored))["change"], nullptr);
}

}  // namespace
}  // namespace alerts
