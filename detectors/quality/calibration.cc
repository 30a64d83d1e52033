#include "detectors/quality/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <stdexcept>

#include "detectors/quality/isotonic.h"
#include "detectors/quality/reliability.h"
#include "detectors/quality/scored_bins.h"

namespace detectors {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kFolds = 3;
constexpr std::uint64_t kSeed = 20240614;

// A bin that has labels.
struct FittedBin {
  std::size_t bin;
  double score;  // mean
  double rate;
  std::size_t block;  // its number
  double records;     // of the block
};

std::vector<FittedBin> FitIsotonic(std::span<const ScoredBin> bins) {
  std::vector<double> sums, weights;
  for (const ScoredBin& bin : bins) {
    sums.push_back(bin.positives);
    weights.push_back(bin.count());
  }
  std::vector<FittedBin> fitted;
  const std::vector<IsotonicBlock> blocks = IsotonicRegression(sums, weights);
  for (std::size_t block = 0; block < blocks.size(); ++block) {
    for (std::size_t i = 0; i < blocks[block].size; ++i) {
      const ScoredBin& bin = bins[fitted.size()];
      fitted.push_back({.bin = bin.bin,
                        .score = bin.score_sum / bin.count(),
                        .rate = blocks[block].rate,
                        .block = block,
                        .records = blocks[block].weight});
    }
  }
  return fitted;
}

std::vector<FittedBin> TakeScores(std::span<const ScoredBin> bins) {
  std::vector<FittedBin> fitted;
  for (const ScoredBin& bin : bins) {
    const double score = bin.score_sum / bin.count();
    fitted.push_back({.bin = bin.bin, .score = score, .rate = score, .block = fitted.size(), .records = bin.count()});
  }
  return fitted;
}

// `fitted` is not empty.
double Interpolated(std::span<const FittedBin> fitted, std::size_t bin, double score) {
  const auto after = std::ranges::lower_bound(fitted, bin, {}, &FittedBin::bin);
  if (after == fitted.end()) return fitted.back().rate;
  if (after->bin == bin || after == fitted.begin()) return after->rate;
  const FittedBin& before = *(after - 1);
  if (!(after->score > before.score)) return (before.rate + after->rate) / 2;
  const double share = std::clamp((score - before.score) / (after->score - before.score), 0.0, 1.0);
  return before.rate + share * (after->rate - before.rate);
}

using Folds = std::array<std::vector<ScoredBin>, kFolds>;

// Every record to a fold. Counts far beyond what a decision needs are split evenly, so that the cost stays bounded.
Folds Split(std::span<const ScoredBin> bins) {
  constexpr std::uint64_t kOneByOne = 100'000;  // of one count; beyond it chance is below 1 %
  std::mt19937_64 random(kSeed);
  Folds folds;
  for (auto& fold : folds) fold.assign(bins.size(), {});
  for (std::size_t i = 0; i < bins.size(); ++i) {
    const double score = bins[i].score_sum / bins[i].count();
    for (double ScoredBin::*side : {&ScoredBin::positives, &ScoredBin::negatives}) {
      const auto records = static_cast<std::uint64_t>(bins[i].*side);
      const std::uint64_t evenly = records > kOneByOne ? (records - kOneByOne) / kFolds : 0;
      for (auto& fold : folds) fold[i].*side += static_cast<double>(evenly);
      for (std::uint64_t left = records - evenly * kFolds; left > 0; --left) folds[random() % kFolds][i].*side += 1;
    }
    for (auto& fold : folds) {
      fold[i].bin = bins[i].bin;
      fold[i].score_sum = score * fold[i].count();
    }
  }
  return folds;
}

std::vector<ScoredBin> WithRecords(std::vector<ScoredBin> bins) {
  std::erase_if(bins, [](const ScoredBin& bin) { return bin.count() == 0; });
  return bins;
}

bool IsotonicHelps(std::span<const ScoredBin> bins) {
  const Folds folds = Split(bins);
  double as_it_is = 0;
  double calibrated = 0;
  for (std::size_t judged = 0; judged < kFolds; ++judged) {
    std::vector<ScoredBin> others(bins.size());
    for (std::size_t i = 0; i < bins.size(); ++i) {
      others[i].bin = bins[i].bin;
      for (std::size_t fold = 0; fold < kFolds; ++fold) {
        if (fold == judged) continue;
        others[i].positives += folds[fold][i].positives;
        others[i].negatives += folds[fold][i].negatives;
        others[i].score_sum += folds[fold][i].score_sum;
      }
    }
    std::vector<ScoredBin> test = WithRecords(folds[judged]);
    const std::vector<FittedBin> fitted = FitIsotonic(WithRecords(others));
    if (test.empty() || fitted.empty()) return false;
    as_it_is += RawCalibrationError(test);
    for (ScoredBin& bin : test)
      bin.score_sum = bin.count() * Interpolated(fitted, bin.bin, bin.score_sum / bin.count());
    calibrated += RawCalibrationError(test);
  }
  return calibrated < as_it_is;
}

}  // namespace

Calibration Calibration::Fit(const ClassificationCounts& reference, const ScoreBins& bins) {
  const std::vector<ScoredBin> scored = ScoredBins(reference, reference.positive());
  Calibration calibration;
  if (scored.empty()) return calibration;
  if (scored.back().bin >= bins.size()) throw std::invalid_argument("calibration: the counts have other score bins");
  calibration.isotonic_ = IsotonicHelps(scored);
  const std::vector<FittedBin> fitted = calibration.isotonic_ ? FitIsotonic(scored) : TakeScores(scored);

  auto next = fitted.begin();
  for (std::size_t bin = 0; bin < bins.size(); ++bin) {
    const bool known = next != fitted.end() && next->bin == bin;
    const bool between = next != fitted.begin() && next != fitted.end() && (next - 1)->block == next->block;
    const double centre = bins.Centre(bin);
    calibration.rates_.push_back(known || calibration.isotonic_ ? Interpolated(fitted, bin, centre) : centre);
    const bool same_block = known ? between : between && !calibration.blocks_.empty();
    if (same_block)
      ++calibration.blocks_.back().bins;
    else
      calibration.blocks_.push_back({.bins = 1, .records = known ? next->records : 1});
    if (known) ++next;
  }
  return calibration;
}

void Calibration::Encode(Encoder& out) const {
  out.Byte(kVersion);
  out.Byte(isotonic_ ? 1 : 0);
  out.Varint(blocks_.size());
  auto rate = rates_.begin();
  for (const Block& block : blocks_) {
    out.Varint(block.bins);
    out.Varint(static_cast<std::uint64_t>(block.records));
    // Isotonic blocks have one rate; so have all others, which are single bins.
    out.Double(*rate);
    rate += static_cast<std::ptrdiff_t>(block.bins);
  }
}

Calibration Calibration::Decode(Decoder& in) {
  in.Version(kVersion, "calibration");
  Calibration calibration;
  const std::uint8_t isotonic = in.Byte();
  if (isotonic > 1) throw DecodeError("calibration: malformed");
  calibration.isotonic_ = isotonic == 1;
  const std::size_t blocks = in.Count(ScoreBins::kMaxBins);
  for (std::size_t i = 0; i < blocks; ++i) {
    Block block;
    block.bins = in.Varint();
    block.records = static_cast<double>(in.Varint());
    const double rate = in.Double();
    if (block.bins == 0 || block.bins > ScoreBins::kMaxBins - calibration.rates_.size() || block.records < 1 ||
        !(rate >= 0 && rate <= 1)) {
      throw DecodeError("calibration: a malformed block");
    }
    calibration.rates_.insert(calibration.rates_.end(), block.bins, rate);
    calibration.blocks_.push_back(block);
  }
  return calibration;
}

}  // namespace detectors
