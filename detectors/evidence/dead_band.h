// Dead-band: how far a statistic may lie from the baseline and still count as unchanged.
//
// The null of every monitor is composite. It holds everything within `min_effect` (δ0, in standard-deviation
// equivalents) of the baseline and one standard error of the baseline more, and always 4 standard errors, with the
// design effect φ_b of the baseline's rows. (With 3, one of 100 features is beyond them in some direction for good and
// fires every month once steps are as large as the baseline.) For a normal feature or any monotone transform of one it
// contains each location shift of at most δ0 and each scale change by at most 1 + δ0/√2 (equal Fisher information, so
// the same PSI as the shift δ0). Derivations beside the functions in dead_band.cc. Pure functions.
#pragma once

namespace detectors {

struct DeadBand {
  // φ_b where nothing is known of the order of the baseline's rows; 1 where its rows are known to be independent.
  static constexpr double kUnknownDesignEffect = 4;

  double min_effect = 0.1;  // δ0 ≥ 0
  double baseline_design_effect = kUnknownDesignEffect;

  // τ of the mean of Legendre score P_degree(2u − 1), degree 1..3, of u the rank in a baseline of `rows` rows.
  double OfScore(int degree, double rows) const;
  // τ of the share of values at or below an edge; `share` is the baseline's.
  double OfEdge(double share, double rows) const;

  // τ of the mean of any quantity with this standard deviation.
  double OfMean(double deviation, double rows) const;

  struct Shares {
    double low;   // 0 where the null reaches down to 0
    double high;  // above 0 and below 1
  };
  // Shares that count as unchanged for a rate that the baseline has seen `events` times in `rows` records (not 0).
  Shares OfRate(double events, double rows) const;

 private:
  double EffectiveRows(double rows) const;
};

}  // namespace detectors
