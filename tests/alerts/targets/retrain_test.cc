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
  const Outcome again = target->Send(row);
  EXPECT_EQ(again.kind, Kind::kDelivered);
  EXPECT_EQ(again.remember->second, "arn:aws:states:eu-central-1:1:execution:m:monitord-" + row.id);
}

struct Look {
  int status;
  const char* answer;
  RunStatus::Kind kind;
  const char* reason;
};
using RunKind = RunStatus::Kind;

class FollowTest : public RetrainTest {
 protected:
  // What `target` makes of every answer to a look at `reference`.
  void Follow(Target& target, const std::string& reference, const std::vector<Look>& looks) {
    ASSERT_TRUE(target.follows_runs());
    for (const Look& look : looks) {
      Says(look.answer, look.status);
      const RunStatus status = target.Look({"request", target.name(), reference, 0});
      EXPECT_EQ(Text(status.kind), std::string(Text(look.kind))) << look.answer;
      EXPECT_EQ(status.reason, look.reason) << look.answer;
    }
  }
};

TEST_F(FollowTest, AirflowSaysHowADagRunStands) {
  for (const char* api : {"v1", "v2"}) {
    http->requests.clear();
    const auto target = MakeAirflow({"train", "https://airflow", "d", api, "t0ken", "", "", {}}, http);
    Follow(*target, "d/monitord-17",
           {{200, R"({"state":"queued"})", RunKind::kRunning, ""},
            {200, R"({"state":"running"})", RunKind::kRunning, ""},
            {200, R"({"state":"success"})", RunKind::kSucceeded, ""},
            {404, "", RunKind::kUnknown, "HTTP 404"},
            {200, "<html>", RunKind::kUnknown, "the answer does not say how the run stands"}});
    const HttpRequest& request = http->requests[0];
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.url, "https://airflow/api/" + std::string(api) + "/dags/d/dagRuns/monitord-17");
    EXPECT_EQ(request.headers[0], (std::pair<std::string, std::string>("authorization", "Bearer t0ken")));
    EXPECT_EQ(request.body, "");
    Says(R"({"state":"failed"})");
    Says(R"({"task_instances":[{"task_id":"fit"},{"task_id":"publish"}],"total_entries":2})");
    EXPECT_EQ(target->Look({"r", "train", "d/monitord-17", 0}).reason, "failed in task fit, publish");
    EXPECT_EQ(http->requests.back().url, "https://airflow/api/" + std::string(api) +
                                             "/dags/d/dagRuns/monitord-17/taskInstances?state=failed&limit=5");
    Says(R"({"state":"failed"})");
    Says("", 403);
    EXPECT_EQ(target->Look({"r", "train", "d/monitord-17", 0}).reason, "the DAG run failed");
  }
}

TEST_F(FollowTest, AirflowThreeLogsInForEveryLook) {
  const auto target = MakeAirflow({"train", "https://airflow", "d", "v2", "", "ann", "pw", {}}, http);
  Says(R"({"access_token":"jwt"})", 201);
  Says(R"({"state":"success"})");
  EXPECT_EQ(target->Look({"r", "train", "d/x", 0}).kind, RunKind::kSucceeded);
  EXPECT_EQ(http->requests[1].headers[0].second, "Bearer jwt");
  Says("", 401);
  const RunStatus refused = target->Look({"r", "train", "d/x", 0});
  EXPECT_EQ(refused.kind, RunKind::kUnknown);
  EXPECT_EQ(refused.reason, "log-in at /auth/token: HTTP 401");
}

TEST_F(FollowTest, KubeflowSaysHowARunStands) {
  const auto target = MakeKubeflow({"train", "https://kfp/", "p1", "", "", {}, "", "", "t0ken", {}}, http);
  Follow(
      *target, "r-7/1",
      {{200, R"({"run_id":"r-7","state":"PENDING"})", RunKind::kRunning, ""},
       {200, R"({"state":"PAUSED"})", RunKind::kRunning, ""},
       {200, R"({"state":"CANCELING"})", RunKind::kRunning, ""},
       {200, R"({"state":"SUCCEEDED"})", RunKind::kSucceeded, ""},
       {200, R"({"state":"SKIPPED"})", RunKind::kFailed, "state SKIPPED"},
       {200, R"({"state":"CANCELED"})", RunKind::kFailed, "state CANCELED"},
       {200, R"({"state":"FAILED","error":{"code":2,"message":"no GPU"}})", RunKind::kFailed, "state FAILED: no GPU"},
       {200, "{}", RunKind::kUnknown, "the answer does not say how the run stands"},
       {503, "", RunKind::kUnknown, "HTTP 503"}});
  EXPECT_EQ(http->requests[0].method, "GET");
  EXPECT_EQ(http->requests[0].url, "https://kfp/apis/v2beta1/runs/r-7%2F1");
  EXPECT_EQ(http->requests[0].headers[1].second, "Bearer t0ken");
  EXPECT_GE(http->requests[0].most_bytes, std::size_t{1} << 20) << "the answer holds the pipeline's specification";
}

TEST_F(FollowTest, SageMakerSaysHowAnExecutionStands) {
  const auto target = MakeSageMaker({"train", {"eu-central-1", "AK", "SK", "ST", ""}, "retrain", {}, {}}, http);
  Follow(*target, "arn:aws:sagemaker:x",
         {{200, R"({"PipelineExecutionStatus":"Executing"})", RunKind::kRunning, ""},
          {200, R"({"PipelineExecutionStatus":"Stopping"})", RunKind::kRunning, ""},
          {200, R"({"PipelineExecutionStatus":"Succeeded"})", RunKind::kSucceeded, ""},
          {200, R"({"PipelineExecutionStatus":"Stopped"})", RunKind::kFailed, "status Stopped"},
          {200, R"({"PipelineExecutionStatus":"Failed","FailureReason":"Step fit: ClientError"})", RunKind::kFailed,
           "status Failed: Step fit: ClientError"},
          {400, R"({"__type":"AccessDeniedException"})", RunKind::kUnknown, "HTTP 400 (AccessDeniedException)"}});
  const HttpRequest& request = http->requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://api.sagemaker.eu-central-1.amazonaws.com/");
  EXPECT_EQ(request.aws_scope, "eu-central-1:sagemaker");
  EXPECT_EQ(request.headers[0].second, "application/x-amz-json-1.1");
  EXPECT_EQ(request.headers[1].second, "SageMaker.DescribePipelineExecution");
  EXPECT_EQ(request.headers[2].second, "ST");
  EXPECT_EQ(Body(0), (json{{"PipelineExecutionArn", "arn:aws:sagemaker:x"}}));
}

TEST_F(FollowTest, StepFunctionsSaysHowAnExecutionStands) {
  const auto target = MakeStepFunctions({"train", {"eu-central-1", "AK", "SK", "", ""}, "arn:m", {}}, http);
  Follow(*target, "arn:aws:states:x",
         {{200, R"({"status":"RUNNING"})", RunKind::kRunning, ""},
          {200, R"({"status":"SUCCEEDED"})", RunKind::kSucceeded, ""},
          {200, R"({"status":"TIMED_OUT"})", RunKind::kFailed, "status TIMED_OUT"},
          {200, R"({"status":"ABORTED"})", RunKind::kFailed, "status ABORTED"},
          {200, R"({"status":"FAILED","error":"States.TaskFailed","cause":"no data"})", RunKind::kFailed,
           "status FAILED: States.TaskFailed: no data"},
          {400, R"({"__type":"com.amazonaws.states#ExecutionDoesNotExist"})", RunKind::kUnknown,
           "HTTP 400 (ExecutionDoesNotExist)"}});
  const HttpRequest& request = http->requests[0];
  EXPECT_EQ(request.aws_scope, "eu-central-1:states");
  EXPECT_EQ(request.headers[0].second, "application/x-amz-json-1.0");
  EXPECT_EQ(request.headers[1].second, "AWSStepFunctions.DescribeExecution");
  EXPECT_EQ(Body(0), (json{{"executionArn", "arn:aws:states:x"}}));
}

}  // namespace
}  // namespace alerts
