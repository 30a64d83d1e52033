#include "alerts/targets/retrain/aws.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "alerts/messages/text.h"
#include "alerts/targets/answer.h"

namespace alerts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxValue = 1'024, kMaxDescription = 3'000;

constexpr std::size_t kMostBytes = 2 << 20;  // an execution is described with its input and output

struct Service {
  const char* name;  // of the signature
  const char* host;  // <host>.<region>.amazonaws.com
  const char* content_type;
  const char *start, *describe;  // X-Amz-Target
  const char* arn;               // key of the execution's ARN
};
constexpr Service kSageMaker{"sagemaker",
                             "api.sagemaker",
                             "application/x-amz-json-1.1",
                             "SageMaker.StartPipelineExecution",
                             "SageMaker.DescribePipelineExecution",
                             "PipelineExecutionArn"};
constexpr Service kStepFunctions{"states",
                                 "states",
                                 "application/x-amz-json-1.0",
                                 "AWSStepFunctions.StartExecution",
                                 "AWSStepFunctions.DescribeExecution",
                                 "executionArn"};

// "com.amazonaws.states#ExecutionAlreadyExists" → ExecutionAlreadyExists; empty where the answer has none.
std::string ErrorType(const json& answer) {
  const std::string type = TextIn(answer, "__type");
  return type.substr(type.rfind('#') + 1);
}

bool WillPass(const std::string& type) {
  constexpr std::array<std::string_view, 6> kPassing{"ThrottlingException",      "Throttling",
                                                     "TooManyRequestsException", "ResourceLimitExceeded",
                                                     "ExecutionLimitExceeded",   "ConflictException"};
  for (const std::string_view passing : kPassing) {
    if (type == passing) return true;
  }
  return false;
}

HttpResponse Call(HttpClient& http, const Service& service, const char* action, const AwsAccess& aws,
                  const std::string& body) {
  HttpRequest request;
  request.url =
      aws.url.empty() ? "https://" + std::string(service.host) + "." + aws.region + ".amazonaws.com/" : aws.url;
  request.headers = {{"Content-Type", service.content_type}, {"X-Amz-Target", action}};
  if (!aws.session_token.empty()) request.headers.emplace_back("X-Amz-Security-Token", aws.session_token);
  request.body = body;
  request.user = aws.access_key;
  request.password = aws.secret_key;
  request.aws_scope = aws.region + ":" + service.name;
  request.most_bytes = kMostBytes;
  return http.Send(request);
}

std::string WithType(const std::string& error, const std::string& type) {
  return type.empty() ? error : error + " (" + Clip(type, 60) + ")";
}

// `known_arn`: of an execution that exists already.
Outcome Start(HttpClient& http, const Service& service, const AwsAccess& aws, const OutboxRow& row,
              const std::string& known_arn) {
  const HttpResponse response = Call(http, service, service.start, aws, row.body);
  Outcome outcome = OutcomeOf(response);
  const json answer = json::parse(response.body, nullptr, false);
  if (outcome.kind == Outcome::Kind::kDelivered) {
    outcome.remember = {{row.id, TextIn(answer, service.arn)}};
    return outcome;
  }
  const std::string type = ErrorType(answer);
  if (type == "ExecutionAlreadyExists") {
    outcome = {};
    outcome.remember = {{row.id, known_arn}};
    return outcome;
  }
  if (WillPass(type)) outcome.kind = Outcome::Kind::kRetry;
  if (response.status >= 400) outcome.error = WithType(outcome.error, type);
  return outcome;
}

// The description of the run's execution; `status` says why where there is none.
json Describe(HttpClient& http, const Service& service, const AwsAccess& aws, const RetrainRun& run,
              RunStatus& status) {
  const HttpResponse response = Call(http, service, service.describe, aws, json{{service.arn, run.reference}}.dump());
  json answer = json::parse(response.body, nullptr, false);
  if (response.status == 200 && answer.is_object()) return answer;
  status = NoAnswer(response);
  status.reason = WithType(status.reason, ErrorType(answer));
  return nullptr;
}

class SageMaker : public RetrainTarget {
 public:
  SageMaker(SageMakerOptions options, std::shared_ptr<HttpClient> http)
      : RetrainTarget(options.name, options.routing, std::move(http)), options_(std::move(options)) {}

  OutboxRow Render(const IncidentEvent& event) const override {
    const std::string key = KeyOf(event);
    json parameters = json::array();
    for (const auto& [name, value] : Fill(options_.parameters, event, key))
      parameters.push_back({{"Name", name}, {"Value", Clip(value, kMaxValue)}});
    json body{{"PipelineName", options_.pipeline},
              {"PipelineExecutionDisplayName", "monitord-" + key},
              {"PipelineExecutionDescription", Clip(event.summary, kMaxDescription)},
              {"ClientRequestToken", key}};
    if (!parameters.empty()) body["PipelineParameters"] = std::move(parameters);
    return RowOf(body);
  }
  Outcome Send(const OutboxRow& row) override { return Start(http(), kSageMaker, options_.aws, row, ""); }
  bool follows_runs() const override { return true; }
  RunStatus Look(const RetrainRun& run) override {
    RunStatus status;
    const json answer = Describe(http(), kSageMaker, options_.aws, run, status);
    const std::string state = TextIn(answer, "PipelineExecutionStatus");
    if (state == "Succeeded") status.kind = RunStatus::Kind::kSucceeded;
    if (state != "Failed" && state != "Stopped") return status;
    const std::string why = TextIn(answer, "FailureReason");
    return {RunStatus::Kind::kFailed, "status " + state + (why.empty() ? "" : ": " + Clip(why, kMaxReason))};
  }

 private:
  const SageMakerOptions options_;
};

class StepFunctions : public RetrainTarget {
 public:
  StepFunctions(StepFunctionsOptions options, std::shared_ptr<HttpClient> http)
      : RetrainTarget(options.name, options.routing, std::move(http)), options_(std::move(options)) {}

  OutboxRow Render(const IncidentEvent& event) const override {
    const std::string key = KeyOf(event);
    return RowOf({{"stateMachineArn", options_.state_machine},
                  {"name", "monitord-" + key},
                  {"input", RetrainData(event, key).dump()}});
  }
  Outcome Send(const OutboxRow& row) override {
    return Start(http(), kStepFunctions, options_.aws, row, ExecutionArn("monitord-" + row.id));
  }
  bool follows_runs() const override { return true; }
  RunStatus Look(const RetrainRun& run) override {
    RunStatus status;
    const json answer = Describe(http(), kStepFunctions, options_.aws, run, status);
    const std::string state = TextIn(answer, "status");
    if (state == "SUCCEEDED") status.kind = RunStatus::Kind::kSucceeded;
    if (state != "FAILED" && state != "TIMED_OUT" && state != "ABORTED") return status;
    std::string why = TextIn(answer, "error");
    if (const std::string cause = TextIn(answer, "cause"); !cause.empty()) why += (why.empty() ? "" : ": ") + cause;
    return {RunStatus::Kind::kFailed, "status " + state + (why.empty() ? "" : ": " + Clip(why, kMaxReason))};
  }

 private:
  // arn:aws:states:<region>:<account>:stateMachine:<name> → …:execution:<name>:<execution>
  std::string ExecutionArn(const std::string& name) const {
    constexpr std::string_view kKind = ":stateMachine:";
    std::string arn = options_.state_machine;
    const std::size_t at = arn.find(kKind);
    return at == arn.npos ? "" : arn.replace(at, kKind.size(), ":execution:") + ":" + name;
  }

  const StepFunctionsOptions options_;
};

}  // namespace

std::shared_ptr<Target> MakeSageMaker(SageMakerOptions options, std::shared_ptr<HttpClient> http) {
  return std::make_shared<SageMaker>(std::move(options), std::move(http));
}

std::shared_ptr<Target> MakeStepFunctions(StepFunctionsOptions options, std::shared_ptr<HttpClient> http) {
  return std::make_shared<StepFunctions>(std::move(options), std::move(http));
}

}  // namespace alerts
