"""A month of traffic in which nothing changes, and the training file that it comes from: 20 numbers (normal, lognormal, uniform) and 5 categories
(5 to 50 values, Zipf). Every column is a function of a latent normal series of its own, row by row independent or AR(1)."""
import numpy as np
import pandas as pd
import scipy.signal
import scipy.special

HOURS = 720
TRAINING_ROWS = 20_000
START = np.datetime64("2026-10-05T00:00:00", "ms")
NUMBERS = [f"number_{i:02d}" for i in range(20)]
CATEGORIES = [f"category_{i}" for i in range(5)]
_KINDS = [lambda z: z, np.exp, scipy.special.ndtr]
_SIZES = [5, 10, 20, 35, 50]


def _latent(rng, rows, rho):
    """Stationary from the first row."""
    noise = rng.normal(size=rows)
    if rho == 0:
        return noise
    noise[1:] *= np.sqrt(1 - rho**2)
    return scipy.signal.lfilter([1], [1, -rho], noise)


def frame(seed, rows, rho):
    rng = np.random.default_rng(seed)
    columns = {name: np.round(_KINDS[i % 3](_latent(rng, rows, rho)), 6) for i, name in enumerate(NUMBERS)}
    for name, size in zip(CATEGORIES, _SIZES):
        weights = 1 / np.arange(1, size + 1)
        edges = np.cumsum(weights / weights.sum())[:-1]
        columns[name] = np.array([f"c{i}" for i in range(size)], dtype=object)[np.searchsorted(edges, scipy.special.ndtr(_latent(rng, rows, rho)))]
    return pd.DataFrame(columns)


def training(seed, rho):
    return frame([seed, 0], TRAINING_ROWS, rho)


def month(seed, rho, rows_an_hour):
    return frame([seed, 1], HOURS * rows_an_hour, rho)


def times(begin, rows, rows_an_hour):
    """As text, evenly spread over the hours."""
    stamps = begin + (np.arange(rows) * (3_600_000 // rows_an_hour)).astype("timedelta64[ms]")
    return np.char.add(np.datetime_as_string(stamps, unit="ms"), "Z")
