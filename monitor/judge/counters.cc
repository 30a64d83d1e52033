#include "monitor/judge/counters.h"

#include <numeric>

namespace monitor {

namespace {
constexpr std::uint8_t kVersion = 1;
}

std::uint64_t ModelCounters::rejected() const {
  return std::accumulate(rejects.begin(), rejects.end(), std::uint64_t{0});
}

void ModelCounters::Add(const ModelCounters& other) {
  counted += other.counted;
  late += other.late;
  skipped += other.skipped;
  for (std::size_t i = 0; i < kRejects; ++i) rejects[i] += other.rejects[i];
  duplicates += other.duplicates;
  extra += other.extra;
}

void ModelCounters::Encode(detectors::Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(counted);
  out.Varint(late);
  out.Varint(skipped);
  out.Varint(kRejects);
  for (const std::uint64_t count : rejects) out.Varint(count);
  out.Varint(duplicates);
  out.Varint(extra);
}

ModelCounters ModelCounters::Decode(detectors::Decoder& in) {
  in.Version(kVersion, "model counters");
  ModelCounters counters;
  counters.counted = in.Varint();
  counters.late = in.Varint();
  counters.skipped = in.Varint();
  // An older program knew fewer reasons; new ones are added at the end.
  const std::size_t reasons = in.Count(kRejects);
  for (std::size_t i = 0; i < reasons; ++i) counters.rejects[i] = in.Varint();
  counters.duplicates = in.Varint();
  counters.extra = in.Varint();
  return counters;
}

}  // namespace monitor
