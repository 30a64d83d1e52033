"""What a team writes by itself: confluent-kafka, one of three ways through the JSON, counts over the deciles of training, PSI at the end.

  orjson   record by record, the columns as numpy arrays
  msgspec  the same with a declared type, which reads nothing else: the fastest record by record in Python
  polars   batches of JSON texts decoded by Polars; faster here than its reader of JSON lines

Batches are those that were fastest of 500 to 50,000 records.
"""
import collections
import operator

import harness
import msgspec
import numpy as np
import orjson
import polars as pl
from deciles import Deciles, psi
from harness import CATEGORIES, NUMBERS


class Records:
    """Features of one record at a time; `counts` gives, per number, how many values are at or below each edge, and how many there are."""
    batch = 2_000

    def __init__(self, deciles, features_of, getter):
        self._edges, self._features_of = [d.edges for d in deciles], features_of
        self._numbers_of, self._categories_of = getter(*NUMBERS), getter(*CATEGORIES)
        self._categories = [collections.Counter() for _ in CATEGORIES]

    def counts(self, messages):
        numbers, categories = [], []
        for message in messages:
            features = self._features_of(message)
            numbers.append(self._numbers_of(features))
            categories.append(self._categories_of(features))
        for counter, column in zip(self._categories, zip(*categories)):
            counter.update(column)
        columns = np.array(numbers, dtype=float).T.copy()
        return [([np.count_nonzero(column <= edge) for edge in edges], len(messages) - np.count_nonzero(np.isnan(column)))
                for column, edges in zip(columns, self._edges)]

    def categories(self):
        return self._categories


def with_orjson(deciles):
    return Records(deciles, lambda message: orjson.loads(message)["features"], operator.itemgetter)


def with_msgspec(deciles):
    features = msgspec.defstruct("Features", [*[(name, float | None) for name in NUMBERS], *[(name, str) for name in CATEGORIES]], gc=False)
    decoder = msgspec.json.Decoder(msgspec.defstruct("Record", [("features", features)], gc=False))
    return Records(deciles, lambda message: decoder.decode(message).features, operator.attrgetter)


class Frames:
    """The same with a data frame per batch."""
    batch = 10_000

    def __init__(self, deciles):
        self._record = pl.Struct({"features": pl.Struct({**dict.fromkeys(NUMBERS, pl.Float64), **dict.fromkeys(CATEGORIES, pl.String)})})
        self._lengths = [len(d.edges) for d in deciles]
        self._counts = [count for name, d in zip(NUMBERS, deciles)
                        for count in [*[(pl.col(name) <= edge).sum().alias(f"{name}/{i}") for i, edge in enumerate(d.edges)],
                                      pl.col(name).count().alias(f"{name}/n")]]
        self._categories = [collections.Counter() for _ in CATEGORIES]

    def counts(self, messages):
        texts = pl.Series(messages, dtype=pl.Binary).cast(pl.String)
        frame = texts.str.json_decode(self._record).struct.field("features").struct.unnest()
        for counter, name in zip(self._categories, CATEGORIES):
            counter.update(dict(frame[name].value_counts().iter_rows()))
        found, at = frame.select(self._counts).row(0), 0
        for length in self._lengths:
            yield found[at:at + length], found[at + length]
            at += length + 1

    def categories(self):
        return self._categories


class Peer:
    def __init__(self, training, way):
        frame = pl.read_csv(training)
        self._deciles = [Deciles(frame[name].drop_nulls().cast(pl.Float64).to_numpy()) for name in NUMBERS]
        self._expected = [collections.Counter(frame[name].to_list()) for name in CATEGORIES]
        self._way = {"orjson": with_orjson, "msgspec": with_msgspec, "polars": Frames}[way](self._deciles)
        self._rows, self.batch = 0, self._way.batch

    def take(self, messages):
        self._rows += len(messages)
        for deciles, (below, count) in zip(self._deciles, self._way.counts(messages)):
            deciles.add(below, count)

    def result(self):
        scores = [deciles.psi() for deciles in self._deciles]
        categories = self._way.categories()
        for expected, counted in zip(self._expected, categories):
            names = sorted(expected | counted)
            scores.append(psi([expected[name] for name in names], [counted[name] for name in names]))
        return {"missing": {name: self._rows - d.count for name, d in zip(NUMBERS, self._deciles)},
                "categories": {name: counted.total() for name, counted in zip(CATEGORIES, categories)},
                "medians": {name: d.median() for name, d in zip(NUMBERS, self._deciles)}, "psi": scores}


if __name__ == "__main__":
    harness.main(Peer)
