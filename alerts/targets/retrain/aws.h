// SageMaker StartPipelineExecution and Step Functions StartExecution: requests signed by AWS Signature Version 4
// (libcurl's).
//
// Idempotent by ClientRequestToken, and by the execution's name (unique for 90 days; ExecutionAlreadyExists counts as
// accepted). Throttling and exceeded limits are tried again; what else AWS refuses is given up. The execution is
// followed by its ARN: DescribePipelineExecution, DescribeExecution (which the credentials must allow, and which
// standard workflows alone have).
#pragma once

#include "alerts/targets/retrain/request.h"

namespace alerts {

struct AwsAccess {
  std::string region;
  std::string access_key, secret_key, session_token;  // secrets; the token may be empty
  std::string url;                                    // empty: the service's own of the region
};

struct SageMakerOptions {
  std::string name;
  AwsAccess aws;
  std::string pipeline;
  std::map<std::string, std::string> parameters;  // that the pipeline declares, with place-holders, see request.h
  Routing routing;
};
std::shared_ptr<Target> MakeSageMaker(SageMakerOptions options, std::shared_ptr<HttpClient> http);

struct StepFunctionsOptions {
  std::string name;
  AwsAccess aws;
  std::string state_machine;  // ARN
  Routing routing;
};
// The evidence is the execution's input.
std::shared_ptr<Target> MakeStepFunctions(StepFunctionsOptions options, std::shared_ptr<HttpClient> http);

}  // namespace alerts
