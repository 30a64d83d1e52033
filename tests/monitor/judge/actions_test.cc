// What operators do, as the judge takes it: acknowledge, accept, silence, approve; and what people then are and are not
// told.
#include "monitor/serve/actions.h"

#include <gtest/gtest.h>

#include <fstream>

#include "alerts/targets/alertmanager.h"
#include "baselines/complete.h"
#include "monitor/serve/api.h"
#include "tests/monitor/judge/drifting_model.h"
#include "tests/support/temporary.h"

namespace monitor::testing {
namespace {

class ActionsTest : public DriftingModel {
 protected:
  // From here on the baseline has predictions, as if live traffic had added them; as hardly any record has one, those
  // of this model, which have none, are as usual.
  void LearnPredictions() {
    const auto file = tests::Temporary("learnt.csv");
    std::ofstream out(file);
    out << "a,prediction\n";
    for (int i = 0; i < 4'000; ++i) out << i << (i % 1000 == 0 ? ",yes\n" : ",\n");
    out.close();
    baselines::Profile learnt = baselines::BuildProfile(file, {});
    baselines::MarkLearnt(learnt, "traffic of January");
    ModelBaselines& own = pipeline.baselines["m"];
    own.newest = own.by_version.begin()->second =
        std::make_shared<const baselines::Profile>(baselines::Complete(*own.newest, learnt));
    ASSERT_TRUE(own.newest->prediction.has_value());
    Restart();
  }
};

TEST_F(ActionsTest, AnAcknowledgementIsKeptWithWhoAndWhyAndEndsReminders) {
  Quiet();
  ASSERT_EQ(Types(Hours("a", 2)), Names{"hook incident.firing"});
  const json alert = Firing();
  const std::string id = alert["id"];
  pipeline.wall += 23 * kHour;
  EXPECT_TRUE(pipeline.judge->Checkpoint().empty());
  pipeline.wall += kHour;
  EXPECT_EQ(Types(pipeline.judge->Checkpoint()), Names{"hook incident.updated"}) << "nobody has looked for a day";
  EXPECT_TRUE(pipeline.judge->Checkpoint().empty()) << "once";

  const auto answer = Act(Kind::kAcknowledge, id.substr(0, 6));
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body["acknowledged"], true);
  EXPECT_EQ(answer.body["accepted"], false);
  Restart();
  pipeline.wall += 240 * kHour;
  EXPECT_TRUE(pipeline.judge->Checkpoint().empty()) << "somebody looks after it";
  const auto shown = History(pipeline.store->db()).Alert(id);
  ASSERT_EQ(shown->at("actions").size(), 1u);
  EXPECT_EQ(shown->at("acknowledged"), true);
  EXPECT_EQ(shown->at("actions")[0]["action"], "ack");
  EXPECT_EQ(shown->at("actions")[0]["by"], "ann");
  EXPECT_EQ(shown->at("actions")[0]["comment"], "known");

  const auto accepted = Act(Kind::kAccept, alert["incident"]);
  EXPECT_EQ(accepted.status, 200);
  EXPECT_EQ(accepted.body["alerts"][0]["accepted"], true);
  EXPECT_EQ(History(pipeline.store->db()).Alert(id)->at("actions").size(), 2u);
}

// What is no news to people still reaches a receiver that keeps alerts by itself.
TEST_F(ActionsTest, AnotherFeatureOfTheSameDriftIsToldToAlertmanagerOnly) {
  Restart();
  pipeline.targets.push_back(alerts::MakeAlertmanager({"am", "http://127.0.0.1/", "", "", {}, {}}, nullptr));
  pipeline.Start();
  pipeline.judge->SetNotReady("");
  counter = pipeline.Counter({"requests", 0});
  Quiet();
  EXPECT_EQ(Types(Hours("a", 2)), (Names{"hook incident.firing", "am incident.firing"}));
  const auto more = Hours("ab", 3);
  ASSERT_EQ(Types(more), Names{"am incident.updated"});
  EXPECT_NE(json::parse(more[0].body)["alert"]["annotations"]["summary"].get<std::string>().find("a, b"),
            std::string::npos)
      << more[0].body;
  EXPECT_EQ(Types(Hours("", 8)), (Names{"hook incident.resolved", "am incident.resolved"}));
}

// Predictions that live traffic adds to the baseline take nothing from what was accepted of features.
TEST_F(ActionsTest, AcceptedTrafficStaysTheReferenceOfACompletedBaseline) {
  EXPECT_TRUE(Hours("", 24).empty());
  ASSERT_EQ(Types(Hours("a", 4)), Names{"hook incident.firing"});
  ASSERT_EQ(Act(Kind::kAccept, Firing()["id"]).status, 200);
  LearnPredictions();
  EXPECT_TRUE(Hours("a", 12).empty()) << "the change is meant to be";
  const json column = pipeline.Windows("m").back()["features"][0];
  EXPECT_EQ(column["reference"]["kind"], "accepted") << column;
  EXPECT_EQ(pipeline.Model("m").versions.at(0).baseline_learnt.count("prediction"), 1u);
}

// Nor do they make features wait for a window of the new baseline.
TEST_F(ActionsTest, ADriftIsFoundRightAfterTheBaselineWasCompleted) {
  pipeline.config.models[0].window = std::chrono::hours(12);
  Restart();
  EXPECT_TRUE(Hours("", 24).empty());
  LearnPredictions();
  EXPECT_TRUE(Hours("", 2).empty());
  EXPECT_EQ(Types(Hours("a", 4)), Names{"hook incident.firing"});
  EXPECT_EQ(Firing()["cause"], "data_drift");
}

TEST_F(ActionsTest, AcceptedTrafficIsTheReferenceAcrossARestartUntilItIsTakenBack) {
  EXPECT_TRUE(Hours("", 24).empty());
  ASSERT_EQ(Types(Hours("a", 4)), Names{"hook incident.firing"});
  const std::string id = Firing()["id"];
  std::vector<alerts::OutboxRow> sent;
  const auto answer = Act(Kind::kAccept, id, &sent);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body["state"], "resolved");
  EXPECT_EQ(answer.body["accepted"], true);
  EXPECT_EQ(Types(sent), Names{"hook incident.resolved"});
  Restart();
  EXPECT_TRUE(Hours("a", 8).empty()) << "the change is meant to be";
  const json column = pipeline.Windows("m").back()["features"][0];
  EXPECT_EQ(column["verdict"], "ok") << column;
  EXPECT_EQ(column["reference"]["kind"], "accepted");
  EXPECT_LT(column["reference"]["effect"].get<double>(), 0.1);
  EXPECT_GT(column["effect"].get<double>(), 1) << "the figures of the row are from training";

  EXPECT_EQ(Types(Hours("", 12)), Names{"hook incident.firing"}) << "a return is a change";
  EXPECT_EQ(Act(Kind::kUndoAccept, id).body["accepted"], false);
  EXPECT_EQ(Act(Kind::kUndoAccept, id).status, 409) << "once";
  EXPECT_EQ(Act(Kind::kUndoAccept, "0123").status, 404);
  const auto shown = History(pipeline.store->db()).Alert(id);
  EXPECT_EQ(shown->at("accepted"), false);
  ASSERT_EQ(shown->at("actions").size(), 2u);
  EXPECT_EQ(shown->at("actions")[0]["action"], "accept");
  EXPECT_EQ(shown->at("actions")[1]["action"], "undo_accept");
  EXPECT_EQ(shown->at("actions")[1]["comment"], "known");
  EXPECT_EQ(shown->at("account")[0]["alarm"], "training") << "kept after the alert is over";
}

TEST_F(ActionsTest, WhatCannotBeDoneIsRefusedWithTheReason) {
  Quiet();
  EXPECT_EQ(Act(Kind::kAcknowledge, "ab").status, 404);
  Hours("a", 2);
  const std::string id = Firing()["id"];
  EXPECT_EQ(Act(Kind::kAcknowledge, "").status, 400);
  Hours("", 4);
  const auto late = Act(Kind::kAcknowledge, id);
  EXPECT_EQ(late.status, 409);
  EXPECT_EQ(late.body["error"], "alert " + id + " is resolved already");
  EXPECT_EQ(Act(Kind::kApprove, "zz").status, 404);
  EXPECT_EQ(Act(Kind::kEndSilence, "zz").status, 404);
  EXPECT_EQ(Act(ParseSilence(R"({"model":"nobody","for":"1h"})", pipeline.wall)).status, 404);
}

TEST_F(ActionsTest, ASilenceKeepsQuietAndItsEndTells) {
  Quiet();
  const auto silenced = Act(ParseSilence(R"({"model":"m","feature":"a","for":"2h","by":"ann"})", pipeline.wall));
  EXPECT_EQ(silenced.status, 200) << silenced.body;
  EXPECT_TRUE(Hours("a", 2).empty());
  EXPECT_TRUE(Retrains().empty()) << "nothing is trained for what nobody wants to hear of";
  EXPECT_EQ(Firing()["state"], "firing") << "it is judged and shown";
  Restart();
  EXPECT_TRUE(pipeline.judge->Checkpoint().empty()) << "a silence outlives a restart";

  const auto other = Hours("ab", 2);
  ASSERT_EQ(Types(other), Names{"hook incident.firing"}) << "the other feature is not silenced";
  const json told = json::parse(other[0].body)["data"];
  ASSERT_EQ(told["alerts"].size(), 1u);
  EXPECT_EQ(told["alerts"][0]["feature"], "b");

  EXPECT_TRUE(Hours("a", 4).empty()) << "b recovered, what is left is silenced";
  const auto over = Hours("", 4);
  EXPECT_EQ(Types(over), Names{"hook incident.resolved"}) << "whoever heard of the beginning hears of the end";
}

TEST_F(ActionsTest, WhatStillFiresWhenASilenceEndsIsToldOnce) {
  Quiet();
  const auto silenced = Act(ParseSilence(R"({"model":"m","for":"2h"})", pipeline.wall));
  EXPECT_TRUE(Hours("a", 2).empty());
  std::vector<alerts::OutboxRow> rows;
  EXPECT_EQ(Act(Kind::kEndSilence, silenced.body["id"].get<std::string>().substr(0, 5), &rows).status, 200);
  for (auto& row : pipeline.judge->Checkpoint()) rows.push_back(std::move(row));
  EXPECT_EQ(Types(rows), Names{"hook incident.firing"});
  EXPECT_EQ(Types(Hours("", 4)), Names{"hook incident.resolved"});
}

TEST_F(ActionsTest, WhatBeganAndEndedInASilenceIsNeverTold) {
  Quiet();
  Act(ParseSilence(R"({"model":"m","cause":"data_drift","for":"2h"})", pipeline.wall));
  EXPECT_TRUE(Hours("a", 2).empty());
  EXPECT_TRUE(Hours("", 4).empty());
  pipeline.wall += 3 * kHour;
  EXPECT_TRUE(pipeline.judge->Checkpoint().empty());
}

TEST_F(ActionsTest, ARetrainingWaitsForApprovalAndIsAskedForOnce) {
  Quiet();
  EXPECT_EQ(Types(Hours("a", 2)), Names{"hook incident.firing"});
  ASSERT_EQ(Retrains().size(), 1u);
  const json waiting = Retrains()[0];
  EXPECT_EQ(waiting["state"], "awaiting_approval");
  EXPECT_EQ(waiting["evidence"]["features"][0]["name"], "a");
  Restart();
  EXPECT_TRUE(pipeline.judge->PendingOutbox().size() == 1 && pipeline.judge->PendingOutbox()[0].target == "hook")
      << "held";

  std::vector<alerts::OutboxRow> rows;
  const auto answer = Act(Kind::kApprove, waiting["id"].get<std::string>().substr(0, 8), &rows);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body["approved_by"], "ann");
  ASSERT_EQ(Types(rows), Names{"trainer retrain.requested"});
  EXPECT_EQ(rows[0].id.substr(0, 16), waiting["id"]);
  EXPECT_EQ(Act(Kind::kApprove, waiting["id"]).status, 409) << "approved already";

  alerts::OutboxRow delivered = rows[0];
  delivered.state = alerts::OutboxRow::State::kDelivered;
  delivered.remember = {{delivered.id, "run-7"}};
  pipeline.judge->NoteDelivery(delivered);
  pipeline.judge->Checkpoint();
  EXPECT_EQ(Retrains()[0]["state"], "accepted");
  EXPECT_EQ(Retrains()[0]["reference"], "run-7");
}

TEST_F(ActionsTest, ARetrainingIsFollowedUntilItIsKnownWhetherItHelped) {
  pipeline.config.retrain[0].manual = false;
  Restart();
  Quiet();
  for (alerts::OutboxRow row : Hours("a", 2)) {
    if (row.target != "trainer") continue;
    row.state = alerts::OutboxRow::State::kDelivered;
    pipeline.judge->NoteDelivery(row);
  }
  Hours("a", 1);
  ASSERT_EQ(Retrains()[0]["state"], "accepted");
  version = "2";
  Names told = Types(Hours("", 1));
  EXPECT_EQ(Retrains()[0]["state"], "deployed");
  EXPECT_EQ(Retrains()[0]["new_version"], "2");
  Restart();
  for (const std::string& type : Types(Hours("", 2))) told.push_back(type);
  EXPECT_EQ(Retrains()[0]["outcome"], "helped") << Retrains();
  EXPECT_EQ(std::count(told.begin(), told.end(), "hook retrain.outcome"), 1);
  EXPECT_EQ(std::count(told.begin(), told.end(), "trainer retrain.outcome"), 0);
}

TEST_F(ActionsTest, ARunIsFollowedAcrossARestartAndItsFailureIsTold) {
  using RunKind = alerts::RunStatus::Kind;
  pipeline.config.retrain[0].manual = false;
  Restart();
  Quiet();
  for (alerts::OutboxRow row : Hours("a", 2)) {
    if (row.target != "trainer") continue;
    row.state = alerts::OutboxRow::State::kDelivered;
    row.remember = {{row.id, "run-7"}};
    pipeline.judge->NoteDelivery(row);
  }
  Hours("a", 1);
  Restart();
  const auto runs = pipeline.judge->RunsToFollow();
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].target, "trainer");
  EXPECT_EQ(runs[0].reference, "run-7");
  EXPECT_EQ(runs[0].accepted_ns, pipeline.wall);
  pipeline.judge->NoteRun(runs[0], {RunKind::kUnknown, "HTTP 503"});
  EXPECT_TRUE(pipeline.judge->Checkpoint().empty());
  EXPECT_EQ(Retrains()[0]["run"], "unknown");
  EXPECT_EQ(Retrains()[0]["error"], "HTTP 503");
  pipeline.judge->NoteRun(runs[0], {RunKind::kRunning});
  pipeline.judge->Checkpoint();
  EXPECT_EQ(Retrains()[0]["state"], "accepted");
  EXPECT_EQ(Retrains()[0]["run"], "running");
  EXPECT_TRUE(Retrains()[0]["error"].is_null());

  pipeline.judge->NoteRun(runs[0], {RunKind::kFailed, "no GPU"});
  const auto rows = pipeline.judge->Checkpoint();
  ASSERT_EQ(Types(rows), Names{"hook retrain.outcome"});
  EXPECT_NE(rows[0].body.find("did not succeed: no GPU (run run-7)"), std::string::npos) << rows[0].body;
  EXPECT_EQ(Retrains()[0]["state"], "failed");
  EXPECT_TRUE(Retrains()[0]["run_ended_at"].is_string());
  EXPECT_EQ(pipeline.board.Read()->retrains.at({"trainer", "failed"}), 1u);
  pipeline.judge->NoteRun(runs[0], {RunKind::kFailed, "no GPU"});
  EXPECT_TRUE(pipeline.judge->Checkpoint().empty()) << "told once";
  Restart();
  EXPECT_TRUE(pipeline.judge->RunsToFollow().empty());
  EXPECT_EQ(pipeline.board.Read()->retrains.at({"trainer", "failed"}), 1u) << "counters outlive a restart";
}

TEST_F(ActionsTest, AVersionThatComesAfterARunEndedWellIsJudged) {
  pipeline.config.retrain[0].manual = false;
  Restart();
  Quiet();
  for (alerts::OutboxRow row : Hours("a", 2)) {
    if (row.target != "trainer") continue;
    row.state = alerts::OutboxRow::State::kDelivered;
    row.remember = {{row.id, "run-7"}};
    pipeline.judge->NoteDelivery(row);
  }
  pipeline.judge->NoteRun(pipeline.judge->RunsToFollow().at(0), {alerts::RunStatus::Kind::kSucceeded});
  EXPECT_TRUE(pipeline.judge->Checkpoint().empty()) << "nobody need be told";
  EXPECT_EQ(Retrains()[0]["state"], "succeeded");
  version = "2";
  Names told = Types(Hours("", 3));
  EXPECT_EQ(Retrains()[0]["state"], "deployed");
  EXPECT_EQ(std::count(told.begin(), told.end(), "hook retrain.outcome"), 1);
}

TEST_F(ActionsTest, AReloadIsInTheAuditAndInWhatElseChanged) {
  Quiet();
  pipeline.config.models[0].min_effect = 0.05;
  pipeline.config.expected_false_alarms = 2;
  pipeline.plan = pipeline.judge->Configure(pipeline.config, pipeline.baselines, pipeline.targets);
  counter = pipeline.Counter({"requests", 0});
  bool committed = false;
  const AuditEntry reload{
      .action = "reload", .subject = "monitord.yaml", .model = "", .by = "ann", .comment = "quieter"};
  pipeline.judge->NoteReload(true, "", reload, [&](const ActionAnswer&) { committed = true; });
  pipeline.judge->NoteReload(false, "no such file", reload, [](const ActionAnswer&) {});
  EXPECT_FALSE(committed);
  pipeline.judge->Checkpoint();
  EXPECT_TRUE(committed);
  const json audit = History(pipeline.store->db()).Audit(10)["audit"];
  ASSERT_EQ(audit.size(), 2u);
  EXPECT_EQ(audit[0]["action"], "reload");
  EXPECT_EQ(audit[0]["by"], "ann");
  EXPECT_EQ(audit[1]["comment"], "quieter; refused: no such file");

  const auto rows = Hours("a", 2);
  ASSERT_EQ(Types(rows), Names{"hook incident.firing"});
  const json changes = json::parse(rows[0].body)["data"]["context"]["changes"];
  EXPECT_TRUE(std::any_of(changes.begin(), changes.end(), [](const json& change) {
    return change.get<std::string>().ends_with("the configuration was reloaded with another min_effect, alarms");
  })) << changes;
}

TEST_F(ActionsTest, GuardRailsHoldAcrossRestarts) {
  pipeline.config.retrain[0].manual = false;
  pipeline.config.retrain[0].cooldown = std::chrono::hours(6);
  pipeline.config.retrain[0].max_per_day = 2;
  Restart();
  // A week, after which it is known how much steps vary: five incidents in thirty hours would else count as noise.
  EXPECT_TRUE(Hours("", 168).empty());
  const auto incident = [&] {
    std::size_t asked = 0;
    for (const auto& row : Hours("a", 2)) asked += row.target == "trainer" ? 1 : 0;
    Hours("", 4);
    Restart();
    return asked;
  };
  EXPECT_EQ(incident(), 1u);
  pipeline.wall += 5 * kHour;
  EXPECT_EQ(incident(), 0u) << "cooldown";
  pipeline.wall += 2 * kHour;
  EXPECT_EQ(incident(), 1u);
  pipeline.wall += 7 * kHour;
  EXPECT_EQ(incident(), 0u) << "max_per_day";
  pipeline.wall += 11 * kHour;
  EXPECT_EQ(incident(), 1u) << "the first was more than a day ago";
}

TEST_F(ActionsTest, ADryRunIsRecordedAndSendsNothing) {
  pipeline.config.retrain[0].dry_run = true;
  Restart();
  Quiet();
  EXPECT_EQ(Types(Hours("a", 2)), Names{"hook incident.firing"});
  EXPECT_EQ(Retrains()[0]["state"], "dry_run");
}

TEST(Actions, BodiesAreCheckedBeforeAnythingHappens) {
  constexpr std::int64_t kNow = 1'700'000'000 * kSecond;
  const auto fault = [&](const std::string& body) {
    try {
      ParseSilence(body, kNow);
      return std::string();
    } catch (const BadRequest& refused) {
      return std::string(refused.what());
    }
  };
  EXPECT_NE(fault("").find("`model` is missing"), std::string::npos);
  EXPECT_NE(fault("[]").find("JSON object"), std::string::npos);
  EXPECT_NE(fault(R"({"model":"m"})").find("needs an end"), std::string::npos);
  EXPECT_NE(fault(R"({"model":"m","for":"1h","to":"2030-01-01T00:00:00Z"})").find("either"), std::string::npos);
  EXPECT_NE(fault(R"({"model":"m","for":"soon"})").find("is no duration"), std::string::npos);
  EXPECT_NE(fault(R"({"model":"m","for":"1h","feture":"a"})").find("unknown key `feture`"), std::string::npos);
  EXPECT_NE(fault(R"({"model":"m","for":"1h","cause":"drift"})").find("`drift` is unknown"), std::string::npos);
  EXPECT_NE(fault(R"({"model":"m","from":"2030-01-02T00:00:00Z","to":"2030-01-01T00:00:00Z"})").find("ends before"),
            std::string::npos);
  const auto silence =
      ParseSilence(R"({"model":"m","from":"2030-01-01T00:00:00Z","for":"2h","variant":"","cause":"no_data"})", kNow)
          .silence;
  EXPECT_EQ(silence.to_ns - silence.from_ns, 2 * kHour);
  EXPECT_EQ(silence.variant, "");
  EXPECT_EQ(silence.cause, alerts::Cause::kNoData);
}

}  // namespace
}  // namespace monitor::testing
