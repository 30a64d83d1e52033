#include "detectors/evidence/shiryaev_roberts.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include "detectors/evidence/fast_exp.h"

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 2;  // 1 knew no weights
constexpr double kMaxLog = 60;
constexpr double kMinLog = -80;    // e^-80 is 0 beside anything
constexpr double kMaxMass = 1e30;  // no threshold is near it
constexpr float kMinMass = 1e-30F;

float Bounded(double mass) {
  const auto bounded = static_cast<float>(mass < kMaxMass ? mass : kMaxMass);
  return bounded < kMinMass ? 0.0F : bounded;  // keeps denormals, which are slow, out
}

void EncodeFloat(float value, Encoder& out) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) out.Byte(static_cast<std::uint8_t>(bits >> shift));
}

float DecodeFloat(Decoder& in, double most) {
  std::uint32_t bits = 0;
  for (int shift = 0; shift < 32; shift += 8) bits |= static_cast<std::uint32_t>(in.Byte()) << shift;
  const auto value = std::bit_cast<float>(bits);
  if (!(value >= 0 && value <= static_cast<float>(most))) throw DecodeError("evidence: a mass or weight out of range");
  return value;
}

}  // namespace

ShiryaevRoberts::ShiryaevRoberts(std::size_t components)
    : mass_(components), cusum_(components), began_(components), length_(components) {
  if (components > kMaxComponents) throw std::invalid_argument("evidence: too many components");
}

EvidenceStep ShiryaevRoberts::Update(std::uint32_t step, std::uint64_t records, std::span<const double> log_e,
                                     std::span<const float> weights, double threshold) {
  if (log_e.size() != components() || weights.size() != components())
    throw std::invalid_argument("evidence: different numbers of components");
  if (!(threshold > 0)) throw std::invalid_argument("evidence: the threshold must be above 0");
  if (records > 0) {
    Reweigh(weights);
    Advance(step, log_e);
  }
  EvidenceStep result;
  double total = 0;
  double largest = -1;
  for (std::size_t j = 0; j < mass_.size(); ++j) {
    const double share = static_cast<double>(weights[j]) * static_cast<double>(mass_[j]);
    total += share;
    if (share > largest) {
      largest = share;
      result.component = j;
    }
  }
  result.evidence = total / threshold;
  if (components() > 0) {
    result.mass = mass_[result.component];
    result.began = began_[result.component];
    result.steps = length_[result.component];
  }
  result.alarm = records > 0 && result.evidence >= 1;
  if (result.alarm) Reset();
  return result;
}

void ShiryaevRoberts::Grow(std::size_t components) {
  if (components < mass_.size() || components > kMaxComponents)
    throw std::invalid_argument("evidence: cannot grow to so many components");
  mass_.resize(components);
  cusum_.resize(components);
  began_.resize(components);
  length_.resize(components);
  if (!weights_.empty()) weights_.resize(components);
}

void ShiryaevRoberts::Reweigh(std::span<const float> weights) {
  for (std::size_t j = 0; j < weights_.size(); ++j)
    if (weights[j] > weights_[j]) mass_[j] *= weights_[j] / weights[j];
  weights_.assign(weights.begin(), weights.end());
}

// In passes of their own, so that the arithmetic is vectorised.
void ShiryaevRoberts::Advance(std::uint32_t step, std::span<const double> log_e) {
  for (std::size_t j = 0; j < cusum_.size(); ++j) {
    const bool begins = cusum_[j] <= 1;
    began_[j] = begins ? step : began_[j];
    const int length = begins ? 1 : length_[j] + 1;
    length_[j] = static_cast<std::uint16_t>(std::min<int>(length, std::numeric_limits<std::uint16_t>::max()));
  }
  std::array<double, kMaxComponents> e;
  for (std::size_t j = 0; j < log_e.size(); ++j) {
    // Written so that a NaN, which no plan makes, would count as no evidence.
    const double least = log_e[j] > kMinLog ? log_e[j] : kMinLog;
    e[j] = FastExp(least < kMaxLog ? least : kMaxLog);
  }
  for (std::size_t j = 0; j < mass_.size(); ++j) mass_[j] = Bounded((1 + static_cast<double>(mass_[j])) * e[j]);
  for (std::size_t j = 0; j < cusum_.size(); ++j)
    cusum_[j] = Bounded((cusum_[j] > 1 ? static_cast<double>(cusum_[j]) : 1.0) * e[j]);
}

double ShiryaevRoberts::Evidence(std::span<const float> weights, double threshold) const {
  if (weights.size() != components()) throw std::invalid_argument("evidence: different numbers of components");
  double total = 0;
  for (std::size_t j = 0; j < mass_.size(); ++j)
    total += static_cast<double>(weights[j]) * static_cast<double>(mass_[j]);
  return total / threshold;
}

void ShiryaevRoberts::Reset() {
  std::ranges::fill(mass_, 0.0F);
  std::ranges::fill(cusum_, 0.0F);
  std::ranges::fill(length_, std::uint16_t{0});
}

void ShiryaevRoberts::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Varint(components());
  for (std::size_t j = 0; j < mass_.size(); ++j) {
    EncodeFloat(mass_[j], out);
    EncodeFloat(cusum_[j], out);
    out.Varint(length_[j]);
    out.Varint(began_[j]);
  }
  out.Varint(weights_.size());
  for (auto run = weights_.begin(); run != weights_.end();) {  // most weights are alike
    const auto end = std::find_if(run, weights_.end(), [run](float weight) { return weight != *run; });
    out.Varint(static_cast<std::uint64_t>(end - run));
    EncodeFloat(*run, out);
    run = end;
  }
}

ShiryaevRoberts ShiryaevRoberts::Decode(Decoder& in) {
  const std::uint8_t version = in.Byte();
  if (version == 0 || version > kVersion) throw DecodeError("evidence: version " + std::to_string(version));
  ShiryaevRoberts state(in.Count(kMaxComponents));
  for (std::size_t j = 0; j < state.mass_.size(); ++j) {
    state.mass_[j] = DecodeFloat(in, kMaxMass);
    state.cusum_[j] = DecodeFloat(in, kMaxMass);
    const std::uint64_t length = in.Varint();
    const std::uint64_t began = in.Varint();
    if (length > std::numeric_limits<std::uint16_t>::max() || began > std::numeric_limits<std::uint32_t>::max())
      throw DecodeError("evidence: a run out of range");
    state.length_[j] = static_cast<std::uint16_t>(length);
    state.began_[j] = static_cast<std::uint32_t>(began);
  }
  if (version == 1) return state;
  const std::uint64_t weights = in.Varint();
  if (weights != 0 && weights != state.components())
    throw DecodeError("evidence: different numbers of components and weights");
  while (state.weights_.size() < weights) {
    const std::uint64_t run = in.Varint();
    if (run == 0 || run > weights - state.weights_.size()) throw DecodeError("evidence: a run of weights out of range");
    state.weights_.insert(state.weights_.end(), run, DecodeFloat(in, 1.001));
  }
  return state;
}

}  // namespace detectors
