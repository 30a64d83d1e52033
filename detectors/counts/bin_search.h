// BinSearch: in which bin each of a block of numbers falls, over at most 255 bins.
//
// A static 16-ary tree of two levels (STATISTICS 1.3): the last edge of each group of 16, then the 16 edges of the
// group; the number of edges below a value is read off four comparisons of four doubles per level, without a branch.
// That is the path of CPUs with AVX2, chosen at run time; all others halve the edges, eight values at once. Both give
// the same bins for every double. Immutable, thread-safe. Cost a value: about 2.5 ns, without AVX2 6 ns.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace detectors {

class BinSearch {
 public:
  static constexpr std::size_t kMaxEdges = 254;

  explicit BinSearch(std::span<const double> edges);  // strictly rising, finite, at most kMaxEdges

  // bins[i] = number of edges below values[i]; 0 for NaN. As many bins as values.
  void Find(std::span<const double> values, std::uint8_t* bins) const;
  void FindPortable(std::span<const double> values, std::uint8_t* bins) const;
  std::size_t Find(double value) const;
  std::span<const double> edges() const { return {groups_.data(), size_}; }

  bool operator==(const BinSearch&) const = default;

 private:
  static constexpr std::size_t kWidth = 16;

  // Of a search by halves: as many edges as the first step leaves out, a power of two.
  std::size_t FirstHalf() const { return std::bit_ceil(size_ + 1) / 2; }
  void FindAvx2(std::span<const double> values, std::uint8_t* bins) const;

  std::size_t size_;
  alignas(32) std::array<double, kWidth> top_{};              // last edge of each group, +∞ behind them
  alignas(32) std::array<double, kWidth * kWidth> groups_{};  // the edges, filled up with +∞
};

}  // namespace detectors
