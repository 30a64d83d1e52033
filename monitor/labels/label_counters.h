// LabelCounters: what became of the labels of one model. Every label is in exactly one of them, or waits.
//
// A value type; part of every checkpoint, so no counter ever steps back. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>

#include "detectors/encoding.h"
#include "monitor/ingest/reject.h"

namespace monitor {

struct LabelCounters {
  std::uint64_t joined = 0;
  std::uint64_t corrected = 0;  // changed the label of a prediction
  std::uint64_t duplicate = 0;  // said the same again
  std::uint64_t unmatched = 0;  // no prediction that it could belong to, in time
  std::uint64_t late = 0;       // more than max_delay after its prediction
  std::uint64_t unsampled = 0;  // of an id that the index has no room for
  std::array<std::uint64_t, kRejects> rejects{};
  std::uint64_t waiting = 0;  // not settled yet

  std::uint64_t rejected() const { return std::accumulate(rejects.begin(), rejects.end(), std::uint64_t{0}); }

  void Add(const LabelCounters& other) {
    Each(other, [](std::uint64_t& mine, std::uint64_t theirs) { mine += theirs; });
  }
  // What has come since `before`, an earlier state of the same counters; nothing may have stopped waiting in between.
  LabelCounters Since(const LabelCounters& before) const {
    LabelCounters since = *this;
    since.Each(before, [](std::uint64_t& mine, std::uint64_t theirs) { mine -= theirs; });
    return since;
  }

  void Encode(detectors::Encoder& out) const {
    for (const std::uint64_t count : {joined, corrected, duplicate, unmatched, late, unsampled, waiting})
      out.Varint(count);
    for (const std::uint64_t count : rejects) out.Varint(count);
  }
  static LabelCounters Decode(detectors::Decoder& in) {
    LabelCounters counters;
    for (std::uint64_t* count : {&counters.joined, &counters.corrected, &counters.duplicate, &counters.unmatched,
                                 &counters.late, &counters.unsampled, &counters.waiting}) {
      *count = in.Varint();
    }
    for (std::uint64_t& count : counters.rejects) count = in.Varint();
    return counters;
  }

 private:
  template <typename Change>
  void Each(const LabelCounters& other, Change change) {
    change(joined, other.joined);
    change(corrected, other.corrected);
    change(duplicate, other.duplicate);
    change(unmatched, other.unmatched);
    change(late, other.late);
    change(unsampled, other.unsampled);
    for (std::size_t reason = 0; reason < kRejects; ++reason) change(rejects[reason], other.rejects[reason]);
    change(waiting, other.waiting);
  }
};

}  // namespace monitor
