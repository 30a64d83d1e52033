// Estimates the quality of chunks of predictions without their labels; half of cbpe_against_nannyml.py.
//
// Reads lines "reference <score> <predicted> <label>", then "<chunk> <score> <predicted>" with chunks together; classes
// are 0 and 1, 1 is positive. Writes a line "<chunk> <measure> <value> <low> <high>" for each chunk and measure.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "detectors/quality/estimated_quality.h"

namespace {

constexpr std::uint16_t kPositive = 1;

struct Row {
  std::string chunk;
  float score;
  std::uint16_t predicted;
  std::uint16_t label = detectors::kNone;
};

detectors::ScoreBins BinsOf(const std::vector<Row>& reference) {
  std::vector<double> scores;
  for (const Row& row : reference) scores.push_back(row.score);
  std::ranges::sort(scores);
  std::vector<double> quantiles;
  for (std::size_t i = 1; i < 248; ++i) quantiles.push_back(scores[i * scores.size() / 248]);
  return detectors::ScoreBins::Make(quantiles);
}

detectors::ClassificationCounts CountsOf(const std::vector<Row>& rows, const detectors::ScoreBins& bins) {
  detectors::ClassificationCounts counts(kPositive);
  for (const Row& row : rows)
    counts.Add({.bin = bins.BinOf(row.score), .predicted = row.predicted, .label = row.label, .score = row.score});
  return counts;
}

}  // namespace

int main() {
  std::vector<Row> reference;
  std::vector<std::vector<Row>> chunks;
  std::string line;
  for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
    std::istringstream in(line);
    Row row;
    in >> row.chunk >> row.score >> row.predicted;
    if (row.chunk == "reference") in >> row.label;
    if (!in) {
      std::fprintf(stderr, "line %zu is not a row: %s\n", number, line.c_str());
      return 1;
    }
    if (row.chunk == "reference") {
      reference.push_back(row);
      continue;
    }
    if (chunks.empty() || chunks.back().front().chunk != row.chunk) chunks.emplace_back();
    chunks.back().push_back(row);
  }
  if (reference.empty()) {
    std::fprintf(stderr, "there are no rows of a reference\n");
    return 1;
  }
  const detectors::ScoreBins bins = BinsOf(reference);
  const auto calibration = detectors::Calibration::Fit(CountsOf(reference, bins), bins);
  std::fprintf(stderr, "calibration: %s\n", calibration.isotonic() ? "isotonic" : "scores as they are");
  for (const std::vector<Row>& chunk : chunks) {
    const auto measures = detectors::EstimatedQuality(CountsOf(chunk, bins), calibration, kPositive);
    for (const auto& [name, measure] : measures) {
      std::printf("%s %s %.9g %.9g %.9g\n", chunk.front().chunk.c_str(), name.c_str(), measure.value, measure.low,
                  measure.high);
    }
  }
  return 0;
}
