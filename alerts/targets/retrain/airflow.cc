#include "alerts/targets/retrain/airflow.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "alerts/targets/answer.h"
#include "alerts/text.h"

namespace alerts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxNote = 1'000;

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
    HttpRequest request;
    request.url = options_.url + "/api/" + options_.api + "/dags/" + options_.dag + "/dagRuns";
    request.headers = {{"content-type", row.content_type}};
    request.body = row.body;
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
      const json answer = json::parse(response.body, nullptr, false);
      if (!answer.is_object() || !answer.contains("access_token") || !answer.at("access_token").is_string()) {
        Outcome refused = OutcomeOf(response);
        if (refused.kind == Outcome::Kind::kDelivered) refused.kind = Outcome::Kind::kRetry;
        refused.error =
            "log-in at /auth/token: " + (refused.error.empty() ? "no access_token in the answer" : refused.error);
        return refused;
      }
      request.headers.emplace_back("authorization", "Bearer " + answer.at("access_token").get<std::string>());
    }
    const HttpResponse response = http().Send(request);
    Outcome outcome = response.status == 409 ? Outcome{} : OutcomeOf(response);
    if (outcome.kind == Outcome::Kind::kDelivered) outcome.remember = {{row.id, options_.dag + "/monitord-" + row.id}};
    return outcome;
  }

 private:
  AirflowOptions options_;
};

}  // namespace

std::shared_ptr<Target> MakeAirflow(AirflowOptions options, std::shared_ptr<HttpClient> http) {
  return std::make_shared<Airflow>(std::move(options), std::move(http));
}

}  // namespace alerts
