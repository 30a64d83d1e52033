// Samples and the summaries of them that several tests need.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "detectors/evidence/second_moments.h"
#include "detectors/feature_summary.h"

namespace detectors::testing {

using Random = std::mt19937_64;

inline std::vector<double> Normal(std::size_t count, Random& random, double mean = 0, double sd = 1) {
  std::normal_distribution<double> normal(mean, sd);
  std::vector<double> values(count);
  for (double& value : values) value = normal(random);
  return values;
}

// A baseline in memory: exact R-7 quantiles and point masses.
inline Binning FreezeValues(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  std::ranges::sort(values);
  BinningSource source;
  source.count = values.size();
  if (values.empty()) return Binning::Freeze(source);
  source.min = values.front();
  source.max = values.back();
  source.quantile = [&](double share) {
    const double at = share * static_cast<double>(values.size() - 1);
    const auto lower = static_cast<std::size_t>(at);
    const double a = values[lower];
    const double b = values[std::min(lower + 1, values.size() - 1)];
    return a == b ? a : a + (b - a) * (at - static_cast<double>(lower));
  };
  for (auto run = values.begin(); run != values.end();) {
    const auto end = std::upper_bound(run, values.end(), *run);
    const double share = static_cast<double>(end - run) / static_cast<double>(values.size());
    if (share > 1.0 / 240) source.point_masses.push_back({*run, share});
    run = end;
  }
  return Binning::Freeze(source);
}

inline std::shared_ptr<const FeatureShape> ShapeOf(std::vector<double> values) {
  return FeatureShape::Numeric(FreezeValues(std::move(values)));
}

// NaN counts as missing.
inline FeatureSummary Summarise(const std::shared_ptr<const FeatureShape>& shape, std::span<const double> values) {
  FeatureSummary summary(shape);
  const auto missing = std::ranges::count_if(values, [](double value) { return std::isnan(value); });
  summary.AddNumeric(values, static_cast<std::uint64_t>(missing), 0);
  return summary;
}

// Rows of standardized values, one after the other; NaN is missing.
inline void AddRows(SecondMoments& moments, std::span<const double> rows) {
  const std::size_t features = moments.features();
  for (std::size_t first = 0; first < rows.size(); first += SecondMoments::kChunkRows * features) {
    const auto part = rows.subspan(first, std::min(SecondMoments::kChunkRows * features, rows.size() - first));
    std::vector<SecondMoments::Chunk> chunks(features);
    for (std::size_t i = 0; i < part.size(); ++i) {
      if (std::isnan(part[i])) continue;
      chunks[i % features].values[i / features] = SecondMoments::Quantize(part[i]);
      chunks[i % features].present |= std::uint64_t{1} << (i / features);
    }
    moments.AddChunk(chunks);
  }
}

template <class Summary>
std::string Bytes(const Summary& summary) {
  Encoder out;
  summary.Encode(out);
  return out.Take();
}

inline std::string CountBytes(const FeatureSummary& summary) {
  Encoder out;
  summary.EncodeCounts(out);
  return out.Take();
}

}  // namespace detectors::testing
