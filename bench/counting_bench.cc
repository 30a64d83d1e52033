// What counting alone costs: counting_bench [RECORDS] [REPEATS]
//
// Records of 100 numeric features, in blocks of 256 rows by column as the counter has them, go into 100 summaries:
// histograms of 255 bins, moments, missing values (2 % of each feature). Normal, lognormal and rounded features in
// turn. Compared: the path for this processor, the portable one (MONITORD_PORTABLE=1, in a process of its own), and
// std::lower_bound over the same edges with sums as everybody writes them. Checked: all three give the same counts.
// Prints records a second of processor time, the best of the repeats each, and their ratios.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "detectors/feature_summary.h"
#include "detectors/processor.h"
#include "figure.h"

namespace {

constexpr std::size_t kFeatures = 100, kRows = 256, kBlocks = 16;

double CpuSeconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double Draw(std::size_t feature, std::mt19937_64& random) {
  std::normal_distribution<> normal;
  switch (feature % 3) {
    case 0:
      return normal(random);
    case 1:
      return std::exp(normal(random));
    default:
      return std::round(normal(random) * 40) / 10;
  }
}

struct Data {
  std::vector<std::shared_ptr<const detectors::FeatureShape>> shapes;
  std::vector<double> values;          // by block, feature and row
  std::vector<std::uint64_t> missing;  // by block and feature

  Data() {
    std::mt19937_64 random(5);
    for (std::size_t feature = 0; feature < kFeatures; ++feature) {
      std::vector<double> training(20'000);
      for (double& value : training) value = Draw(feature, random);
      std::ranges::sort(training);
      std::vector<double> edges;
      for (std::size_t i = 0; i < detectors::Binning::kMaxEdges; ++i)
        edges.push_back(training[i * (training.size() - 1) / (detectors::Binning::kMaxEdges - 1)]);
      edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
      shapes.push_back(detectors::FeatureShape::Numeric({edges, {}}));
    }
    for (std::size_t i = 0; i < kBlocks * kFeatures; ++i) {
      missing.push_back(0);
      for (std::size_t row = 0; row < kRows; ++row) {
        const bool gone = random() % 50 == 0;
        missing.back() += gone ? 1 : 0;
        values.push_back(gone ? std::numeric_limits<double>::quiet_NaN() : Draw(i % kFeatures, random));
      }
    }
  }
  std::span<const double> Column(std::size_t block, std::size_t feature) const {
    return std::span(values).subspan((block * kFeatures + feature) * kRows, kRows);
  }
};

struct Result {
  double records_per_second = 0;
  std::uint64_t counts = 0;  // hash of all bins
};

std::uint64_t Mixed(std::uint64_t hash, std::span<const std::uint64_t> bins) {
  for (const std::uint64_t count : bins) hash = (hash ^ count) * 0x9E3779B97F4A7C15 + 1;
  return hash;
}

Result Ours(const Data& data, std::size_t records, int repeats) {
  Result best;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    std::vector<detectors::FeatureSummary> summaries(data.shapes.begin(), data.shapes.end());
    const double began = CpuSeconds();
    for (std::size_t block = 0; block < records / kRows; ++block) {
      for (std::size_t f = 0; f < kFeatures; ++f)
        summaries[f].AddNumeric(data.Column(block % kBlocks, f), data.missing[block % kBlocks * kFeatures + f], 0);
    }
    const double seconds = CpuSeconds() - began;
    best.records_per_second = std::max(best.records_per_second, static_cast<double>(records) / seconds);
    best.counts = 0;
    for (const auto& summary : summaries) best.counts = Mixed(best.counts, summary.bins());
  }
  return best;
}

// Without blocks, trees and lanes.
Result Plain(const Data& data, std::size_t records) {
  struct Sums {
    std::vector<std::uint64_t> bins;
    double sum = 0, squares = 0, min = 0, max = 0;
  };
  std::vector<Sums> all(kFeatures);
  for (std::size_t f = 0; f < kFeatures; ++f) all[f].bins.resize(data.shapes[f]->binning.bins());
  const double began = CpuSeconds();
  for (std::size_t block = 0; block < records / kRows; ++block) {
    for (std::size_t f = 0; f < kFeatures; ++f) {
      const auto edges = data.shapes[f]->binning.edges();
      Sums& sums = all[f];
      for (const double value : data.Column(block % kBlocks, f)) {
        if (std::isnan(value)) continue;
        ++sums.bins[static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), value) - edges.begin())];
        sums.sum += value;
        sums.squares += value * value;
        sums.min = std::min(sums.min, value);
        sums.max = std::max(sums.max, value);
      }
    }
  }
  Result result{static_cast<double>(records) / (CpuSeconds() - began), 0};
  for (const Sums& sums : all) result.counts = Mixed(result.counts, sums.bins);
  return result;
}

Result OfThePortablePath(const char* program, std::size_t records, int repeats) {
  const std::string command = "MONITORD_PORTABLE=1 '" + std::string(program) + "' " + std::to_string(records) + " " +
                              std::to_string(repeats) + " alone";
  Result result;
  std::FILE* const pipe = popen(command.c_str(), "r");
  unsigned long long counts = 0;
  if (pipe == nullptr || std::fscanf(pipe, "%lf %llu", &result.records_per_second, &counts) != 2) {
    std::cerr << "counting_bench: no answer of: " << command << "\n";
    std::exit(1);
  }
  pclose(pipe);
  result.counts = counts;
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t records = (argc > 1 ? std::stoul(argv[1]) : 500'000) / (kRows * kBlocks) * kRows * kBlocks;
  const int repeats = argc > 2 ? std::stoi(argv[2]) : 7;
  const Data data;
  const Result here = Ours(data, records, repeats);
  if (argc > 3) {
    std::printf("%.0f %llu\n", here.records_per_second, static_cast<unsigned long long>(here.counts));
    return 0;
  }
  const Result portable = OfThePortablePath(argv[0], records, repeats);
  const Result plain = Plain(data, records);
  if (here.counts != portable.counts || here.counts != plain.counts) {
    std::cerr << "counting_bench: the counts differ\n";
    return 1;
  }
  std::printf("100 features, records a second per core: %s %.3g M, portable %.3g M, std::lower_bound %.3g M\n",
              detectors::HasAvx2() ? "AVX2" : "without AVX2", here.records_per_second / 1e6,
              portable.records_per_second / 1e6, plain.records_per_second / 1e6);
  bench::PrintFigure("counting", "100 features: histogram, moments, missing", here.records_per_second, 1.8e6,
                     "records/s per core", bench::Limit::kLeast);
  bench::PrintFigure("counting", "portable path, times slower", here.records_per_second / portable.records_per_second,
                     4, "", bench::Limit::kMost);
  bench::PrintFigure("counting", "std::lower_bound, times slower", here.records_per_second / plain.records_per_second,
                     "");
}
