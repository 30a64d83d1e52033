#include "detectors/evidence/seasons.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::int64_t kHour = 3'600;
// 1970 began on a Thursday.
constexpr std::int64_t kMondayOffset = 3 * 24 * kHour;

}  // namespace

Seasons::Seasons(std::vector<std::uint32_t> last_bins, std::vector<double> rows, std::vector<float> shares)
    : last_bins_(std::move(last_bins)), rows_(std::move(rows)), shares_(std::move(shares)) {
  if (!Sound()) throw std::invalid_argument("seasons: a cell, a share or a number of rows out of range");
}

bool Seasons::Sound() const {
  return (seasons() == kHours || seasons() == kDayParts) && cells() <= kMaxCells &&
         shares_.size() == seasons() * cells() && std::ranges::is_sorted(last_bins_, std::ranges::less_equal()) &&
         std::ranges::all_of(rows_, [](double rows) { return std::isfinite(rows) && rows >= 0; }) &&
         std::ranges::all_of(shares_, [](float share) { return share >= 0 && share <= 1; });
}

std::size_t Seasons::SeasonAt(std::int64_t seconds, std::size_t seasons) {
  const std::int64_t since = (seconds + kMondayOffset) % kWeekSeconds;
  const auto hour = static_cast<std::size_t>((since + (since < 0 ? kWeekSeconds : 0)) / kHour);
  if (seasons == kHours) return hour;
  const bool day = hour % 24 >= 6 && hour % 24 < 18;
  const bool weekend = hour >= std::size_t{5} * 24;
  return (weekend ? 2 : 0) + (day ? 1 : 0);
}

std::vector<std::uint64_t> Seasons::Reference(std::span<const std::uint64_t> baseline, std::int64_t start_s,
                                              std::int64_t end_s) const {
  std::vector<bool> touched(seasons());
  for (std::int64_t at = start_s; at < std::min(end_s, start_s + kWeekSeconds); at += kHour)
    touched[SeasonAt(at, seasons())] = true;
  // A season of more than an hour counts once: its shares are those of every hour in it.
  double rows = 0;
  std::vector<double> mix(cells());
  for (std::size_t season = 0; season < seasons(); ++season) {
    if (!touched[season]) continue;
    rows += rows_[season];
    for (std::size_t cell = 0; cell < cells(); ++cell)
      mix[cell] += rows_[season] * static_cast<double>(shares_[season * cells() + cell]);
  }
  std::vector<std::uint64_t> reference(baseline.size());
  // Sums are rounded, not counts, so that no cell drifts by more than one row.
  double sum = 0;
  std::uint64_t done = 0;
  for (std::size_t cell = 0, bin = 0; cell < cells(); ++cell) {
    const std::size_t end = cell < last_bins_.size()
                                ? std::min<std::size_t>(last_bins_[cell] + std::size_t{1}, baseline.size())
                                : baseline.size();
    double of_cell = 0;
    for (std::size_t i = bin; i < end; ++i) of_cell += static_cast<double>(baseline[i]);
    for (; bin < end; ++bin) {
      if (of_cell > 0) sum += mix[cell] * static_cast<double>(baseline[bin]) / of_cell;
      const auto upto = static_cast<std::uint64_t>(std::llround(sum));
      reference[bin] = upto - done;
      done = upto;
    }
  }
  return reference;
}

void Seasons::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(seasons());
  out.Varint(last_bins_.size());
  for (const std::uint32_t bin : last_bins_) out.Varint(bin);
  for (const double rows : rows_) out.Double(rows);
  // 20 bits of each share: a cell of 1e-6 of the rows is not a season's to tell.
  for (const float share : shares_) out.Varint(static_cast<std::uint64_t>(std::lround(share * 1048576.0F)));
}

Seasons Seasons::Decode(Decoder& in) {
  in.Version(kVersion, "seasons");
  const std::size_t seasons = in.Count(kHours);
  std::vector<std::uint32_t> last_bins(in.Count(kMaxCells));
  for (std::uint32_t& bin : last_bins) bin = static_cast<std::uint32_t>(in.Varint());
  std::vector<double> rows(seasons);
  for (double& of_season : rows) of_season = in.Double();
  std::vector<float> shares(seasons * (last_bins.size() + 1));
  for (float& share : shares) share = static_cast<float>(in.Varint()) / 1048576.0F;
  try {
    return Seasons(std::move(last_bins), std::move(rows), std::move(shares));
  } catch (const std::invalid_argument& error) {
    throw DecodeError(error.what());
  }
}

}  // namespace detectors
