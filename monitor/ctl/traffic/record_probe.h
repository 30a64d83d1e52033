// RecordProbe: messages of one model's topics → every record as the daemon's own decoders read it, one by one.
//
// Counts nothing. Halves of calls are paired by id here, whatever their times are, so that a record is seen as soon as
// both were given. Not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "monitor/ctl/traffic/sampled_message.h"
#include "monitor/ingest/counting_plan.h"
#include "monitor/ingest/record_filler.h"

namespace monitor {

class ShardCounter;

class RecordProbe {
 public:
  // `message`: that the record was read from; of a pair the one that completed it. `body`: what it was decoded from; of
  // a pair the request.
  struct Seen {
    const DecodedRecord& record;
    const SampledMessage& message;
    std::string_view body;
  };
  using Sink = std::function<void(const Seen&)>;

  RecordProbe(const CountingPlan& plan, Sink sink);
  ~RecordProbe();

  // Messages of topics that the plan does not have, or that bring labels, are left out.
  void Take(const SampledMessage& message);

 private:
  void Pair(ShardCounter& counter);

  const CountingPlan& plan_;
  Sink sink_;
  const SampledMessage* message_ = nullptr;
  std::map<std::string, std::unique_ptr<ShardCounter>> counters_;  // by topic
  std::map<std::string, CallHalf> halves_;                         // by id, that wait for the other one
  std::vector<Header> headers_;
};

}  // namespace monitor
