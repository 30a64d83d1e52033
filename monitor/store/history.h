// History: what the API reads of the past — closed windows, alerts, rejects — over a read-only connection of its own.
//
// Sees committed transactions only. One History per reading thread (it is not thread-safe); cheap to open. Rows keep
// the JSON that the API answers with, so reading a list is a concatenation. Throws StoreError when the database cannot
// be read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "monitor/store/outbox_list.h"
#include "monitor/store/state_store.h"

namespace monitor {

class Sqlite;

struct HistoryQuery {
  std::string model;  // empty: all
  std::optional<std::string> version, variant;
  std::optional<std::int64_t> from_ns,
      to_ns;                 // by start of the window, start of the alert, time of the reject: from ≤ t < to
  std::string feature;       // windows: only this feature; alerts: only its alerts
  std::size_t limit = 1000;  // the newest are kept; the answer is in ascending time
};

class History {
 public:
  explicit History(const std::filesystem::path& database);
  explicit History(Sqlite& shared);  // replay: reads through the writer's own connection
  ~History();

  nlohmann::json Windows(const HistoryQuery& query) const;  // {"windows":[…]}
  nlohmann::json Alerts(const HistoryQuery& query) const;   // {"alerts":[…]}
  // Cohorts as they are stored, newest kept, ascending; `query.limit` counts steps.
  std::vector<StoredCohort> Cohorts(const HistoryQuery& query) const;
  std::optional<std::string> LabelFacts(const std::string& model) const;
  std::optional<std::string> ProfileJson(const std::string& digest) const;
  std::optional<nlohmann::json> Alert(
      const std::string& id_prefix) const;  // with "actions": what operators did about it; and "account": how its
                                            // alarms were computed (evidence_account.h)
  // {"audit":[{"time","action","subject","model","by","comment"}]}: what operators did, the newest `limit`
  nlohmann::json Audit(std::size_t limit) const;
  nlohmann::json Silences()
      const;  // {"silences":[{"id","model","variant","feature","cause","from","to","by","comment"}]}
  nlohmann::json Outbox(const OutboxQuery& query) const;  // {"outbox":[…]}: store/outbox_list.h
  nlohmann::json Rejects(const HistoryQuery& query)
      const;  // {"rejects":[{"model","reason","time","topic","partition","offset","payload","hint"}]}
  nlohmann::json Retrains(const HistoryQuery& query)
      const;  // {"retrains":[{"id","model","target","state","cause","requested_at","incident",…}]}:
              // judge/operator/retrain_ledger.h

 private:
  std::unique_ptr<Sqlite> owned_;
  Sqlite* db_;
};

}  // namespace monitor
