#include "monitor/judge/operator/retrain_ledger.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "baselines/values/timestamp.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr std::int64_t kDayNs = 86'400'000'000'000;

}  // namespace

RetrainLedger::RetrainLedger(StateStore& store) {
  Statement rows(store.db(), "SELECT id,model,target,requested_ns,api FROM retrain");
  while (rows.Step()) {
    RetrainRecord record{
        std::string(rows.Text(0)),          std::string(rows.Text(1)), std::string(rows.Text(2)), rows.Int(3), "",
        nlohmann::json::parse(rows.Text(4))};
    record.message = record.api.value("message", "");
    records_.emplace(record.id, std::move(record));
  }
}

std::string RetrainLedger::HeldBackBy(const RetrainConfig& target, const std::string& model,
                                      std::int64_t now_ns) const {
  const auto within = [&](std::int64_t length) {
    return std::count_if(records_.begin(), records_.end(), [&](const auto& entry) {
      const RetrainRecord& record = entry.second;
      return record.model == model && record.target == target.name && record.requested_ns > now_ns - length;
    });
  };
  if (within(target.cooldown.count()) > 0) return "cooldown";
  if (within(kDayNs) >= target.max_per_day) return "max_per_day";
  return "";
}

RetrainRecord& RetrainLedger::Add(RetrainRecord record) {
  changed_.insert(record.id);
  const std::string id = record.id;
  return records_.insert_or_assign(id, std::move(record)).first->second;
}

RetrainRecord* RetrainLedger::Find(const std::string& id_prefix) {
  const auto at = records_.lower_bound(id_prefix);
  if (at == records_.end() || !at->first.starts_with(id_prefix)) return nullptr;
  const auto next = std::next(at);
  if (at->first != id_prefix && next != records_.end() && next->first.starts_with(id_prefix)) {
    throw std::invalid_argument("`" + id_prefix + "` is the beginning of more than one id; give more digits");
  }
  return &at->second;
}

RetrainRecord* RetrainLedger::OfMessage(const std::string& message) {
  for (auto& [id, record] : records_) {
    if (record.message == message) return &record;
  }
  return nullptr;
}

std::vector<RetrainRecord*> RetrainLedger::InState(const std::string& state) {
  std::vector<RetrainRecord*> found;
  for (auto& [id, record] : records_) {
    if (record.api.at("state") == state) found.push_back(&record);
  }
  return found;
}

std::vector<alerts::RetrainRun> RetrainLedger::RunsToFollow() const {
  std::vector<alerts::RetrainRun> runs;
  for (const auto& [id, record] : records_) {
    const nlohmann::json reference = record.api.value("reference", nlohmann::json());
    const auto accepted = record.api.find("accepted_at");
    if (accepted == record.api.end() || !reference.is_string() || record.api.contains("run_ended_at")) continue;
    const auto accepted_ns = baselines::ParseTimestamp(accepted->get<std::string>());
    if (accepted_ns) runs.push_back({record.message, record.target, reference.get<std::string>(), *accepted_ns});
  }
  return runs;
}

void RetrainLedger::Change(RetrainRecord& record, const nlohmann::json& keys) {
  record.api.update(keys);
  changed_.insert(record.id);
}

void RetrainLedger::Save(StateStore& store) {
  for (const std::string& id : std::exchange(changed_, {})) {
    const RetrainRecord& record = records_.at(id);
    store.PutRetrain(record.id, record.model, record.target, record.requested_ns, record.api.dump());
  }
}

}  // namespace monitor
