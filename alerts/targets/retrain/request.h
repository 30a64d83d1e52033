// What every retrain trigger of a pipeline service has in common: which events it takes, the data it hands over, and
// parameters with place-holders.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "alerts/http_client.h"
#include "alerts/outbox.h"
#include "alerts/routing.h"

namespace alerts {

class RetrainTarget : public Target {
 public:
  // Severity is not looked at.
  RetrainTarget(std::string name, Routing routing, std::shared_ptr<HttpClient> http);

  const std::string& name() const override { return name_; }
  bool Wants(const IncidentEvent& event) const override;
  void Interrupt() override { http_->Interrupt(); }

 protected:
  OutboxRow RowOf(const nlohmann::json& body) const;
  // The id of the message about `event`, the idempotency key at the service.
  std::string KeyOf(const IncidentEvent& event) const;
  HttpClient& http() const { return *http_; }

 private:
  const std::string name_;
  Routing routing_;
  const std::shared_ptr<HttpClient> http_;
};

// The evidence: `data` of the webhook's body (model, version, cause, summary, began_at, alerts …), and "retrain", the
// id of the request.
nlohmann::json RetrainData(const IncidentEvent& event, const std::string& key);

// A text of a JSON object; empty where there is none of that name.
std::string TextIn(const nlohmann::json& object, const char* key);
// The longest reason for a run's failure that is kept.
inline constexpr std::size_t kMaxReason = 500;

// `text` with {model}, {version}, {variant}, {cause}, {severity}, {incident}, {summary}, {began_at}, {retrain} and
// {evidence} (all of RetrainData as JSON) filled in.
std::string Fill(const std::string& text, const IncidentEvent& event, const std::string& key);
// The same for every value.
std::map<std::string, std::string> Fill(const std::map<std::string, std::string>& parameters,
                                        const IncidentEvent& event, const std::string& key);

}  // namespace alerts
