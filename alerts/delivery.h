// Delivery: the thread that sends outbox rows to their targets, in order per target, and reports every try.
//
// The judge enqueues rows that are already committed and gets each row back through `report` after every try (a
// mailbox: it is called on the delivery threads and must only hand over). Delivery itself stores nothing; after a
// restart the judge enqueues the pending rows again. One thread per target, so a slow or dead target delays nobody
// else; rows of one target never overtake each other, a row that waits for its next try holds back those behind it.
// Threads: Enqueue, pending and Stop may be called from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "alerts/outbox.h"

namespace alerts {

class Delivery {
 public:
  using WallClock = std::function<std::int64_t()>;  // ns since 1970
  using Random = std::function<double()>;           // 0..1, called on delivery threads
  using Report = std::function<void(const OutboxRow&)>;

  Delivery(std::vector<std::shared_ptr<Target>> targets, WallClock clock, Random random, Report report);
  ~Delivery();  // stops

  // Rows of a target that is not configured any more are reported dead at once.
  void Enqueue(std::vector<OutboxRow> rows);
  // Replaces the targets after a reload; rows in flight go on with the target of the same name.
  void SetTargets(std::vector<std::shared_ptr<Target>> targets);
  std::map<std::string, std::uint64_t> pending() const;  // rows not yet delivered, by target
  void Stop();  // waits for tries in flight (bounded by their time-outs, cut short where possible)

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace alerts
