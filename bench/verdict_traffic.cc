#include "bench/verdict_traffic.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <random>

namespace bench {
namespace {

constexpr std::size_t kLevels = 65'536;
constexpr std::size_t kLookup = 2048;
constexpr double kLookupFrom = -5;
constexpr double kLookupWidth = 10;
constexpr std::uint64_t kLargeStep = 4000;  // from here on binomials are faster

double NormalQuantile(double share) {
  double low = -9;
  double high = 9;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (NormalBelow(middle) < share ? low : high) = middle;
  }
  return (low + high) / 2;
}

// Quantiles (i+½)/65536 of the standard normal distribution, scaled to variance 1.
const std::vector<float>& NormalTable() {
  static const std::vector<float> table = [] {
    std::vector<float> values(kLevels);
    double square = 0;
    for (std::size_t i = 0; i < kLevels; ++i) {
      const double x = NormalQuantile((static_cast<double>(i) + 0.5) / kLevels);
      square += x * x;
      values[i] = static_cast<float>(x);
    }
    const auto scale = static_cast<float>(1 / std::sqrt(square / kLevels));
    for (float& value : values) value *= scale;
    return values;
  }();
  return table;
}

std::uint64_t Binomial(std::uint64_t count, double share, Random& random) {
  if (count == 0 || share <= 0) return 0;
  if (share >= 1) return count;
  return std::binomial_distribution<std::uint64_t>(count, share)(random);
}

}  // namespace

double NormalBelow(double x) { return std::erfc(-x / std::numbers::sqrt2) / 2; }

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {  // splitmix64
    seed += 0x9E3779B97F4A7C15;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    word = z ^ (z >> 31);
  }
}

Random::result_type Random::operator()() {
  auto& s = state_;
  const std::uint64_t result = std::rotl(s[0] + s[3], 23) + s[0];
  const std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = std::rotl(s[3], 45);
  return result;
}

double Random::Uniform() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }

double Random::Normal() { return static_cast<double>(NormalTable()[(*this)() >> 48]); }

Chain::Chain(double rho, Random& random)
    : rho_(rho), innovation_(std::sqrt(1 - rho * rho)), value_(random.Normal()), random_(random) {}

double Chain::Next() {
  if (left_ == 0) {
    bits_ = random_();
    left_ = 4;
  }
  value_ = rho_ * value_ + innovation_ * static_cast<double>(NormalTable()[bits_ & 0xFFFF]);
  bits_ >>= 16;
  --left_;
  return value_;
}

EventChain::EventChain(double rate, double rho, Random& random)
    : rate_(rate), rho_(rho), state_(random.Uniform() < rate), random_(random) {}

std::uint64_t EventChain::Count(std::uint64_t records) {
  if (rho_ == 0) return Binomial(records, rate_, random_);
  std::uint64_t events = 0;
  std::uint64_t left = records;
  while (left > 0) {
    // The state stays with probability rate + ρ(1 − rate), or the same of its complement: geometric runs.
    const double leave = (1 - rho_) * (state_ ? 1 - rate_ : rate_);
    const auto run =
        static_cast<std::uint64_t>(std::min(1e18, std::floor(std::log(1 - random_.Uniform()) / std::log1p(-leave))));
    const bool ends = run < left;
    const std::uint64_t length = ends ? run : left;
    if (state_) events += length;
    left -= length;
    if (!ends) break;
    state_ = !state_;
    if (state_) ++events;
    --left;
  }
  return events;
}

Traffic::Traffic(std::vector<double> edges, double rho, Random& random)
    : edges_(std::move(edges)), rho_(rho), random_(random), chain_(rho, random), table_(kLevels), lookup_(kLookup) {
  std::size_t from = 0;
  for (std::size_t bin = 0; bin <= edges_.size(); ++bin) {
    const double below = bin < edges_.size() ? NormalBelow(edges_[bin]) : 1;
    const auto to = static_cast<std::size_t>(std::llround(below * kLevels));
    std::fill(table_.begin() + static_cast<std::ptrdiff_t>(from),
              table_.begin() + static_cast<std::ptrdiff_t>(std::max(from, to)), static_cast<std::uint8_t>(bin));
    from = std::max(from, to);
  }
  for (std::size_t i = 0; i < kLookup; ++i) {
    const double low = kLookupFrom + kLookupWidth * static_cast<double>(i) / kLookup;
    lookup_[i] =
        i == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(std::ranges::lower_bound(edges_, low) - edges_.begin());
  }
}

void Traffic::Draw(std::uint64_t records, const Change& change, std::span<std::uint64_t> counts) {
  std::ranges::fill(counts, std::uint64_t{0});
  const bool changed = change.shift != 0 || change.scale != 1;
  if (rho_ != 0) {
    DrawRecords(records, change, counts);
  } else if (records >= kLargeStep) {
    DrawBinomials(records, change, counts);
  } else if (changed) {
    DrawRecords(records, change, counts);
  } else {
    DrawFromTable(records, counts);
  }
}

void Traffic::DrawRecords(std::uint64_t records, const Change& change, std::span<std::uint64_t> counts) {
  for (std::uint64_t i = 0; i < records; ++i) {
    const double x = chain_.Next() * change.scale + change.shift;
    const auto at = static_cast<std::ptrdiff_t>((x - kLookupFrom) * (kLookup / kLookupWidth));
    std::size_t bin = lookup_[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(at, 0, kLookup - 1))];
    while (bin < edges_.size() && edges_[bin] < x) ++bin;
    ++counts[bin];
  }
}

void Traffic::DrawFromTable(std::uint64_t records, std::span<std::uint64_t> counts) {
  std::uint64_t bits = 0;
  for (std::uint64_t i = 0; i < records; ++i) {
    if (i % 4 == 0) bits = random_();
    ++counts[table_[bits & 0xFFFF]];
    bits >>= 16;
  }
}

void Traffic::DrawBinomials(std::uint64_t records, const Change& change, std::span<std::uint64_t> counts) {
  double below = 0;
  std::uint64_t left = records;
  for (std::size_t bin = 0; bin < edges_.size(); ++bin) {
    const double above = NormalBelow((edges_[bin] - change.shift) / change.scale);
    counts[bin] = Binomial(left, (above - below) / (1 - below), random_);
    left -= counts[bin];
    below = above;
  }
  counts[edges_.size()] = left;
}

Baseline DrawBaseline(std::uint64_t rows, double rho, std::size_t blocks, Random& random) {
  constexpr std::size_t kParts = 20;
  Baseline baseline;
  std::vector<float> values;
  if (rho == 0 && blocks == 0) {
    // Order statistics of a uniform sample without making it: their spacings are gamma variables over their sum.
    std::vector<double> ends;
    double sum = 0;
    std::uint64_t rank = 0;
    const auto advance = [&](std::uint64_t to) {
      sum += std::gamma_distribution<double>(static_cast<double>(to - rank))(random);
      rank = to;
      ends.push_back(sum);
    };
    advance(1);
    for (std::size_t part = 1; part < kParts; ++part) advance(rows * part / kParts);
    advance(rows);
    sum += std::gamma_distribution<double>(1)(random);
    for (const double end : ends) baseline.edges.push_back(NormalQuantile(end / sum));
    baseline.edges.front() = std::nextafter(baseline.edges.front(), -10);
  } else {
    Chain chain(rho, random);
    values.resize(rows);
    for (float& value : values) value = static_cast<float>(chain.Next());
    std::vector<float> sorted = values;
    std::ranges::sort(sorted);
    baseline.edges.push_back(std::nextafter(static_cast<double>(sorted.front()), -10));
    for (std::size_t part = 1; part <= kParts; ++part)
      baseline.edges.push_back(static_cast<double>(sorted[rows * part / kParts - 1]));
  }
  baseline.counts.assign(kParts + 2, 0);
  for (std::size_t part = 0; part < kParts; ++part)
    baseline.counts[part + 1] = rows * (part + 1) / kParts - rows * part / kParts;
  for (std::size_t block = 0; block < blocks; ++block) {
    std::vector<std::uint64_t> counts(kParts + 2);
    for (std::uint64_t row = rows * block / blocks; row < rows * (block + 1) / blocks; ++row) {
      const auto edge = std::ranges::lower_bound(baseline.edges, static_cast<double>(values[row]));
      ++counts[static_cast<std::size_t>(edge - baseline.edges.begin())];
    }
    baseline.blocks.push_back(std::move(counts));
  }
  return baseline;
}

}  // namespace bench
