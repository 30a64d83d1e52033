// Delivery: the thread that sends outbox rows to their targets, in order per target, and reports every try.
//
// The judge enqueues rows that are already committed and gets each row back through `report` after every try (a
// mailbox: it is called on the delivery threads, or by Enqueue for a row without target, and must only hand over).
// Delivery itself stores nothing; after a restart the judge enqueues the pending rows again. One thread per target, so
// a slow or dead target delays nobody else; rows of one target never overtake each other, a row that waits for its next
// try holds back those behind it, a dead one does not.
// After several failures in a row a target is left alone for a while (circuit_breaker.h). One that answers that it is
// gone (HTTP 410) is disabled until the next reload or start: its rows are reported dead, and can be sent again later.
// What an accepted request for retraining started is followed to its end on the same thread (retrain_run.h), between
// rows, never before a row that is due; changes are handed to `report_run`. A row is due when the wall clock reaches
// its next attempt, looked at every second and at every Enqueue, or when the steady time until then has passed: a clock
// that jumps back delays nothing beyond the schedule. Threads: Enqueue, Follow, SetTargets, pending and Stop may be
// called from any thread but those that call `report` or `report_run`.
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
  using WallClock = std::function<std::int64_t()>;  // ns since 1970; called on any of the threads
  using Random = std::function<double()>;           // 0..1, called on delivery threads, several at a time
  using Report = std::function<void(const OutboxRow&)>;
  using ReportRun = std::function<void(const RetrainRun&, const RunStatus&)>;

  Delivery(std::vector<std::shared_ptr<Target>> targets, WallClock clock, Random random, Report report,
           ReportRun report_run);
  ~Delivery();  // stops
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // Rows of a target that is not configured any more are reported dead at once. A row that already waits takes the new
  // one's schedule, or is taken out without a report where the new one is dead. After Stop rows are left as they are.
  void Enqueue(std::vector<OutboxRow> rows);
  // Runs whose end was not known at the last stop, or before their target was configured again; those of other targets
  // are left out.
  void Follow(const std::vector<RetrainRun>& runs);
  // Replaces the targets after a reload; rows in flight go on with the target of the same name, those of a target that
  // is gone are reported dead.
  void SetTargets(std::vector<std::shared_ptr<Target>> targets);
  std::map<std::string, std::uint64_t> pending() const;  // rows not yet delivered, by target; 0 for idle targets
  // Interrupts tries in flight and waits for them. What was cut short is not reported, so it stays pending in the
  // store.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace alerts
