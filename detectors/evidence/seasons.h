// Seasons: what a numeric baseline looks like at each hour of the week, for evidence on traffic with daily and weekly
// cycles (STATISTICS 8).
//
// 168 hours of the week from Monday 00:00 UTC, or, where training was too short for them, four: nights and days (06:00
// to 18:00 UTC) of weekdays and of weekends. A season's shares are those of joined bins (cells), already shrunk to the
// whole baseline's. Reference spreads them over the fine bins as the whole baseline's counts lie within each cell, for
// the mix of the seasons of a step weighted by their training rows; it holds as many rows as those seasons have, so
// that a dead-band made of it is as wide as they are uncertain. The null of a step is known before the step, so the
// guarantee of the e-values is untouched.
//
// Immutable value type; thread-safe. Memory: 4 B per season and cell. Cost: Reference about 1 µs, and 20 ns more per
// season of the step.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "detectors/encoding.h"

namespace detectors {

class Seasons {
 public:
  static constexpr std::size_t kHours = 168;
  static constexpr std::size_t kDayParts = 4;
  static constexpr std::size_t kMaxCells = 64;
  static constexpr std::int64_t kWeekSeconds = 604'800;

  // `last_bins`: the last fine bin of every cell but the last, rising. `rows`: per season; `shares`: season by season,
  // one per cell, sum 1. Throws std::invalid_argument for anything that is not sound.
  Seasons(std::vector<std::uint32_t> last_bins, std::vector<double> rows, std::vector<float> shares);

  static std::size_t SeasonAt(std::int64_t seconds, std::size_t seasons);  // since 1970

  std::size_t seasons() const { return rows_.size(); }
  std::size_t cells() const { return last_bins_.size() + 1; }
  std::span<const float> shares(std::size_t season) const {
    return std::span(shares_).subspan(season * cells(), cells());
  }
  double rows(std::size_t season) const { return rows_[season]; }

  // Reference counts of a step over the fine bins of `baseline`, which are those of the whole baseline. All 0 where
  // its seasons have no rows.
  std::vector<std::uint64_t> Reference(std::span<const std::uint64_t> baseline, std::int64_t start_s,
                                       std::int64_t end_s) const;

  void Encode(Encoder& out) const;
  static Seasons Decode(Decoder& in);
  bool operator==(const Seasons&) const = default;

 private:
  bool Sound() const;

  std::vector<std::uint32_t> last_bins_;
  std::vector<double> rows_;
  std::vector<float> shares_;
};

}  // namespace detectors
