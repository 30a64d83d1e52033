// Airflow: a DAG run per request. API v2 (Airflow 3: POST /api/v2/dags/<dag>/dagRuns with `logical_date: null`, unknown
// keys refused) or v1 (Airflow 2).
//
// dag_run_id is monitord-<message id>, so that a second try of the same request answers 409, which counts as accepted.
// `conf` is the evidence. With user and password: HTTP Basic in v1; in v2 a token is fetched from /auth/token for each
// try. Otherwise a bearer token, or nothing. A run is followed by GET …/dagRuns/<run>; of one that failed, the tasks
// that failed are the reason (…/taskInstances?state=failed).
#pragma once

#include "alerts/targets/retrain/request.h"

namespace alerts {

struct AirflowOptions {
  std::string name;
  std::string url;  // without /api/…
  std::string dag;
  std::string api = "v2";  // or v1
  std::string token, user, password;
  Routing routing;
};
std::shared_ptr<Target> MakeAirflow(AirflowOptions options, std::shared_ptr<HttpClient> http);

}  // namespace alerts
