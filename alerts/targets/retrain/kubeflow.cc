#include "alerts/targets/retrain/kubeflow.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "alerts/messages/text.h"
#include "alerts/targets/answer.h"

namespace alerts {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxDescription = 1'000;
constexpr std::size_t kMostBytes = 16 << 20;  // a run's answer has its pipeline's specification and its tasks

class Kubeflow : public RetrainTarget {
 public:
  Kubeflow(KubeflowOptions options, std::shared_ptr<HttpClient> http)
      : RetrainTarget(options.name, options.routing, std::move(http)), options_(std::move(options)) {
    while (options_.url.ends_with('/')) options_.url.pop_back();
    options_.url += "/apis/v2beta1/runs";
  }

  OutboxRow Render(const IncidentEvent& event) const override {
    const std::string key = KeyOf(event);
    json pipeline{{"pipeline_id", options_.pipeline_id}};
    if (!options_.pipeline_version_id.empty()) pipeline["pipeline_version_id"] = options_.pipeline_version_id;
    json body{{"display_name", "monitord-" + key},
              {"description", Clip(event.summary, kMaxDescription)},
              {"pipeline_version_reference", pipeline},
              {"runtime_config", {{"parameters", Fill(options_.parameters, event, key)}}}};
    if (!options_.experiment_id.empty()) body["experiment_id"] = options_.experiment_id;
    if (!options_.pipeline_root.empty()) body["runtime_config"]["pipeline_root"] = options_.pipeline_root;
    if (!options_.service_account.empty()) body["service_account"] = options_.service_account;
    return RowOf(body);
  }

  Outcome Send(const OutboxRow& row) override {
    const json filter{
        {"predicates",
         json::array({{{"operation", "EQUALS"}, {"key", "name"}, {"string_value", "monitord-" + row.id}}})}};
    HttpRequest look;
    look.method = "GET";
    look.url = options_.url + "?page_size=1&filter=" + PercentEncode(filter.dump());
    if (!options_.experiment_id.empty()) look.url += "&experiment_id=" + PercentEncode(options_.experiment_id);
    look.headers = Headers();
    look.most_bytes = kMostBytes;
    const HttpResponse found = http().Send(look);
    Outcome outcome = OutcomeOf(found);
    if (outcome.kind != Outcome::Kind::kDelivered) {
      outcome.error = "looking for the run: " + outcome.error;
      return outcome;
    }
    const json answer = json::parse(found.body, nullptr, false);
    if (!answer.is_object()) return {Outcome::Kind::kRetry, "looking for the run: the answer is no JSON", {}};
    if (answer.contains("runs") && answer.at("runs").is_array() && !answer.at("runs").empty()) {
      outcome.remember = {{row.id, TextIn(answer.at("runs").front(), "run_id")}};
      return outcome;
    }
    HttpRequest start;
    start.url = options_.url;
    start.headers = Headers();
    start.body = row.body;
    start.most_bytes = kMostBytes;
    const HttpResponse response = http().Send(start);
    outcome = OutcomeOf(response);
    if (outcome.kind == Outcome::Kind::kDelivered)
      outcome.remember = {{row.id, TextIn(json::parse(response.body, nullptr, false), "run_id")}};
    return outcome;
  }

  bool follows_runs() const override { return true; }

  RunStatus Look(const RetrainRun& run) override {
    HttpRequest request;
    request.method = "GET";
    request.url = options_.url + "/" + PercentEncode(run.reference);
    request.headers = Headers();
    request.most_bytes = kMostBytes;
    const HttpResponse response = http().Send(request);
    const json answer = json::parse(response.body, nullptr, false);
    const std::string state = TextIn(answer, "state");
    if (response.status != 200 || state.empty()) return NoAnswer(response);
    if (state == "SUCCEEDED") return {RunStatus::Kind::kSucceeded};
    if (state != "FAILED" && state != "CANCELED" && state != "SKIPPED") return {RunStatus::Kind::kRunning};
    const std::string why = answer.contains("error") ? TextIn(answer.at("error"), "message") : "";
    return {RunStatus::Kind::kFailed, "state " + state + (why.empty() ? "" : ": " + Clip(why, kMaxReason))};
  }

 private:
  std::vector<std::pair<std::string, std::string>> Headers() const {
    std::vector<std::pair<std::string, std::string>> headers{{"content-type", "application/json"}};
    if (!options_.token.empty()) headers.emplace_back("authorization", "Bearer " + options_.token);
    return headers;
  }

  KubeflowOptions options_;
};

}  // namespace

std::shared_ptr<Target> MakeKubeflow(KubeflowOptions options, std::shared_ptr<HttpClient> http) {
  return std::make_shared<Kubeflow>(std::move(options), std::move(http));
}

}  // namespace alerts
