#include "detectors/binning.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Searches that are in flight together: each one waits for its own loads only.
constexpr std::size_t kInterleaved = 8;

}  // namespace

Binning::Binning(std::vector<double> edges, std::vector<double> coarse_cuts)
    : edges_(std::move(edges)), coarse_cuts_(std::move(coarse_cuts)) {
  const auto not_rising = [](double a, double b) { return !(a < b); };
  if (edges_.size() > kMaxEdges) throw std::invalid_argument("binning: too many edges");
  for (const auto* list : {&edges_, &coarse_cuts_}) {
    if (!std::ranges::all_of(*list, [](double edge) { return std::isfinite(edge); }) ||
        std::ranges::adjacent_find(*list, not_rising) != list->end()) {
      throw std::invalid_argument("binning: edges must be finite and strictly increasing");
    }
  }
  if (!std::ranges::includes(edges_, coarse_cuts_)) throw std::invalid_argument("binning: a coarse cut is no edge");

  coarse_of_.reserve(bins());
  for (const double edge : edges_) {
    const auto cut = std::ranges::lower_bound(coarse_cuts_, edge);
    coarse_of_.push_back(static_cast<std::uint16_t>(cut - coarse_cuts_.begin()));
  }
  coarse_of_.push_back(static_cast<std::uint16_t>(coarse_cuts_.size()));
  search_ = edges_;
  search_.resize(std::bit_ceil(bins()) - 1, kInfinity);
}

std::size_t Binning::BinOf(double value) const {
  std::size_t bin = 0;
  for (std::size_t half = (search_.size() + 1) / 2; half > 0; half /= 2) {
    bin += half * static_cast<std::size_t>(search_[bin + half - 1] < value);
  }
  return bin;
}

void Binning::Count(std::span<const double> values, std::span<std::uint64_t> counts) const {
  CountInto<false>(values, counts, nullptr);
}

void Binning::Count(std::span<const double> values, std::span<std::uint64_t> counts, std::uint8_t* bins) const {
  CountInto<true>(values, counts, bins);
}

template <bool kKeep>
void Binning::CountInto(std::span<const double> values, std::span<std::uint64_t> counts,
                        [[maybe_unused]] std::uint8_t* bins) const {
  const double* const search = search_.data();
  const std::size_t top = (search_.size() + 1) / 2;
  std::uint64_t absent = 0;  // NaN compares false with every edge and ends in bin 0, from where it is taken away again
  std::size_t i = 0;
  for (; i + kInterleaved <= values.size(); i += kInterleaved) {
    std::array<std::size_t, kInterleaved> bin{};
    const double* const block = values.data() + i;
    // Arithmetic instead of a conditional: gcc would turn that into a branch that is mispredicted half of the time.
    for (std::size_t half = top; half > 0; half /= 2) {
      for (std::size_t j = 0; j < kInterleaved; ++j) {
        bin[j] += half * static_cast<std::size_t>(search[bin[j] + half - 1] < block[j]);
      }
    }
    for (std::size_t j = 0; j < kInterleaved; ++j) {
      ++counts[bin[j]];
      absent += static_cast<std::uint64_t>(std::isnan(block[j]));
      if constexpr (kKeep) bins[i + j] = std::isnan(block[j]) ? kNoBin : static_cast<std::uint8_t>(bin[j]);
    }
  }
  for (; i < values.size(); ++i) {
    const std::size_t bin = BinOf(values[i]);
    ++counts[bin];
    absent += static_cast<std::uint64_t>(std::isnan(values[i]));
    if constexpr (kKeep) bins[i] = std::isnan(values[i]) ? kNoBin : static_cast<std::uint8_t>(bin);
  }
  counts[0] -= absent;
}

std::vector<std::uint64_t> Binning::Coarse(std::span<const std::uint64_t> counts) const {
  std::vector<std::uint64_t> coarse(coarse_bins());
  for (std::size_t bin = 0; bin < counts.size(); ++bin) coarse[coarse_of_[bin]] += counts[bin];
  return coarse;
}

void Binning::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(edges_.size());
  for (const double edge : edges_) out.Double(edge);
  out.Varint(coarse_cuts_.size());
  auto edge = edges_.begin();
  for (const double cut : coarse_cuts_) {
    const auto at = std::find(edge, edges_.end(), cut);
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
    return Binning(std::move(edges), std::move(cuts));
  } catch (const std::invalid_argument& fault) {
    throw DecodeError(fault.what());
  }
}

}  // namespace detectors
