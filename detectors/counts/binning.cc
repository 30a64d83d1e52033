#include "detectors/counts/binning.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kBlock = 256;  // values whose bins are looked up together

// 1 or 0, by whole numbers: comparing doubles may raise an exception, so a compiler does not do it for several at once.
std::uint64_t IsNaN(double value) {
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  constexpr auto kInfinite = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::infinity());
  return (kInfinite - (std::bit_cast<std::uint64_t>(value) & ~kSign)) >> 63;
}

}  // namespace

Binning::Binning(const std::vector<double>& edges, std::vector<double> coarse_cuts)
    : coarse_cuts_(std::move(coarse_cuts)), search_({}) {
  const auto not_rising = [](double a, double b) { return !(a < b); };
  if (edges.size() > kMaxEdges) throw std::invalid_argument("binning: too many edges");
  for (const auto* list : {&edges, &std::as_const(coarse_cuts_)}) {
    if (!std::ranges::all_of(*list, [](double edge) { return std::isfinite(edge); }) ||
        std::ranges::adjacent_find(*list, not_rising) != list->end()) {
      throw std::invalid_argument("binning: edges must be finite and strictly increasing");
    }
  }
  if (!std::ranges::includes(edges, coarse_cuts_)) throw std::invalid_argument("binning: a coarse cut is no edge");

  search_ = BinSearch(edges);
  coarse_of_.reserve(bins());
  for (const double edge : edges) {
    const auto cut = std::ranges::lower_bound(coarse_cuts_, edge);
    coarse_of_.push_back(static_cast<std::uint16_t>(cut - coarse_cuts_.begin()));
  }
  coarse_of_.push_back(static_cast<std::uint16_t>(coarse_cuts_.size()));
}

void Binning::Count(std::span<const double> values, std::span<std::uint64_t> counts) const {
  std::array<std::uint8_t, kBlock> bins;
  for (; !values.empty(); values = values.subspan(std::min(kBlock, values.size())))
    CountFound(values.first(std::min(kBlock, values.size())), counts, bins.data());
}

void Binning::Count(std::span<const double> values, std::span<std::uint64_t> counts, std::uint8_t* bins) const {
  if (CountFound(values, counts, bins) == 0) return;
  // Without a branch: where values are missing is not to be foreseen.
  for (std::size_t i = 0; i < values.size(); ++i)
    bins[i] = static_cast<std::uint8_t>(bins[i] | (kNoBin * IsNaN(values[i])));
}

std::uint64_t Binning::CountFound(std::span<const double> values, std::span<std::uint64_t> counts,
                                  std::uint8_t* bins) const {
  search_.Find(values, bins);
  for (std::size_t i = 0; i < values.size(); ++i) ++counts[bins[i]];
  // NaN ends in bin 0, from where it is taken away again.
  std::uint64_t absent = 0;
  for (const double value : values) absent += IsNaN(value);
  counts[0] -= absent;
  return absent;
}

std::vector<std::uint64_t> Binning::Coarse(std::span<const std::uint64_t> counts) const {
  std::vector<std::uint64_t> coarse(coarse_bins());
  for (std::size_t bin = 0; bin < counts.size(); ++bin) coarse[coarse_of_[bin]] += counts[bin];
  return coarse;
}

void Binning::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(edges().size());
  for (const double edge : edges()) out.Double(edge);
  out.Varint(coarse_cuts_.size());
  auto edge = edges().begin();
  for (const double cut : coarse_cuts_) {
    const auto at = std::find(edge, edges().end(), cut);
    out.Varint(static_cast<std::uint64_t>(at - edge));  // edges between the previous cut and this one
    edge = at + 1;
  }
}

Binning Binning::Decode(Decoder& in) {
  in.Version(kVersion, "binning");
  std::vector<double> edges(in.Count(kMaxEdges));
  for (double& edge : edges) edge = in.Double();
  std::vector<double> cuts(in.Count(edges.size()));
  std::size_t next = 0;
  for (double& cut : cuts) {
    const std::uint64_t between = in.Varint();
    if (next >= edges.size() || between >= edges.size() - next)
      throw DecodeError("binning: a coarse cut beyond the edges");
    cut = edges[next + between];
    next += between + 1;
  }
  try {
    return Binning(edges, std::move(cuts));
  } catch (const std::invalid_argument& fault) {
    throw DecodeError(fault.what());
  }
}

}  // namespace detectors
