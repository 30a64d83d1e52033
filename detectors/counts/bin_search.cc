#include "detectors/counts/bin_search.h"

#include <algorithm>
#include <limits>

#include "detectors/processor.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace detectors {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Searches that are in flight together: each one waits for its own loads only.
constexpr std::size_t kInterleaved = 8;

}  // namespace

BinSearch::BinSearch(std::span<const double> edges) : size_(edges.size()) {
  groups_.fill(kInfinity);
  std::ranges::copy(edges, groups_.begin());
  for (std::size_t i = 0; i < kWidth; ++i) top_[i] = groups_[kWidth * (i + 1) - 1];
}

std::size_t BinSearch::Find(double value) const {
  std::size_t bin = 0;
  for (std::size_t half = FirstHalf(); half > 0; half /= 2) {
    bin += half * static_cast<std::size_t>(groups_[bin + half - 1] < value);
  }
  return bin;
}

void BinSearch::FindPortable(std::span<const double> values, std::uint8_t* bins) const {
  const double* const edges = groups_.data();
  const std::size_t top = FirstHalf();
  std::size_t i = 0;
  for (; i + kInterleaved <= values.size(); i += kInterleaved) {
    std::array<std::size_t, kInterleaved> bin{};
    const double* const block = values.data() + i;
    // Arithmetic instead of a conditional: gcc would turn that into a branch that is mispredicted half of the time.
    for (std::size_t half = top; half > 0; half /= 2) {
      for (std::size_t j = 0; j < kInterleaved; ++j) {
        bin[j] += half * static_cast<std::size_t>(edges[bin[j] + half - 1] < block[j]);
      }
    }
    for (std::size_t j = 0; j < kInterleaved; ++j) bins[i + j] = static_cast<std::uint8_t>(bin[j]);
  }
  for (; i < values.size(); ++i) bins[i] = static_cast<std::uint8_t>(Find(values[i]));
}

#if defined(__x86_64__)

namespace {

// Sixteen doubles, in registers where they are used over and over.
struct Sixteen {
  __m256d a, b, c, d;
  MONITORD_AVX2_INLINE explicit Sixteen(const double* edges)  // aligned to 32 bytes
      : a(_mm256_load_pd(edges)),
        b(_mm256_load_pd(edges + 4)),
        c(_mm256_load_pd(edges + 8)),
        d(_mm256_load_pd(edges + 12)) {}

  // Twice the number of them that are below each lane of `value`, whose lanes are equal.
  MONITORD_AVX2_INLINE unsigned TwiceBelow(__m256d value) const {
    const auto below = [value](__m256d four)
                           MONITORD_AVX2_INLINE { return _mm256_castpd_si256(_mm256_cmp_pd(four, value, _CMP_LT_OQ)); };
    // Each mask of 64 bits becomes two bytes; their order does not matter.
    const __m256i bytes =
        _mm256_packs_epi16(_mm256_packs_epi32(below(a), below(b)), _mm256_packs_epi32(below(c), below(d)));
    return static_cast<unsigned>(_mm_popcnt_u32(static_cast<unsigned>(_mm256_movemask_epi8(bytes))));
  }
};

}  // namespace

MONITORD_AVX2 void BinSearch::FindAvx2(std::span<const double> values, std::uint8_t* bins) const {
  const Sixteen top(top_.data());
  const double* const groups = groups_.data();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const __m256d value = _mm256_broadcast_sd(&values[i]);
    const unsigned twice = top.TwiceBelow(value);
    const unsigned within = Sixteen(groups + kWidth / 2 * twice).TwiceBelow(value);
    bins[i] = static_cast<std::uint8_t>((kWidth * twice + within) / 2);
  }
}

void BinSearch::Find(std::span<const double> values, std::uint8_t* bins) const {
  if (HasAvx2()) {
    FindAvx2(values, bins);
  } else {
    FindPortable(values, bins);
  }
}

#else

void BinSearch::Find(std::span<const double> values, std::uint8_t* bins) const { FindPortable(values, bins); }

#endif

}  // namespace detectors
