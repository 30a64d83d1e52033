#include "alerts/targets/retrain/aws.h"

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "alerts/targets/answer.h"
#include "alerts/text.h"

namespace alerts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxValue = 1'024, kMaxDescription = 3'000;

struct Service {
  const char* name;    // of the signature
  const char* host;    // <host>.<region>.amazonaws.com
  const char* action;  // X-Amz-Target
  const char* content_type;
};
constexpr Service kSageMaker{"sagemaker", "api.sagemaker", "SageMaker.StartPipelineExecution",
                             "application/x-amz-json-1.1"};
constexpr Service kStepFunctions{"states", "states", "AWSStepFunctions.StartExecution", "application/x-amz-json-1.0"};

// "com.amazonaws.states#ExecutionAlreadyExists" → ExecutionAlreadyExists; empty where the answer has none.
std::string ErrorType(const json& answer) {
  if (!answer.is_object() || !answer.contains("__type") || !answer.at("__type").is_string()) return "";
  const std::string type = answer.at("__type");
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

Outcome Call(HttpClient& http, const Service& service, const AwsAccess& aws, const OutboxRow& row, const char* arn) {
  HttpRequest request;
  request.url =
      aws.url.empty() ? "https://" + std::string(service.host) + "." + aws.region + ".amazonaws.com/" : aws.url;
  request.headers = {{"Content-Type", service.content_type}, {"X-Amz-Target", service.action}};
  if (!aws.session_token.empty()) request.headers.emplace_back("X-Amz-Security-Token", aws.session_token);
  request.body = row.body;
  request.user = aws.access_key;
  request.password = aws.secret_key;
  request.aws_scope = aws.region + ":" + service.name;
  const HttpResponse response = http.Send(request);
  Outcome outcome = OutcomeOf(response);
  const json answer = json::parse(response.body, nullptr, false);
  if (outcome.kind == Outcome::Kind::kDelivered) {
    const bool told = answer.is_object() && answer.contains(arn) && answer.at(arn).is_string();
    outcome.remember = {{row.id, told ? answer.at(arn).get<std::string>() : ""}};
    return outcome;
  }
  const std::string type = ErrorType(answer);
  if (type == "ExecutionAlreadyExists") return {};
  if (WillPass(type)) outcome.kind = Outcome::Kind::kRetry;
  if (!type.empty() && response.status >= 400) outcome.error += " (" + Clip(type, 60) + ")";
  return outcome;
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
  Outcome Send(const OutboxRow& row) override {
    return Call(http(), kSageMaker, options_.aws, row, "PipelineExecutionArn");
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
    return Call(http(), kStepFunctions, options_.aws, row, "executionArn");
  }

 private:
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
