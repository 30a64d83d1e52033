#include "alerts/targets/retrain/airflow.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "alerts/messages/text.h"
#include "alerts/targets/answer.h"

namespace alerts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxNote = 1'000, kMostTasks = 5, kMostBytes = 1 << 20;

class Airflow : public RetrainTarget {
 public:
  Airflow(AirflowOptions options, std::shared_ptr<HttpClient> http)
      : RetrainTarget(options.name, options.routing, std::move(http)), options_(std::move(options)) {
    while (options_.url.ends_with('/')) options_.url.pop_back();
  }

  OutboxRow Render(const IncidentEvent& event) const override {
    const std::string key = KeyOf(event);
    json body{
        {"dag_run_id", "monitord-" + key}, {"conf", RetrainData(event, key)}, {"note", Clip(event.summary, kMaxNote)}};
    if (options_.api == "v2") body["logical_date"] = nullptr;
    return RowOf(body);
  }

  Outcome Send(const OutboxRow& row) override {
    HttpRequest request = RequestTo(options_.dag + "/dagRuns");
    request.headers = {{"content-type", row.content_type}};
    request.body = row.body;
    if (const auto refused = LogIn(request)) return OutcomeOfLogIn(*refused);
    const HttpResponse response = http().Send(request);
    Outcome outcome = response.status == 409 ? Outcome{} : OutcomeOf(response);
    if (outcome.kind == Outcome::Kind::kDelivered) outcome.remember = {{row.id, options_.dag + "/monitord-" + row.id}};
    return outcome;
  }

  bool follows_runs() const override { return true; }

  RunStatus Look(const RetrainRun& run) override {
    const std::size_t slash = run.reference.rfind('/');
    const std::string path = run.reference.substr(0, slash) + "/dagRuns/" + run.reference.substr(slash + 1);
    HttpRequest request = RequestTo(path);
    request.method = "GET";
    if (const auto refused = LogIn(request)) return {RunStatus::Kind::kUnknown, OutcomeOfLogIn(*refused).error};
    const HttpResponse response = http().Send(request);
    const std::string state = TextIn(json::parse(response.body, nullptr, false), "state");
    if (response.status != 200 || state.empty()) return NoAnswer(response);
    if (state == "success") return {RunStatus::Kind::kSucceeded};
    if (state != "failed") return {RunStatus::Kind::kRunning};
    request.url += "/taskInstances?state=failed&limit=" + std::to_string(kMostTasks);
    return {RunStatus::Kind::kFailed, FailedTasks(json::parse(http().Send(request).body, nullptr, false))};
  }

 private:
  HttpRequest RequestTo(const std::string& path) const {
    HttpRequest request;
    request.url = options_.url + "/api/" + options_.api + "/dags/" + path;
    request.most_bytes = kMostBytes;
    return request;
  }

  // Adds what proves who asks. The answer of the log-in where it gave no token.
  std::optional<HttpResponse> LogIn(HttpRequest& request) {
    if (!options_.token.empty()) {
      request.headers.emplace_back("authorization", "Bearer " + options_.token);
    } else if (!options_.user.empty() && options_.api == "v1") {
      request.user = options_.user;
      request.password = options_.password;
    } else if (!options_.user.empty()) {
      HttpRequest login;
      login.url = options_.url + "/auth/token";
      login.headers = {{"content-type", "application/json"}};
      login.body = json{{"username", options_.user}, {"password", options_.password}}.dump();
      const HttpResponse response = http().Send(login);
      const std::string token = TextIn(json::parse(response.body, nullptr, false), "access_token");
      if (token.empty()) return response;
      request.headers.emplace_back("authorization", "Bearer " + token);
    }
    return std::nullopt;
  }

  static Outcome OutcomeOfLogIn(const HttpResponse& response) {
    Outcome refused = OutcomeOf(response);
    if (refused.kind == Outcome::Kind::kDelivered) refused.kind = Outcome::Kind::kRetry;
    refused.error =
        "log-in at /auth/token: " + (refused.error.empty() ? "no access_token in the answer" : refused.error);
    return refused;
  }

  // Airflow keeps no reason with a run: the tasks that failed are it.
  static std::string FailedTasks(const json& answer) {
    if (!answer.is_object() || !answer.contains("task_instances") || !answer.at("task_instances").is_array())
      return "the DAG run failed";
    std::string tasks;
    for (const json& task : answer.at("task_instances")) {
      if (const std::string id = TextIn(task, "task_id"); !id.empty()) tasks += (tasks.empty() ? "" : ", ") + id;
    }
    return tasks.empty() ? "the DAG run failed" : "failed in task " + Clip(tasks, kMaxReason);
  }

  AirflowOptions options_;
};

}  // namespace

std::shared_ptr<Target> MakeAirflow(AirflowOptions options, std::shared_ptr<HttpClient> http) {
  return std::make_shared<Airflow>(std::move(options), std::move(http));
}

}  // namespace alerts
