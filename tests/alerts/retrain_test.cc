// Retrain triggers: every field of the requests, and idempotency.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "alerts/targets/retrain/airflow.h"
#include "alerts/targets/retrain/aws.h"
#include "alerts/targets/retrain/kubeflow.h"
#include "tests/alerts/events.h"
#include "tests/alerts/fake_http.h"

namespace alerts {
namespace {

using nlohmann::json;
using Kind = Outcome::Kind;

class RetrainTest : public testing::Test {
 protected:
  RetrainTest() {
    event = EventOf(Cause::kDataDrift, {FiringAlert("distribution:temp", "temp", "temp drifted")});
    event.type = IncidentEvent::Type::kRetrainRequested;
    event.summary = "flights: temp drifted";
  }
  OutboxRow Row(const Target& target) const {
    EXPECT_TRUE(target.Wants(event));
    IncidentEvent incident = event;
    incident.type = IncidentEvent::Type::kFiring;
    EXPECT_FALSE(target.Wants(incident));
    OutboxRow row = target.Render(event);
    row.id = MessageId(event.incident, event.transition, target.name());
    return row;
  }
  void Says(const std::string& body, int status = 200) { http->answers.push_back({status, body, "", {}}); }
  json Body(std::size_t i) const { return json::parse(http->requests.at(i).body); }

  std::shared_ptr<FakeHttp> http = std::make_shared<FakeHttp>();
  IncidentEvent event;
};

TEST_F(RetrainTest, AirflowThreeGetsARunWithANullDate) {
  const auto target = MakeAirflow({"train", "https://airflow/", "retrain_flights", "v2", "t0ken", "", "", {}}, http);
  const OutboxRow row = Row(*target);
  Says("{}");
  const Outcome outcome = target->Send(row);
  EXPECT_EQ(outcome.kind, Kind::kDelivered);
  EXPECT_EQ(outcome.remember->second, "retrain_flights/monitord-" + row.id);
  EXPECT_EQ(http->requests[0].url, "https://airflow/api/v2/dags/retrain_flights/dagRuns");
  EXPECT_EQ(http->requests[0].headers[1].second, "Bearer t0ken");
  const json body = Body(0);
  EXPECT_EQ(body.size(), 4u) << "Airflow 3 refuses unknown keys";
  EXPECT_EQ(body["dag_run_id"], "monitord-" + row.id);
  EXPECT_TRUE(body.contains("logical_date") && body["logical_date"].is_null());
  EXPECT_EQ(body["note"], "flights: temp drifted");
  EXPECT_EQ(body["conf"]["model"], "flights");
  EXPECT_EQ(body["conf"]["retrain"], row.id.substr(0, 16));
  EXPECT_EQ(body["conf"]["alerts"][0]["feature"], "temp");
  Says("", 409);
  EXPECT_EQ(target->Send(row).kind, Kind::kDelivered) << "the run is there already";
  Says("", 404);
  EXPECT_EQ(target->Send(row).kind, Kind::kGiveUp);
}

TEST_F(RetrainTest, AirflowTwoTakesBasicAndAirflowThreeALogIn) {
  const auto two = MakeAirflow({"train", "https://airflow", "d", "v1", "", "ann", "pw", {}}, http);
  Says("{}");
  two->Send(Row(*two));
  EXPECT_EQ(http->requests[0].url, "https://airflow/api/v1/dags/d/dagRuns");
  EXPECT_EQ(http->requests[0].user, "ann");
  EXPECT_FALSE(Body(0).contains("logical_date"));
  const auto three = MakeAirflow({"train", "https://airflow", "d", "v2", "", "ann", "pw", {}}, http);
  Says(R"({"access_token":"jwt"})", 201);
  Says("{}");
  EXPECT_EQ(three->Send(Row(*three)).kind, Kind::kDelivered);
  EXPECT_EQ(http->requests[1].url, "https://airflow/auth/token");
  EXPECT_EQ(Body(1), (json{{"username", "ann"}, {"password", "pw"}}));
  EXPECT_EQ(http->requests[2].headers[1].second, "Bearer jwt");
  Says("", 503);
  EXPECT_EQ(three->Send(Row(*three)).kind, Kind::kRetry);
  EXPECT_EQ(http->requests.size(), 4u) << "no log-in, no run";
}

TEST_F(RetrainTest, KubeflowLooksBeforeItStartsARun) {
  const auto target = MakeKubeflow({"train",
                                    "https://kfp",
                                    "p1",
                                    "v1",
                                    "e1",
                                    {{"model", "{model}-{cause}"}, {"odd", "{nothing} {"}},
                                    "s3://root",
                                    "sa",
                                    "t0ken",
                                    {}},
                                   http);
  const OutboxRow row = Row(*target);
  Says("{}");
  Says(R"({"run_id":"r-7"})");
  Outcome outcome = target->Send(row);
  EXPECT_EQ(outcome.remember->second, "r-7");
  ASSERT_EQ(http->requests.size(), 2u);
  EXPECT_EQ(http->requests[0].method, "GET");
  EXPECT_NE(http->requests[0].url.find("monitord-" + row.id), std::string::npos);
  EXPECT_EQ(http->requests[1].url, "https://kfp/apis/v2beta1/runs");
  EXPECT_EQ(Body(1), (json{{"display_name", "monitord-" + row.id},
                           {"description", "flights: temp drifted"},
                           {"experiment_id", "e1"},
                           {"pipeline_version_reference", {{"pipeline_id", "p1"}, {"pipeline_version_id", "v1"}}},
                           {"runtime_config",
                            {{"parameters", {{"model", "flights-data_drift"}, {"odd", "{nothing} {"}}},
                             {"pipeline_root", "s3://root"}}},
                           {"service_account", "sa"}}));
  Says(R"({"runs":[{"run_id":"r-7"}]})");
  outcome = target->Send(row);
  EXPECT_EQ(outcome.remember->second, "r-7");
  EXPECT_EQ(http->requests.size(), 3u) << "a lost answer starts nothing twice";
  Says("", 500);
  EXPECT_EQ(target->Send(row).kind, Kind::kRetry);
  EXPECT_EQ(http->requests.size(), 4u);
}

TEST_F(RetrainTest, SageMakerStartsAPipelineOnce) {
  const auto target =
      MakeSageMaker({"train", {"eu-central-1", "AK", "SK", "ST", ""}, "retrain", {{"Model", "{model}"}}, {}}, http);
  const OutboxRow row = Row(*target);
  Says(R"({"PipelineExecutionArn":"arn:aws:sagemaker:x"})");
  EXPECT_EQ(target->Send(row).remember->second, "arn:aws:sagemaker:x");
  const HttpRequest& request = http->requests[0];
  EXPECT_EQ(request.url, "https://api.sagemaker.eu-central-1.amazonaws.com/");
  EXPECT_EQ(request.aws_scope, "eu-central-1:sagemaker");
  EXPECT_EQ(request.headers[1].second, "SageMaker.StartPipelineExecution");
  EXPECT_EQ(request.headers[2].second, "ST");
  const json body = Body(0);
  EXPECT_EQ(body["ClientRequestToken"], row.id);
  EXPECT_GE(row.id.size(), 32u);
  EXPECT_LE(body["PipelineExecutionDisplayName"].get<std::string>().size(), 82u);
  EXPECT_EQ(body["PipelineParameters"], json::array({{{"Name", "Model"}, {"Value", "flights"}}}));
  Says(R"({"__type":"ResourceLimitExceeded"})", 400);
  EXPECT_EQ(target->Send(row).kind, Kind::kRetry);
  Says(R"({"__type":"ValidationException"})", 400);
  const Outcome refused = target->Send(row);
  EXPECT_EQ(refused.kind, Kind::kGiveUp);
  EXPECT_EQ(refused.error, "HTTP 400 (ValidationException)");
}

TEST_F(RetrainTest, StepFunctionsTakesANameOnce) {
  const auto target = MakeStepFunctions(
      {"train", {"eu-central-1", "AK", "SK", "", ""}, "arn:aws:states:eu-central-1:1:stateMachine:m", {}}, http);
  const OutboxRow row = Row(*target);
  Says(R"({"executionArn":"arn:aws:states:x"})");
  EXPECT_EQ(target->Send(row).remember->second, "arn:aws:states:x");
  EXPECT_EQ(http->requests[0].aws_scope, "eu-central-1:states");
  EXPECT_EQ(http->requests[0].headers[1].second, "AWSStepFunctions.StartExecution");
  EXPECT_EQ(Body(0)["name"], "monitord-" + row.id);
  EXPECT_EQ(json::parse(Body(0)["input"].get<std::string>())["model"], "flights");
  Says(R"({"__type":"com.amazonaws.states#ExecutionAlreadyExists"})", 400);
  EXPECT_EQ(target->Send(row).kind, Kind::kDelivered);
}

}  // namespace
}  // namespace alerts
