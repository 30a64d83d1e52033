// LabelCounters: what became of the labels of one model. Every label is in exactly one of them, or waits; messages that
// a `where:` leaves out are in `skipped`.
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
  std::uint64_t skipped = 0;    // left out by a `where:`, rows of a message one by one
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
    out.Varint(kTagged);
    for (const std::uint64_t count : {joined, corrected, duplicate, unmatched, late, unsampled, waiting, skipped})
      out.Varint(count);
    out.Varint(kRejects);
    for (const std::uint64_t count : rejects) out.Varint(count);
  }
  static LabelCounters Decode(detectors::Decoder& in) {
    LabelCounters counters;
    const std::uint64_t first = in.Varint();
    const bool tagged = first == kTagged;
    counters.joined = tagged ? in.Varint() : first;
    for (std::uint64_t* count : {&counters.corrected, &counters.duplicate, &counters.unmatched, &counters.late,
                                 &counters.unsampled, &counters.waiting}) {
      *count = in.Varint();
    }
    if (tagged) counters.skipped = in.Varint();
    // An older program knew fewer reasons; new ones are added at the end.
    const std::size_t reasons = tagged ? in.Count(kRejects) : kUntaggedRejects;
    for (std::size_t reason = 0; reason < reasons; ++reason) counters.rejects[reason] = in.Varint();
    return counters;
  }

 private:
  // Stands where earlier programs wrote `joined`, and after it so many reasons.
  static constexpr std::uint64_t kTagged = UINT64_MAX;
  static constexpr std::size_t kUntaggedRejects = 9;

  template <typename Change>
  void Each(const LabelCounters& other, Change change) {
    change(joined, other.joined);
    change(corrected, other.corrected);
    change(duplicate, other.duplicate);
    change(unmatched, other.unmatched);
    change(late, other.late);
    change(unsampled, other.unsampled);
    change(skipped, other.skipped);
    for (std::size_t reason = 0; reason < kRejects; ++reason) change(rejects[reason], other.rejects[reason]);
    change(waiting, other.waiting);
  }
};

}  // namespace monitor
