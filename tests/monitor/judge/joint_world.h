// Worlds of features that hang together, for tests of what is watched of them jointly.
#pragma once

#include <cmath>
#include <fstream>
#include <random>

#include "tests/detectors/samples.h"
#include "tests/monitor/pipeline.h"
#include "tests/support/temporary.h"

namespace monitor::testing {

constexpr std::int64_t kHour = 3'600 * kSecond;

// Standard normal features of which all have the correlation `common` with each other, and the first two `pair`.
struct World {
  std::size_t features;
  double common = 0, pair = 0;
  std::size_t repeats = 1;  // each row comes this often: sessions

  std::vector<double> Rows(std::size_t rows, std::mt19937_64& random) const {
    std::normal_distribution<> normal;
    std::vector<double> values(rows * features);
    for (std::size_t row = 0; row < rows; ++row) {
      double* const at = &values[row * features];
      if (row % repeats != 0) {
        std::copy(at - features, at, at);
        continue;
      }
      const double factor = normal(random);
      for (std::size_t f = 0; f < features; ++f)
        at[f] = std::sqrt(common) * factor + std::sqrt(1 - common) * normal(random);
      if (pair != 0) at[1] = pair * at[0] + std::sqrt(1 - pair * pair) * at[1];
    }
    return values;
  }
};

// A profile of `rows` rows of a world: only its joint reference matters here, its bins are those of 300 rows.
inline std::shared_ptr<const Frame> FrameOf(const World& world, std::size_t rows, std::mt19937_64& random) {
  const auto file = tests::Temporary("world.csv");
  std::ofstream out(file);
  for (std::size_t f = 0; f < world.features; ++f) out << (f == 0 ? "x" : ",x") << f;
  const std::vector<double> some = world.Rows(300, random);
  for (std::size_t i = 0; i < some.size(); ++i) out << (i % world.features == 0 ? '\n' : ',') << some[i];
  out.close();
  baselines::Profile profile = baselines::BuildProfile(file, {});
  profile.joint->moments = detectors::SecondMoments(world.features);
  detectors::testing::AddRows(profile.joint->moments, world.Rows(rows, random));
  return std::make_shared<const Frame>(std::make_shared<const baselines::Profile>(std::move(profile)));
}

inline PaneSummary Step(const std::shared_ptr<const Frame>& frame, const World& world, std::size_t rows,
                        std::mt19937_64& random) {
  PaneSummary step = PaneSummary::Empty(frame);
  detectors::testing::AddRows(*step.joint, world.Rows(rows, random));
  step.records = rows;
  return step;
}

}  // namespace monitor::testing
