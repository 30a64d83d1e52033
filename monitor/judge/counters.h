// ModelCounters: what happened to the records of one model since its first start. received = counted + late + rejected
// + skipped.
//
// A value type with Add; part of every checkpoint, so no counter ever steps back. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>

#include "detectors/encoding.h"
#include "monitor/ingest/reject.h"

namespace monitor {

struct ModelCounters {
  std::uint64_t counted = 0;
  std::uint64_t late = 0;
  std::uint64_t skipped = 0;
  std::array<std::uint64_t, kRejects> rejects{};
  std::uint64_t duplicates = 0;  // of the counted: same identity again
  std::uint64_t extra = 0;       // feature values under names that the profile lacks

  std::uint64_t rejected() const;
  std::uint64_t received() const { return counted + late + skipped + rejected(); }
  void Add(const ModelCounters& other);

  void Encode(detectors::Encoder& out) const;
  static ModelCounters Decode(detectors::Decoder& in);
};

}  // namespace monitor
