// Kubeflow Pipelines, API v2beta1: a run per request.
//
// The API has no idempotency key, so every try first looks for a run called monitord-<message id> (GET with a filter by
// name) and starts one (POST /apis/v2beta1/runs) only where there is none: a try whose answer was lost starts nothing
// twice. A run is followed by GET /apis/v2beta1/runs/<run_id>.
#pragma once

#include "alerts/targets/retrain/request.h"

namespace alerts {

struct KubeflowOptions {
  std::string name;
  std::string url;                                              // without /apis/…
  std::string pipeline_id, pipeline_version_id, experiment_id;  // the latter two may be empty
  std::map<std::string, std::string> parameters;                // with place-holders, see request.h
  std::string pipeline_root, service_account;                   // may be empty
  std::string token;
  Routing routing;
};
std::shared_ptr<Target> MakeKubeflow(KubeflowOptions options, std::shared_ptr<HttpClient> http);

}  // namespace alerts
