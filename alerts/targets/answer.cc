#include "alerts/targets/answer.h"

namespace alerts {

Outcome OutcomeOf(const HttpResponse& response) {
  using Kind = Outcome::Kind;
  const int status = response.status;
  if (status >= 200 && status < 300) return {Kind::kDelivered, "", {}};
  std::optional<std::chrono::seconds> retry_after;
  if (response.retry_after_s) retry_after = std::chrono::seconds(*response.retry_after_s);
  if (status == 0) return {Kind::kRetry, response.error, retry_after};
  const std::string error = "HTTP " + std::to_string(status);
  if (status < 200 || status >= 500 || status == 408 || status == 425 || status == 429) {
    return {Kind::kRetry, error, retry_after};
  }
  if (status == 410) return {Kind::kGone, error + ": the endpoint is gone", {}};
  if (status < 400) return {Kind::kGiveUp, error + ": redirects are not followed", {}};
  return {Kind::kGiveUp, error, {}};
}

RunStatus NoAnswer(const HttpResponse& response) {
  const Outcome outcome = OutcomeOf(response);
  return {RunStatus::Kind::kUnknown,
          outcome.error.empty() ? "the answer does not say how the run stands" : outcome.error, outcome.retry_after};
}

}  // namespace alerts
