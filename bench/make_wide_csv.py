#!/usr/bin/env python3
"""Writes a wide CSV file for measuring `monitorctl baseline build`: python3 make_wide_csv.py OUT [ROWS]   (needs numpy)

28 columns: 24 numbers of mixed shape (normal, log-normal, uniform, integers, zero-inflated, bimodal; six of them 2 % missing), three categories
of 5, 50 and 1,000 values, and a label. The same file for the same number of rows. One million rows are about 190 MB.
"""
import sys

import numpy as np


def columns(rng, n):
    for i in range(24):
        kind = i % 6
        if kind == 0:
            text = np.char.mod("%.5f", rng.normal(i, 1 + i, n))
        elif kind == 1:
            text = np.char.mod("%.4f", rng.lognormal(0, 1 + i / 24, n))
        elif kind == 2:
            text = np.char.mod("%.6f", rng.random(n))
        elif kind == 3:
            text = np.char.mod("%d", rng.integers(0, 10 ** (1 + i // 6), n))
        elif kind == 4:
            text = np.char.mod("%.3f", np.where(rng.random(n) < 0.6, 0, rng.exponential(10, n)))
        else:
            text = np.char.mod("%.3f", np.where(rng.random(n) < 0.5, rng.normal(-5, 1, n), rng.normal(5, 2, n)))
        if i % 4 == 0:
            text = np.where(rng.random(n) < 0.02, "", text)
        yield text
    for values in (5, 50, 1000):
        weights = 1 / np.arange(1, values + 1)
        yield np.char.mod(f"c{values}_%d", rng.choice(values, n, p=weights / weights.sum()))
    yield np.where(rng.random(n) < 0.2, "yes", "no")


def main():
    out, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    rng = np.random.default_rng(1)
    with open(out, "w") as file:
        file.write(",".join([f"n{i}" for i in range(24)] + ["small", "medium", "large", "label"]) + "\n")
        for begin in range(0, rows, 50_000):
            block = list(columns(rng, min(50_000, rows - begin)))
            file.writelines(",".join(row) + "\n" for row in zip(*block))


main()
