#include "baselines/build/distinct_keys.h"

#include <bit>
#include <cmath>

namespace baselines {
namespace {

// The finaliser of MurmurHash3: every bit of the input moves every bit of the output.
std::uint64_t Mix(std::uint64_t bits) {
  bits = (bits ^ (bits >> 33)) * 0xFF51AFD7ED558CCD;
  bits = (bits ^ (bits >> 33)) * 0xC4CEB9FE1A85EC53;
  return bits ^ (bits >> 33);
}

}  // namespace

bool DistinctKeys::Insert(std::uint64_t hash) {
  if (slots_.empty()) slots_.resize(4 * kExactDistinct);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    if (slots_[slot] == hash) return true;
    if (slots_[slot] != 0) continue;
    if (size_ == kExactDistinct) return false;
    slots_[slot] = hash;
    ++size_;
    return true;
  }
}

void DistinctKeys::GiveUpExact() {
  exact_ = false;
  slots_ = {};
}

void DistinctKeys::AddHash(std::uint64_t hash) {
  counter_.AddHash(hash);
  if (exact_ && !Insert(hash == 0 ? 1 : hash)) GiveUpExact();
}

void DistinctKeys::AddSorted(std::span<const double> values) {
  if (exact_ && CountDistinct(values) > kExactDistinct) GiveUpExact();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0 && values[i] == values[i - 1]) continue;
    AddHash(Mix(std::bit_cast<std::uint64_t>(values[i] + 0.0)));  // −0 becomes 0
  }
}

void DistinctKeys::Merge(const DistinctKeys& other) {
  counter_.Merge(other.counter_);
  if (exact_ && !other.exact_) GiveUpExact();
  for (const std::uint64_t hash : other.slots_) {
    if (!exact_) return;
    if (hash != 0 && !Insert(hash)) GiveUpExact();
  }
}

double DistinctKeys::Estimate() const { return exact_ ? static_cast<double>(size_) : std::round(counter_.Estimate()); }

std::size_t CountDistinct(std::span<const double> rising) {
  std::size_t count = rising.empty() ? 0 : 1;
  for (std::size_t i = 1; i < rising.size(); ++i) count += rising[i] != rising[i - 1];
  return count;
}

}  // namespace baselines
