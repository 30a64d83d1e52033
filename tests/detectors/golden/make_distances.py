#!/usr/bin/env python3
"""Writes distances.json: samples and their distances by numpy and scipy, for distance_golden_test.cc.

Needs python3-numpy and python3-scipy; the committed file was made with numpy 1.24.2 and scipy 1.10.1. The result does not depend on
anything of this project: cells, shares and formulas are written out again here.
"""
import json
import math
import pathlib

import numpy as np
from scipy import stats
from scipy.spatial.distance import jensenshannon

rng = np.random.default_rng(20240501)


def cell_distances(baseline, current):
    """Distances of two rows of counts."""
    a, b = np.asarray(baseline, float), np.asarray(current, float)
    m, n, cells = a.sum(), b.sum(), len(a)
    p, q = a / m, b / n
    sp, sq = (a + 0.5) / (m + cells / 2), (b + 0.5) / (n + cells / 2)
    used = (a + b) > 0
    expected = np.where(a > 0, p, 0.5 / (m + cells / 2))
    return {
        "psi": float(np.sum((sq - sp) * np.log(sq / sp))),
        "js": float(np.nan_to_num(jensenshannon(p, q, base=2))),
        "hellinger": float(np.sqrt(max(0.0, 1 - np.sum(np.sqrt(p * q))))),
        "total_variation": float(np.abs(p - q).sum() / 2),
        "linf": float(np.abs(p - q).max()),
        "chi2": float(np.sum(((q - expected) ** 2 / expected)[used]) / (1 / n + 1 / m)),
    }


def coarse_cuts(values):
    """Inner deciles (type R-7), and every value with at least 5 % alone."""
    cuts = set(float(c) for c in np.quantile(values, np.arange(1, 10) / 10, method="linear"))
    distinct, counts = np.unique(values, return_counts=True)
    for value in distinct[counts / len(values) >= 0.05]:
        cuts |= {float(np.nextafter(value, -np.inf)), float(value)}
    return sorted(cuts)


def as_json(values):
    """NaN as null and infinities as text: JSON has neither."""
    return [None if math.isnan(v) else ("inf" if v > 0 else "-inf") if math.isinf(v) else float(v) for v in values]


def numeric(name, baseline, current):
    baseline, current = np.asarray(baseline, float), np.asarray(current, float)
    a, b = baseline[~np.isnan(baseline)], current[~np.isnan(current)]
    case = {"name": name, "baseline": as_json(baseline), "current": as_json(current)}
    if len(b) == 0:
        return case | {"cuts": coarse_cuts(a), "expected": None}
    cuts = coarse_cuts(a)
    counts = [np.bincount(np.searchsorted(cuts, side, side="left"), minlength=len(cuts) + 1) for side in (a, b)]
    expected = cell_distances(*counts)
    expected["ks"] = float(stats.ks_2samp(a, b).statistic)
    sigma = 0 if (a == a[0]).all() else float(np.std(a))
    usable = sigma > 0 and (np.abs(np.concatenate([a, b])) <= 1e100).all()
    expected["wasserstein"] = float(stats.wasserstein_distance(a, b)) / sigma if usable else None
    return case | {"cuts": cuts, "expected": expected}


def categorical(name, known, other, baseline, current):
    """Counts by name; a name that is neither known nor other is unseen. Missing values (null) take no part."""
    has_other = any(baseline.get(x, 0) for x in other)

    def cells(counts):
        row = [counts.get(x, 0) for x in known]
        if has_other:
            row.append(sum(counts.get(x, 0) for x in other))
        strange = sum(c for x, c in counts.items() if x != "null" and x not in known and x not in other)
        return row + [strange]

    return {"name": name, "known": known, "other": other, "baseline": baseline, "current": current,
            "expected": cell_distances(cells(baseline), cells(current))}


def some_missing(values, share):
    values = np.array(values, float)
    values[rng.random(len(values)) < share] = np.nan
    return values


def normal(n, mean=0.0, sd=1.0):
    return np.round(rng.normal(mean, sd, n), 6)


def zero_inflated(n, zeros, scale):
    return np.where(rng.random(n) < zeros, 0.0, np.round(rng.exponential(scale, n), 6))


def main():
    same = normal(600)
    both = np.concatenate([normal(500, -2, 0.5), normal(500, 2, 0.5)])
    cases = [
        numeric("normal, nothing changed", normal(1500), normal(1000)),
        numeric("normal, shifted by 0.1 sigma", normal(1500), normal(1000, 0.1)),
        numeric("normal, shifted by one sigma", normal(1500), normal(1000, 1)),
        numeric("normal, twice the scale", normal(1500), normal(1000, 0, 2)),
        numeric("log-normal, 1.2 times", np.round(rng.lognormal(0, 1.5, 1500), 6), np.round(1.2 * rng.lognormal(0, 1.5, 1000), 6)),
        numeric("zero-inflated, fewer zeros", zero_inflated(1500, 0.7, 1), zero_inflated(1000, 0.5, 1)),
        numeric("zero-inflated, other scale", zero_inflated(1500, 0.7, 1), zero_inflated(1000, 0.7, 2)),
        numeric("discrete", rng.poisson(3, 1500), rng.poisson(4, 1000)),
        numeric("two values", rng.integers(0, 2, 800), (rng.random(500) < 0.7).astype(float)),
        numeric("bimodal to one peak", both, normal(800, 2, 0.5)),
        numeric("constant, stays", np.full(500, 0.1), np.full(300, 0.1)),
        numeric("constant, moves", np.full(500, 0.1), np.full(300, 0.2)),
        numeric("constant, comes alive", np.full(500, 0.1), normal(300, 0.1)),
        numeric("varied, becomes constant", normal(1000), np.full(300, 0.3)),
        numeric("NaN on both sides", some_missing(normal(1500), 0.2), some_missing(normal(1000, 0.3), 0.5)),
        numeric("NaN only", normal(200), np.full(50, np.nan)),
        numeric("five values", normal(1500), normal(5)),
        numeric("baseline of five values", normal(5), normal(500)),
        numeric("identical samples", same, same),
        numeric("disjoint", normal(500), normal(300, 100)),
        numeric("outliers of 1e12", normal(1500), np.concatenate([normal(995), [1e12, -1e12, 3e9, -5e11, 1e12]])),
        numeric("outliers in the baseline", np.concatenate([normal(995), [1e9, -1e9, 3e9, 5e8, 1e9]]), normal(700)),
        numeric("values of 1e300", normal(1500), np.concatenate([normal(500), [1e300, -1e300]])),
        numeric("infinities", normal(1500), np.concatenate([normal(500), [np.inf, -np.inf, np.inf]])),
        numeric("large and narrow", 1.7e12 + np.round(rng.normal(0, 1000, 1000)), 1.7e12 + np.round(rng.normal(300, 1000, 800))),
    ]
    letters = [f"category {i}" for i in range(12)]
    zipf = {name: int(3000 / (i + 1)) for i, name in enumerate(letters)}
    categories = [
        categorical("same shares", letters, [], zipf, {k: v // 3 for k, v in zipf.items()}),
        categorical("other shares", letters, [], zipf, {name: int(rng.integers(0, 300)) for name in letters}),
        categorical("unseen names", letters, [], zipf, {"category 0": 200, "new": 37, "newer": 5}),
        categorical("rare names", letters[:8], letters[8:], zipf, {"category 0": 200, "category 9": 50, "new": 1}),
        categorical("missing values", letters, [], zipf | {"null": 500}, {"category 0": 100, "category 3": 90, "null": 4000}),
        categorical("one name", ["only"], [], {"only": 1000}, {"only": 100}),
        categorical("one name, replaced", ["only"], [], {"only": 1000}, {"new": 100}),
        categorical("five records", letters, [], zipf, {"category 1": 3, "category 11": 2}),
    ]
    target = pathlib.Path(__file__).with_name("distances.json")
    lines = ["{\"numeric\": ["] + [",\n".join(json.dumps(c) for c in cases)] + ["], \"categorical\": ["]
    lines += [",\n".join(json.dumps(c) for c in categories)] + ["]}"]
    target.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
