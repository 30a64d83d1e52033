#include "monitor/judge/pair_book.h"

#include <algorithm>

#include "monitor/ingest/shard_counter.h"
#include "monitor/ingest/timestamp.h"

namespace monitor {
namespace {

constexpr const char* kTable = R"sql(
-- Halves of calls that wait for their other half.
CREATE TABLE IF NOT EXISTS call_half(model TEXT, id TEXT, response INTEGER, time_ns INTEGER, version TEXT, variant TEXT, payload BLOB,
                                     PRIMARY KEY(model, id)) WITHOUT ROWID;
)sql";
constexpr std::size_t kBytesPerEntry = 300;  // besides id and payload, about

std::size_t BytesOf(const CallHalf& half) { return kBytesPerEntry + 2 * half.id.size() + half.payload.size(); }

// What the pairs of a delta gave, as part of it.
void MoveInto(ShardDelta& delta, ShardDelta pairs) {
  pairs.CountRows();
  for (const auto& [model, counters] : pairs.counters) delta.counters[model].Add(counters);
  for (auto& [key, pane] : pairs.panes) {
    const auto [own, fresh] = delta.panes.try_emplace(key);
    if (fresh) {
      own->second = std::move(pane);
    } else {
      own->second.Merge(pane);
    }
  }
  for (auto& [key, batch] : pairs.predictions) delta.predictions.insert_or_assign(key, std::move(batch));
  for (RejectSample& sample : pairs.samples) delta.samples.push_back(std::move(sample));
}

}  // namespace

PairBook::PairBook(Sqlite& db, std::string model) : db_(db), model_(std::move(model)) {
  db_.Run(kTable);
  Statement rows(db_, "SELECT id, response, time_ns, version, variant, payload FROM call_half WHERE model=?");
  rows.Bind(model_);
  while (rows.Step()) {
    Keep({rows.Int(1) != 0, std::string(rows.Text(0)), rows.Int(2), std::string(rows.Text(3)),
          std::string(rows.Text(4)), std::string(rows.Blob(5))},
         true);
  }
}

void PairBook::Keep(CallHalf half, bool stored) {
  bytes_ += BytesOf(half);
  by_time_.emplace(half.time_ns, half.id);
  if (!stored) fresh_.push_back(half.id);
  std::string id = half.id;
  entries_[std::move(id)] = {std::move(half), false, stored};
}

void PairBook::Forget(Entries::iterator entry) {
  bytes_ -= BytesOf(entry->second.half);
  if (std::exchange(entry->second.stored, false)) gone_.push_back(entry->first);
}

CallHalf PairBook::Drop(Entries::iterator entry) {
  if (!entry->second.whole) Forget(entry);
  by_time_.erase({entry->second.half.time_ns, entry->first});
  CallHalf half = std::move(entry->second.half);
  entries_.erase(entry);
  return half;
}

void PairBook::Join(ShardDelta& delta, std::int64_t largest_ns) {
  const auto halves = delta.halves.find(model_);
  if (halves == delta.halves.end()) return;
  ShardCounter counter(delta.shard, plan_, {});
  for (CallHalf& half : halves->second) {
    largest_ns = std::max(largest_ns, half.time_ns);
    const auto found = entries_.find(half.id);
    if (found == entries_.end()) {
      Keep(std::move(half), false);
      while (bytes_ > kMostBytes) {
        const auto oldest = entries_.find(by_time_.begin()->second);
        const bool whole = oldest->second.whole;
        CallHalf dropped = Drop(oldest);
        if (!whole) given_up_.push_back(std::move(dropped));
      }
      continue;
    }
    Entry& entry = found->second;
    if (entry.whole || entry.half.response == half.response) {
      ++delta.counters[model_].skipped;
      continue;
    }
    counter.AddPair(half.response ? entry.half : half, half.response ? half : entry.half, largest_ns);
    Forget(found);
    entry.whole = true;
    entry.half.payload = {};
    whole_.push_back(found->first);
  }
  for (; whole_.size() > kMostWhole; whole_.pop_front()) {
    const auto oldest = entries_.find(whole_.front());
    if (oldest != entries_.end() && oldest->second.whole) Drop(oldest);
  }
  delta.halves.erase(halves);
  MoveInto(delta, counter.Take());
}

std::vector<CallHalf> PairBook::Expire(std::int64_t watermark_ns) {
  std::vector<CallHalf> orphans = std::exchange(given_up_, {});
  while (!by_time_.empty() && SaturatingAdd(by_time_.begin()->first, TimeToLive()) <= watermark_ns) {
    const auto oldest = entries_.find(by_time_.begin()->second);
    const bool whole = oldest->second.whole;
    CallHalf half = Drop(oldest);
    if (!whole) orphans.push_back(std::move(half));
  }
  return orphans;
}

void PairBook::Save() {
  if (!gone_.empty()) {
    Statement drop(db_, "DELETE FROM call_half WHERE model=? AND id=?");
    for (const std::string& id : gone_) drop.Bind(model_).Bind(id).Execute();
    gone_.clear();
  }
  if (fresh_.empty()) return;
  Statement put(db_, "INSERT OR REPLACE INTO call_half VALUES(?,?,?,?,?,?,?)");
  for (const std::string& id : fresh_) {
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.whole || found->second.stored) continue;
    const CallHalf& half = found->second.half;
    put.Bind(model_).Bind(id).Bind(std::int64_t{half.response}).Bind(half.time_ns).Bind(half.version);
    put.Bind(half.variant).BindBlob(half.payload).Execute();
    found->second.stored = true;
  }
  fresh_.clear();
}

}  // namespace monitor
