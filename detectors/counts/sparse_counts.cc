#include "detectors/counts/sparse_counts.h"

#include <algorithm>

namespace detectors {

void EncodeSparse(std::span<const std::uint64_t> counts, Encoder& out) {
  for (std::size_t i = 0; i < counts.size();) {
    out.Varint(counts[i]);
    if (counts[i] != 0) {
      ++i;
      continue;
    }
    const std::size_t start = i;
    while (i < counts.size() && counts[i] == 0) ++i;
    out.Varint(i - start - 1);
  }
}

std::uint64_t DecodeSparse(Decoder& in, std::span<std::uint64_t> counts) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts.size();) {
    counts[i] = in.Varint();
    sum = AddStored(sum, counts[i]);
    if (counts[i++] != 0) continue;
    const std::uint64_t more = in.Varint();
    if (more > counts.size() - i) throw DecodeError("malformed: a run of empty counts is too long");
    std::fill_n(counts.begin() + static_cast<std::ptrdiff_t>(i), more, 0);
    i += more;
  }
  return sum;
}

std::uint64_t AddStored(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t sum = a + b;
  if (sum < a) throw DecodeError("malformed: counts beyond 64 bits");
  return sum;
}

}  // namespace detectors
