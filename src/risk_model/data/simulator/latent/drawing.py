"""How are codes drawn by weight, and turned into text or numbers?"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from risk_model.data.simulator.worlds import Codes, Floats


def choose(rng: np.random.Generator, size: int, weights: Floats) -> Codes:
    """Draw `size` positions with the given weights."""
    cumulative = np.cumsum(weights)
    found = np.searchsorted(cumulative, rng.random(size) * cumulative[-1], side="right")
    return np.asarray(np.minimum(found, len(weights) - 1), dtype=np.int64)


def choose_by_row(rng: np.random.Generator, rows: Codes, weights: Floats) -> Codes:
    """Draw one column for each row number; `weights` has a row per number."""
    cumulative = np.cumsum(weights, axis=1)
    drawn = rng.random(len(rows)) * cumulative[rows, -1]
    found = (cumulative[rows] <= drawn[:, None]).sum(axis=1)
    return np.asarray(np.minimum(found, weights.shape[1] - 1), dtype=np.int64)


def cells(frame: pd.DataFrame, keys: Sequence[str]) -> Codes:
    """Return the number of the combination of `keys` that each row has, counted in order of appearance."""
    return np.asarray(frame.groupby(list(keys), sort=False).ngroup(), dtype=np.int64)


def take(labels: Sequence[str], codes: Codes) -> pd.Series:
    """Return the label of each code as text; -1 reads as null."""
    return pd.Series(pd.array(list(labels), dtype="str").take(codes, allow_fill=True), dtype="str")


def lookup(values: pd.Series, table: Mapping[str, float], default: float = 0.0) -> Floats:
    """Return the number of each text in `table`, `default` where it has none."""
    codes, labels = pd.factorize(values)
    found = np.array([table.get(label, default) for label in labels] + [default], dtype=np.float64)
    return np.asarray(found[codes])
