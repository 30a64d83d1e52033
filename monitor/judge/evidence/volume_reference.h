// VolumeReference: how many records a step of this time of the week usually has, and how far that varies, learnt from
// the stream's own past.
//
// Means are kept for each hour of the week (UTC) that steps begin in. In the second and third week the hours of all
// working days, and those of both days of the weekend, are one (day and night by the hour); from the third week on each
// hour of the week has its own mean, drawn to that one with the weight of two weeks. Means forget: a value counts for
// about five weeks. In the first week nothing is expected: who has not seen a Sunday cannot tell it from a failure.
//
// The scatter is that of real forecasts: expected before a step, compared after it. The variance is μ + μ²/κ, Poisson
// with a gamma-mixed rate, and 1/κ is estimated twice from the blocks (a day, or two steps where that is longer) of the
// last four weeks: from their steps, and from the sums of whole blocks, which show the days that are all high or all
// low. The ratio of the two variances is the design effect of steps. Each estimate is raised to its 95 % upper bound
// (χ², Wilson–Hilferty), the largest tenth of the blocks counting as the next smaller one; 1/κ is at least 0.05². A
// block in which the traffic looked changed is left out, else a change would excuse itself. Below two blocks nothing is
// expected.
//
// A step without records is no step here: silence is the business of no_data. Part of the checkpoint. Not thread-safe.
// Cost: below 1 µs a step. Memory: 2 KiB.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "detectors/encoding.h"
#include "detectors/evidence/volume_plan.h"

namespace monitor {

class VolumeReference {
 public:
  static constexpr std::size_t kCells = 168;

  struct Expectation {
    detectors::VolumePlan::Reference counts;
    double design_effect = 1;
  };
  // For the step that begins at `start_ns`; nothing while it is not known.
  std::optional<Expectation> Expected(std::int64_t start_ns) const;
  // Takes in a step with records, in the order of time; `changed`: there is evidence that this is no usual traffic. A
  // new length of steps begins anew.
  void Learn(std::int64_t start_ns, std::int64_t step_ns, std::uint64_t records, bool changed);

  // What is expected is multiplied by this; what is known of its scatter is relative and stays.
  void Scale(double factor);

  void Encode(detectors::Encoder& out) const;
  static VolumeReference Decode(detectors::Decoder& in);

 private:
  struct Cell {
    float steps = 0, mean = 0;
  };
  struct Block {
    std::int64_t start_ns = 0;
    bool changed = false;
    double steps = 0, sum = 0, expected = 0;   // of records
    double squares = 0, expected_squares = 0;  // Σ((x − μ)² − μ), Σμ²
  };

  std::optional<Cell> MeanOf(std::int64_t start_ns) const;
  struct Scatter {
    double of_steps, of_blocks;  // 1/κ
  };
  Scatter ScatterNow() const;
  std::int64_t BlockNs() const;

  std::int64_t step_ns_ = 0, first_ns_ = 0;
  std::array<Cell, kCells> cells_{};
  std::deque<Block> blocks_;  // the newest is open
};

}  // namespace monitor
