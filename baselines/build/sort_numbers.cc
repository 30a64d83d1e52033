#include "baselines/build/sort_numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>

namespace baselines {
namespace {

constexpr std::size_t kSmall = 512;  // below that the tables of the digits cost more than comparing
constexpr unsigned kDigitBits = 11;
constexpr unsigned kDigits = 3;
constexpr std::size_t kRadix = std::size_t{1} << kDigitBits;
constexpr std::size_t kLongRun = 32;

// Rising keys for rising numbers: of positive ones the sign is turned, of negative ones all bits.
std::uint64_t KeyOf(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return bits ^ ((std::uint64_t{0} - (bits >> 63)) | std::uint64_t{1} << 63);
}

std::size_t DigitOf(double value, unsigned shift) { return KeyOf(value) >> shift & (kRadix - 1); }

void InsertionSort(std::span<double> values) {
  for (std::size_t next = 1; next < values.size(); ++next) {
    const double value = values[next];
    std::size_t at = next;
    for (; at > 0 && value < values[at - 1]; --at) values[at] = values[at - 1];
    values[at] = value;
  }
}

// `values` are in order but for those whose keys agree from bit `shift` on.
void SortWithinPrefixes(std::span<double> values, unsigned shift) {
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (values[i - 1] <= values[i]) continue;
    const auto agrees = [&, prefix = KeyOf(values[i]) >> shift](std::size_t at) {
      return KeyOf(values[at]) >> shift == prefix;
    };
    std::size_t begin = i, end = i + 1;
    while (begin > 0 && agrees(begin - 1)) --begin;
    while (end < values.size() && agrees(end)) ++end;
    const auto run = values.subspan(begin, end - begin);
    if (run.size() > kLongRun) {
      std::ranges::sort(run);
    } else {
      InsertionSort(run);
    }
    i = end;
  }
}

}  // namespace

std::span<const double> NumberSorter::Sort(std::span<const double> values) {
  const std::size_t size = values.size();
  if (room_ < 2 * size) {
    space_ = std::make_unique_for_overwrite<double[]>(2 * size);
    room_ = 2 * size;
  }
  double* to = space_.get();
  if (size < kSmall) {
    std::ranges::copy(values, to);
    std::sort(to, to + size);
    return {to, size};
  }
  std::uint64_t differing = 0;
  for (const double value : values) differing |= KeyOf(value) ^ KeyOf(values.front());
  const auto bits = static_cast<unsigned>(std::bit_width(differing));
  const unsigned shift = bits > kDigits * kDigitBits ? bits - kDigits * kDigitBits : 0;

  std::array<std::array<std::uint32_t, kRadix>, kDigits> tables{};
  for (const double value : values) {
    for (unsigned digit = 0; digit < kDigits; ++digit) ++tables[digit][DigitOf(value, shift + digit * kDigitBits)];
  }
  double* spare = to + size;
  std::span<const double> from = values;
  for (unsigned digit = 0; digit < kDigits; ++digit) {
    auto& places = tables[digit];
    const unsigned at = shift + digit * kDigitBits;
    const bool last = digit + 1 == kDigits;
    if (places[DigitOf(from.front(), at)] == size && !(last && from.data() == values.data())) continue;  // all the same
    std::uint32_t begin = 0;
    for (std::uint32_t& place : places) begin += std::exchange(place, begin);
    for (const double value : from) to[places[DigitOf(value, at)]++] = value;
    from = {to, size};
    std::swap(to, spare);
  }
  SortWithinPrefixes({spare, size}, shift);
  return {spare, size};
}

}  // namespace baselines
