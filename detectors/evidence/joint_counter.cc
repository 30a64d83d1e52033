#include "detectors/evidence/joint_counter.h"

#include <algorithm>
#include <stdexcept>

#include "detectors/counts/binning.h"

namespace detectors {

void JointCounter::Add(std::span<const std::uint8_t* const> bins, std::span<const std::uint16_t> rows,
                       SecondMoments& sum) {
  if (bins.size() != scores_.size()) throw std::invalid_argument("joint counter: another number of features");
  while (!rows.empty()) {
    const auto now = rows.first(std::min(rows.size(), SecondMoments::kChunkRows));
    for (std::size_t f = 0; f < bins.size(); ++f) {
      SecondMoments::Chunk& chunk = chunk_[f];
      std::uint64_t present = 0;
      for (std::size_t i = 0; i < now.size(); ++i) {
        const std::uint8_t bin = bins[f][now[i]];
        chunk.values[i] = scores_[f][bin];
        present |= static_cast<std::uint64_t>(bin != Binning::kNoBin) << i;
      }
      std::fill(chunk.values.begin() + static_cast<std::ptrdiff_t>(now.size()), chunk.values.end(), std::int16_t{0});
      chunk.present = present;
    }
    sum.AddChunk(chunk_);
    rows = rows.subspan(now.size());
  }
}

}  // namespace detectors
