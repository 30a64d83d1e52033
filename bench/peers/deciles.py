"""What both hand-written peers keep: counts over the deciles of training, and from them a median and the population stability index."""
import numpy as np


def psi(expected, counts):
    """Half a record stands in for an empty bin."""
    p, q = (np.maximum(c, 0.5) / max(1, np.sum(c)) for c in (np.asarray(expected), np.asarray(counts)))
    return float(np.sum((q - p) * np.log(q / p)))


class Deciles:
    """Equal deciles are one edge. `add` takes how many values lie at or below each edge, and how many there are: to compare with nine numbers is
    several times faster in numpy and Polars than their searches and histograms."""

    def __init__(self, training):
        self.edges = np.unique(np.quantile(training, np.arange(0.1, 1, 0.1)))
        self._ends = training.min(), training.max()
        self._expected = [np.count_nonzero(training <= edge) for edge in self.edges], len(training)
        self._below, self.count = np.zeros(len(self.edges), dtype=np.int64), 0

    def add(self, below, count):
        self._below += below
        self.count += count

    def median(self):
        cumulated = np.concatenate([[0], self._below, [self.count]]) / self.count
        return float(np.interp(0.5, cumulated, [self._ends[0], *self.edges, self._ends[1]]))

    def psi(self):
        expected, current = (np.diff([0, *below, count]) for below, count in (self._expected, (self._below, self.count)))
        return psi(expected, current)
