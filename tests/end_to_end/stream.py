"""A made-up model whose traffic can be recomputed by anybody: its training file, its live records, and what the daemon must say of them.

`Offline` counts the same records again, from the definitions alone: coarse cells from the training file's deciles, sums by step, PSI.
"""
import bisect
import collections
import csv
import math
import random

import rig
from records import request

START = 1704067200  # 2024-01-01T00:00:00Z, a multiple of a day
HOUR = 3600
FEATURES = ("amount", "fee", "age", "plan")
PLANS = ("free", "basic", "plus", "team", "pro", "legacy")


def features(rng, shift=0.0, blank=()):
    """One record's features: a number, one that is mostly zero, whole numbers, a category. `blank` are left without a value."""
    row = {
        "amount": round(rng.gauss(50 + 10 * shift, 10), 3),
        "fee": 0.0 if rng.random() < 0.6 else round(rng.expovariate(0.2), 2),
        "age": min(90, max(18, int(rng.gauss(45, 15)))),
        "plan": rng.choices(PLANS, (40, 25, 15, 10, 8, 2))[0],
    }
    if rng.random() < 0.02:
        row["amount"] = None
    for name in blank:
        row[name] = None
    return row


def train(path, seed=1):
    """Writes a training file. Every column has 10·k + 1 values, so its deciles are values and need no interpolation."""
    rng = random.Random(seed)
    rows, values = [], 0
    while values < 4001 or len(rows) % 10 != 1:
        row = features(rng)
        if row["amount"] is not None:
            if values == 4001:
                row["amount"] = None
            else:
                values += 1
        rows.append(row)
    with open(path, "w", newline="") as out:
        writer = csv.DictWriter(out, FEATURES)
        writer.writeheader()
        writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
    return rows


def make_baseline(folder, name="m"):
    """A training file and its baseline; returns the baseline's path and the rows."""
    rows = train(folder / f"{name}.csv")
    path = rig.build_baseline(folder / f"{name}.csv", folder / f"{name}-1.baseline.json", "--categorical", "plan",
                              "--numeric", "amount,fee,age")
    return path, rows


def traffic(topic, partitions, model, count, span, seed=2, start=START, shift=lambda share: 0.0, blank=lambda share: ()):
    """`count` records of one model over `span` seconds in the order of time, dealt out to the partitions in turn. `shift` and `blank` say,
    by the share of the span that has passed, how far `amount` has moved and which features have no value."""
    rng = random.Random(seed)
    for i in range(count):
        share = i / count
        yield request(topic, i % partitions, start + int(share * span), model, f"{model}-{seed}-{i}", features(rng, shift(share), blank(share)))


def ticks(topic, partitions, model, seconds):
    """A record per partition far enough ahead to close everything before."""
    rng = random.Random(3)
    return [request(topic, p, seconds, model, f"{model}-tick-{p}-{seconds}", features(rng)) for p in range(partitions)]


class Cells:
    """The coarse cells of a column, from its training values."""

    def __init__(self, values):
        present = [value for value in values if value is not None]
        self.numeric = not isinstance(present[0], str)
        if self.numeric:
            present.sort()
            cuts = {self._decile(present, k) for k in range(1, 10)}
            for value, count in collections.Counter(present).items():
                if count >= 0.05 * len(present):  # alone in its cell: cut just below it and at it
                    cuts |= {math.nextafter(value, -math.inf), value}
            self.cuts = sorted(cuts)
            self.count = len(self.cuts) + 1
        else:
            self.number = {name: i for i, name in enumerate(sorted(set(present)))}
            self.count = len(self.number) + 1  # and one for names that training did not have
        self.baseline = [0] * self.count
        for value in present:
            self.baseline[self.of(value)] += 1

    @staticmethod
    def _decile(ordered, k):
        at = k * (len(ordered) - 1)
        assert at % 10 == 0
        return ordered[at // 10]

    def of(self, value):
        if self.numeric:
            return bisect.bisect_left(self.cuts, value)  # cell i holds (cut[i-1], cut[i]]
        return self.number.get(value, self.count - 1)


def psi(baseline, live):
    """Σ(q−p)ln(q/p), every cell smoothed by one half."""
    n, m = sum(baseline) + len(baseline) / 2, sum(live) + len(live) / 2
    total = 0.0
    for base, now in zip(baseline, live):
        p, q = (base + 0.5) / n, (now + 0.5) / m
        total += (q - p) * math.log(q / p)
    return total


class Offline:
    """The windows that the daemon must report, from the records that were sent."""

    def __init__(self, training_rows, step, steps):
        self.step, self.steps = step, steps
        self.cells = {name: Cells([row[name] for row in training_rows]) for name in FEATURES}
        self.sums = {}

    def add(self, seconds, row):
        start = int(seconds // self.step) * self.step
        if start not in self.sums:
            self.sums[start] = {name: {"missing": 0, "cells": [0] * self.cells[name].count} for name in FEATURES}
        for name in FEATURES:
            value = row.get(name)
            if value is None:
                self.sums[start][name]["missing"] += 1
            else:
                self.sums[start][name]["cells"][self.cells[name].of(value)] += 1

    def windows(self, before):
        """By end of step: {feature: (count, missing, psi)} of the last `steps` steps, for every step that ended by `before`."""
        found = {}
        for start in sorted(self.sums):
            end = start + self.step
            if end > before:
                continue
            merged = [self.sums[s] for s in range(end - self.steps * self.step, end, self.step) if s in self.sums]
            found[end] = {}
            for name in FEATURES:
                cells = [sum(column) for column in zip(*(step[name]["cells"] for step in merged))]
                missing = sum(step[name]["missing"] for step in merged)
                found[end][name] = (sum(cells) + missing, missing, psi(self.cells[name].baseline, cells))
        return found
