// The radix sort against std::sort, on what makes its digits many, few, equal and far apart.
#include "baselines/build/sort_numbers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace baselines {
namespace {

TEST(NumberSorter, IsStdSort) {
  std::mt19937_64 random(1);
  const std::vector<std::function<double()>> shapes{
      [&] {
        double any;
        do any = std::bit_cast<double>(random());
        while (!std::isfinite(any));
        return any;
      },
      [&] { return std::normal_distribution<>()(random); },
      [&] { return std::round(std::normal_distribution<>(0, 1000)(random)) / 100; },
      [&] { return static_cast<double>(random() % 10); },
      [&] { return 1.0; },
      [&] { return random() % 2 == 0 ? 0.0 : std::exponential_distribution<>()(random); },
      [&] { return random() % 3 == 0 ? -0.0 : 0.0; },
      // All but one agree in the bits that the digits are taken of.
      [&] { return random() % 5000 == 0 ? 0.0 : 1.7e18 + 256.0 * static_cast<double>(random() % 100'000); },
  };
  NumberSorter sorter;
  for (std::size_t shape = 0; shape < shapes.size(); ++shape) {
    for (const std::size_t size : {0, 1, 2, 511, 512, 513, 5'000, 32'768, 100'000}) {
      std::vector<double> values(size);
      std::ranges::generate(values, shapes[shape]);
      const auto sorted = sorter.Sort(values);
      std::vector<double> expected = values;
      std::ranges::sort(expected);
      ASSERT_TRUE(std::ranges::equal(sorted, expected)) << "shape " << shape << ", " << size;
    }
  }
}

}  // namespace
}  // namespace baselines
