// RetrainLedger: every retraining that was asked for and what became of it, and the guard rails that keep requests
// apart.
//
// state: awaiting_approval | requested | approved | dry_run → accepted | failed → succeeded | failed (the end of the
// run, of targets that can be asked) → deployed (records of a version that was unknown at the request). `run` of an
// accepted one: running | succeeded | failed | unknown | given_up (alerts/retrain_run.h). `outcome` of a deployed one,
// once its first full window has closed: helped | did_not_help | unclear. Times are the daemon's wall clock; in a
// replay, which has none, event time. Records are few (cooldown) and kept in memory whole. Owned by the judge's thread;
// Save belongs into the checkpoint transaction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "monitor/daemon/config/config.h"
#include "monitor/store/state_store.h"

namespace monitor {

struct RetrainRecord {
  std::string id, model, target;
  std::int64_t requested_ns = 0;
  std::string message;  // id of the outbox row
  nlohmann::json api;   // as the API shows it; `state` and all that is known besides
  std::string state() const { return api.at("state"); }
};

class RetrainLedger {
 public:
  explicit RetrainLedger(StateStore& store);

  // Empty, or the guard rail that holds a request back now: cooldown, max_per_day.
  std::string HeldBackBy(const RetrainConfig& target, const std::string& model, std::int64_t now_ns) const;
  RetrainRecord& Add(RetrainRecord record);
  // By the beginning of the id. Throws std::invalid_argument when there are several.
  RetrainRecord* Find(const std::string& id_prefix);
  RetrainRecord* OfMessage(const std::string& message);
  std::vector<RetrainRecord*> InState(const std::string& state);
  // Of accepted requests whose run is not known to be over.
  std::vector<alerts::RetrainRun> RunsToFollow() const;
  // Sets keys of the record's API form.
  void Change(RetrainRecord& record, const nlohmann::json& keys);
  void Save(StateStore& store);

 private:
  std::map<std::string, RetrainRecord> records_;
  std::set<std::string> changed_;
};

}  // namespace monitor
