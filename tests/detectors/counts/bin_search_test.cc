// Both paths of the search against std::lower_bound, for every number of edges and for doubles of every kind.
#include "detectors/counts/bin_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace detectors {
namespace {

// Finite doubles of all sizes: any bits.
double AnyDouble(std::mt19937_64& random) {
  while (true) {
    const auto value = std::bit_cast<double>(random());
    if (std::isfinite(value)) return value;
  }
}

TEST(BinSearch, BothPathsAgreeWithLowerBoundForEveryNumberOfEdges) {
  std::mt19937_64 random(1);
  using Limits = std::numeric_limits<double>;
  for (std::size_t count = 0; count <= BinSearch::kMaxEdges; ++count) {
    std::vector<double> edges;
    while (edges.size() < count) {
      edges.push_back(AnyDouble(random));
      std::ranges::sort(edges);
      edges.erase(std::ranges::unique(edges).begin(), edges.end());
    }
    const BinSearch search(edges);
    std::vector<double> values{
        NAN,  -NAN,          Limits::infinity(), -Limits::infinity(),  0.0,
        -0.0, Limits::max(), Limits::lowest(),   Limits::denorm_min(), std::bit_cast<double>(0x7FF0000000000001)};
    for (const double edge : edges)
      values.insert(values.end(),
                    {std::nextafter(edge, -Limits::infinity()), edge, std::nextafter(edge, Limits::infinity())});
    for (int i = 0; i < 200; ++i) values.push_back(AnyDouble(random));
    std::vector<std::uint8_t> bins(values.size(), 99), portable(values.size(), 99);
    search.Find(values, bins.data());
    search.FindPortable(values, portable.data());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto expected = std::isnan(values[i]) ? 0 : std::ranges::lower_bound(edges, values[i]) - edges.begin();
      ASSERT_EQ(bins[i], expected) << values[i] << " among " << count;
      ASSERT_EQ(portable[i], expected) << values[i] << " among " << count;
      ASSERT_EQ(search.Find(values[i]), static_cast<std::size_t>(expected)) << values[i] << " among " << count;
    }
  }
}

}  // namespace
}  // namespace detectors
