// Binning::Freeze: which edges a baseline gets.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "detectors/counts/binning.h"

namespace detectors {
namespace {

constexpr int kQuantiles = 240;    // divisible by 10, 12, 20 and 24: deciles and vigintiles are among them
constexpr double kOwnCell = 0.05;  // a value with this share is a coarse cell of its own
constexpr double kTails[] = {0.001, 0.002, 0.005, 0.995, 0.998, 0.999};

double Below(double value) { return std::nextafter(value, -std::numeric_limits<double>::infinity()); }

// Distinct finite numbers up to a limit; what comes first gets in.
class Edges {
 public:
  void Add(double edge) {
    if (edges_.size() < Binning::kMaxEdges && std::isfinite(edge)) edges_.insert(edge + 0.0);  // −0 becomes 0
  }
  std::vector<double> Take() const { return {edges_.begin(), edges_.end()}; }

 private:
  std::set<double> edges_;
};

}  // namespace

// Where the edges do not all fit, they are taken in this order: coarse cuts, just below the minimum, maximum,
// quantiles, the two sides of point masses from the heaviest on, tail quantiles. Quantiles of continuous data leave
// room for all tails; a point mass of share s takes two edges and makes about 240·s quantiles fall together, so the
// limit is met only by dozens of values of little more than 1/240 each.
Binning Binning::Freeze(const BinningSource& source) {
  if (source.count == 0) return Binning({}, {});
  std::vector<PointMass> masses = source.point_masses;
  std::ranges::sort(masses, [](const PointMass& a, const PointMass& b) {
    return a.share != b.share ? a.share > b.share : a.value < b.value;
  });

  Edges cuts;
  for (int k = 1; k < 10; ++k) cuts.Add(source.quantile(k / 10.0));
  for (const PointMass& mass : masses) {
    if (mass.share < kOwnCell) break;
    cuts.Add(Below(mass.value));
    cuts.Add(mass.value);
  }

  Edges edges;
  for (const double cut : cuts.Take()) edges.Add(cut);
  edges.Add(Below(source.min));
  edges.Add(source.max);
  for (int k = 1; k < kQuantiles; ++k) edges.Add(source.quantile(static_cast<double>(k) / kQuantiles));
  for (const PointMass& mass : masses) {
    if (mass.share <= 1.0 / kQuantiles) break;
    edges.Add(mass.value);
    edges.Add(Below(mass.value));
  }
  for (const double share : kTails) edges.Add(source.quantile(share));
  return Binning(edges.Take(), cuts.Take());
}

}  // namespace detectors
