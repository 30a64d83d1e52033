// Traffic for verdict_bench: step counts of one standard normal feature, without making records where independence
// allows it.
//
// Bins are given by their edges in standard deviations. Three ways, all of them exact up to 16-bit uniform numbers:
// a table of 65,536 equally likely values for small steps of independent records, binomials for large ones, and an
// AR(1) chain record by record. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace bench {

// xoshiro256++ (Blackman and Vigna 2018): a UniformRandomBitGenerator that is several times faster than mt19937_64.
class Random {
 public:
  using result_type = std::uint64_t;
  explicit Random(std::uint64_t seed);
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()();
  double Uniform();
  double Normal();

 private:
  std::array<std::uint64_t, 4> state_;
};

double NormalBelow(double x);

// AR(1) chain with standard normal margin; independent values for ρ = 0.
class Chain {
 public:
  Chain(double rho, Random& random);
  double Next();

 private:
  double rho_;
  double innovation_;
  double value_;
  Random& random_;
  std::uint64_t bits_ = 0;
  int left_ = 0;
};

// Two-state Markov chain: events of a rate that come in sessions, with autocorrelation ρ.
class EventChain {
 public:
  EventChain(double rate, double rho, Random& random);
  std::uint64_t Count(std::uint64_t records);

 private:
  double rate_;
  double rho_;
  bool state_;
  Random& random_;
};

struct Change {
  double shift = 0;  // of the mean, in standard deviations
  double scale = 1;  // factor of the standard deviation
};

class Traffic {
 public:
  Traffic(std::vector<double> edges, double rho, Random& random);
  // Counts of one step of `records` records.
  void Draw(std::uint64_t records, const Change& change, std::span<std::uint64_t> counts);

 private:
  void DrawRecords(std::uint64_t records, const Change& change, std::span<std::uint64_t> counts);
  void DrawFromTable(std::uint64_t records, std::span<std::uint64_t> counts);
  void DrawBinomials(std::uint64_t records, const Change& change, std::span<std::uint64_t> counts);

  std::vector<double> edges_;
  double rho_;
  Random& random_;
  Chain chain_;
  std::vector<std::uint8_t> table_;   // bin of each of 65,536 equally likely values without a change
  std::vector<std::uint8_t> lookup_;  // lowest bin of each of 2,048 intervals of [−5, 5)
};

// A reference as `baseline build` would make it: edges at the vigintiles, minimum and maximum of `rows` rows.
struct Baseline {
  std::vector<double> edges;
  std::vector<std::uint64_t> counts;
  std::vector<std::vector<std::uint64_t>> blocks;  // of successive rows; empty unless asked for
};
Baseline DrawBaseline(std::uint64_t rows, double rho, std::size_t blocks, Random& random);

}  // namespace bench
