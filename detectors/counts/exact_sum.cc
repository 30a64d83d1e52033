#include "detectors/counts/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr int kSmallestExponent = -1074;
constexpr std::uint64_t kMask = 0xFFFFFFFF;
constexpr std::uint64_t kMostWaiting = std::uint64_t{1} << 30;
// The largest double begins in chunk 63 and ends in chunk 65; 2^64 of them need two more, a carry one more.
constexpr std::size_t kMostChunks = 69;

}  // namespace

void ExactSum::Add(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const std::uint64_t exponent = bits >> 52 & 0x7FF;
  const std::uint64_t fraction = bits & ((std::uint64_t{1} << 52) - 1);
  if (exponent == 0x7FF) {
    ++non_finite_;
  } else if (exponent == 0) {
    AddBits(fraction, 0, bits >> 63 != 0);
  } else {
    AddBits(fraction | std::uint64_t{1} << 52, exponent - 1, bits >> 63 != 0);
  }
}

void ExactSum::Subtract(double value) {
  if (std::isfinite(value))
    Add(-value);
  else
    --non_finite_;
}

void ExactSum::AddBits(std::uint64_t mantissa, std::size_t shift, bool negative) {
  if (mantissa == 0) return;
  const std::size_t chunk = shift / 32;
  if (chunk < first_ || chunk + 3 > first_ + chunks_.size()) Cover(chunk, chunk + 3);
  const std::size_t places = shift % 32;
  const std::uint64_t low = mantissa << places;
  const std::uint64_t high = places == 0 ? 0 : mantissa >> (64 - places);
  const std::int64_t sign = negative ? -1 : 1;
  std::int64_t* const at = chunks_.data() + (chunk - first_);
  at[0] += sign * static_cast<std::int64_t>(low & kMask);
  at[1] += sign * static_cast<std::int64_t>(low >> 32);
  at[2] += sign * static_cast<std::int64_t>(high);
  if (++waiting_ >= kMostWaiting) Carry();
}

void ExactSum::Merge(const ExactSum& other) { Fold(other, 1); }
void ExactSum::Subtract(const ExactSum& other) { Fold(other, -1); }

void ExactSum::Fold(const ExactSum& other, std::int64_t sign) {
  if (&other == this) return Fold(ExactSum(other), sign);
  non_finite_ += sign * other.non_finite_;
  if (other.chunks_.empty()) return;
  Cover(other.first_, other.first_ + other.chunks_.size());
  for (std::size_t i = 0; i < other.chunks_.size(); ++i) chunks_[other.first_ - first_ + i] += sign * other.chunks_[i];
  waiting_ += other.waiting_;  // each less than 2^30, so no chunk has overflowed
  if (waiting_ >= kMostWaiting) Carry();
}

void ExactSum::Cover(std::size_t first, std::size_t end) {
  if (chunks_.empty()) first_ = first;
  if (first < first_) {
    chunks_.insert(chunks_.begin(), first_ - first, 0);
    first_ = first;
  }
  if (end > first_ + chunks_.size()) chunks_.resize(end - first_, 0);
}

// Every chunk but the highest into 0..2^32−1; the highest keeps the sign.
void ExactSum::Carry() {
  for (std::size_t i = 0; i < chunks_.size(); ++i) {
    const bool last = i + 1 == chunks_.size();
    const bool fits = std::abs(chunks_[i]) <= static_cast<std::int64_t>(kMask);
    if (last && fits) break;
    if (last) chunks_.push_back(0);
    const std::int64_t carry = chunks_[i] >> 32;
    chunks_[i] -= carry * (std::int64_t{1} << 32);
    chunks_[i + 1] += carry;
  }
  waiting_ = 1;
}

ExactSum::Digits ExactSum::Canonical() const {
  ExactSum sum = *this;
  sum.Carry();
  const auto zero = [](std::int64_t chunk) { return chunk == 0; };
  while (!sum.chunks_.empty() && zero(sum.chunks_.back())) sum.chunks_.pop_back();
  Digits digits;
  digits.negative = !sum.chunks_.empty() && sum.chunks_.back() < 0;
  if (digits.negative) {
    for (std::int64_t& chunk : sum.chunks_) chunk = -chunk;
    sum.Carry();
    while (zero(sum.chunks_.back())) sum.chunks_.pop_back();
  }
  const auto lowest = std::ranges::find_if_not(sum.chunks_, zero);
  if (lowest == sum.chunks_.end()) return digits;
  digits.first = sum.first_ + static_cast<std::size_t>(lowest - sum.chunks_.begin());
  for (auto chunk = lowest; chunk != sum.chunks_.end(); ++chunk)
    digits.chunks.push_back(static_cast<std::uint32_t>(*chunk));
  return digits;
}

double ExactSum::Value() const {
  if (non_finite_ != 0) return std::numeric_limits<double>::quiet_NaN();
  const Digits digits = Canonical();
  if (digits.chunks.empty()) return 0;
  // The highest 64 bits; what lies below only matters by being there, so it becomes their last bit. The conversion then
  // rounds once. A sum that is subnormal has less than 53 bits and is not rounded at all.
  const std::size_t size = digits.chunks.size();
  const auto highest = [&](std::size_t i) { return i < size ? std::uint64_t{digits.chunks[size - 1 - i]} : 0; };
  const int zeros = std::countl_zero(static_cast<std::uint32_t>(highest(0)));
  const std::uint64_t third = highest(2) << zeros;
  std::uint64_t top = (highest(0) << 32 | highest(1)) << zeros | third >> 32;
  if ((third & kMask) != 0 || size > 3) top |= 1;  // the lowest chunk is never 0
  const int exponent = 32 * static_cast<int>(digits.first + size) - 64 - zeros + kSmallestExponent;
  const double magnitude = std::ldexp(static_cast<double>(top), exponent);
  return digits.negative ? -magnitude : magnitude;
}

void ExactSum::Encode(Encoder& out) const {
  const Digits digits = Canonical();
  out.Byte(kVersion);
  out.Signed(non_finite_);
  out.Varint(digits.chunks.size() * 2 + (digits.negative ? 1 : 0));
  if (digits.chunks.empty()) return;
  out.Varint(digits.first);
  for (const std::uint32_t chunk : digits.chunks) out.Varint(chunk);
}

ExactSum ExactSum::Decode(Decoder& in) {
  in.Version(kVersion, "exact sum");
  ExactSum sum;
  sum.non_finite_ = in.Signed();
  const std::uint64_t head = in.Varint();
  const std::uint64_t size = head / 2;
  if (size == 0) return sum;
  sum.first_ = in.Varint();
  if (size > kMostChunks || sum.first_ > kMostChunks - size) throw DecodeError("exact sum: too large");
  for (std::uint64_t i = 0; i < size; ++i) {
    const std::uint64_t chunk = in.Varint();
    if (chunk > kMask) throw DecodeError("exact sum: a malformed digit");
    sum.chunks_.push_back(head % 2 == 0 ? static_cast<std::int64_t>(chunk) : -static_cast<std::int64_t>(chunk));
  }
  sum.waiting_ = 1;
  return sum;
}

}  // namespace detectors
