// OperatorDesk: silences in force, and what operators did since the last commit: audit entries, changed silences, what
// targets remember, and the answers that wait until all of it is committed.
//
// Owned by the judge, whose thread alone calls it. Save belongs into the checkpoint transaction, AnswerAll after it.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "monitor/judge/operator/operator_action.h"
#include "monitor/store/operator_store.h"

namespace monitor {

class OperatorDesk {
 public:
  OperatorDesk(Sqlite& db, std::int64_t wall_ns) : store_(db), silences_(store_.Silences(wall_ns)) {}

  const std::vector<alerts::Silence>& silences() const { return silences_; }
  // Adds the silence, or replaces the one with its id.
  void Put(const alerts::Silence& silence);
  void Note(AuditEntry entry) { audit_.push_back(std::move(entry)); }
  void Remember(const std::string& target, const std::string& key, const std::string& value) {
    memory_.emplace_back(target, key, value);
  }
  std::map<std::string, std::string> Memory(const std::string& target) { return store_.Memory(target); }  // committed
  void AnswerLater(AnswerAction answer, ActionAnswer what) {
    answers_.emplace_back(std::move(answer), std::move(what));
  }

  void Save(std::int64_t wall_ns);  // writes what is new and forgets silences that are over
  void AnswerAll();

 private:
  OperatorStore store_;
  std::vector<alerts::Silence> silences_, changed_silences_;
  std::vector<AuditEntry> audit_;
  std::vector<std::tuple<std::string, std::string, std::string>> memory_;
  std::vector<std::pair<AnswerAction, ActionAnswer>> answers_;
};

}  // namespace monitor
