#include "detectors/quality/score_bins.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <set>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr int kUniform = 256;

}  // namespace

ScoreBins::ScoreBins(std::vector<double> edges) : edges_(std::move(edges)), search_(edges_) {
  search_.resize(std::bit_ceil(size()) - 1, std::numeric_limits<double>::infinity());
}

ScoreBins ScoreBins::Make(std::span<const double> quantile_edges) {
  std::set<double> edges = {0};
  for (int i = 1; i < kUniform; ++i) edges.insert(static_cast<double>(i) / kUniform);
  for (const double tail : {1e-6, 1e-5, 1e-4, 1e-3}) edges.insert({tail, 1 - tail});
  std::set<double> quantiles;
  for (const double edge : quantile_edges) {
    if (edge > 0 && edge < 1 && !edges.contains(edge)) quantiles.insert(edge);
  }
  const std::vector<double> wanted(quantiles.begin(), quantiles.end());
  const std::size_t taken = std::min(wanted.size(), kMaxBins - 1 - edges.size());
  for (std::size_t i = 0; i < taken; ++i) edges.insert(wanted[(2 * i + 1) * wanted.size() / (2 * taken)]);
  return ScoreBins({edges.begin(), edges.end()});
}

std::uint16_t ScoreBins::BinOf(double score) const {
  std::size_t bin = 0;
  // Arithmetic instead of a conditional: gcc would turn that into a branch that is mispredicted half of the time.
  for (std::size_t half = (search_.size() + 1) / 2; half > 0; half /= 2) {
    bin += half * static_cast<std::size_t>(search_[bin + half - 1] < score);
  }
  return static_cast<std::uint16_t>(bin);
}

double ScoreBins::Centre(std::size_t bin) const {
  const double low = bin == 0 ? 0 : edges_[bin - 1];
  const double high = bin == edges_.size() ? 1 : edges_[bin];
  return std::clamp((low + high) / 2, 0.0, 1.0);
}

void ScoreBins::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(edges_.size());
  for (const double edge : edges_) out.Double(edge);
}

ScoreBins ScoreBins::Decode(Decoder& in) {
  in.Version(kVersion, "score bins");
  std::vector<double> edges(in.Count(kMaxBins - 1));
  for (double& edge : edges) edge = in.Double();
  const auto not_rising = [](double a, double b) { return !(a < b); };
  if (!std::ranges::all_of(edges, [](double edge) { return edge >= 0 && edge <= 1; }) ||
      std::ranges::adjacent_find(edges, not_rising) != edges.end()) {
    throw DecodeError("score bins: edges must rise strictly within 0..1");
  }
  return ScoreBins(std::move(edges));
}

}  // namespace detectors
