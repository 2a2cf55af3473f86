"""What is the outcome rate of a value, and of a value whose own outcome may not be looked at?

A rate leans on its parent's with the weight of some rows, the shrinkage. Where the specification names
none, it is the one that tells the outcomes of rows left out best: how much a value's own past says
differs between columns by a factor of a hundred (docs/any-table.md).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from risk_model.scoring.coding import Codes, Coding, Level
from risk_model.scoring.columns import ReadColumns
from risk_model.specified_features import Feature

Floats = NDArray[np.float64]
Folds = Sequence[tuple[Any, Any]]

SHRINKAGES: Final = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""Rows of the parent's rate that a rate may start from: from next to nothing to nearly the parent's alone."""
RATE_BINS: Final = 64
"""Steps of a rate, equal on the log-odds scale."""
SMALLEST_RATE: Final = 1e-3
"""Keeps the log-odds of a rate of 0 or 1 finite; ten times rarer outcomes still differ by the sum of terms."""


@dataclass(frozen=True)
class Known:
    """Outcomes (0/1) and weights of the rows learnt from, shape (n_rows,)."""

    outcome: Floats
    weight: Floats


class Keys:
    """The keys of columns as whole numbers, each set of columns worked out once."""

    def __init__(self, read: ReadColumns) -> None:
        self._read = read
        self._found: dict[tuple[str, ...], tuple[Codes, list[str]]] = {}

    def __getitem__(self, names: tuple[str, ...]) -> tuple[Codes, list[str]]:
        """Return the number of each row's key, and the keys by number."""
        if names not in self._found:
            read = self._read.distinct(names)
            occurring, places = np.unique(read.places, return_inverse=True)
            self._found[names] = places, [read.keys[place] for place in occurring.tolist()]
        return self._found[names]


@dataclass(frozen=True)
class Rates:
    """The shrunken rates of keys, NaN where a key was not learnt from; `parent` is empty where there is none."""

    own: Floats
    parent: Floats
    overall: float

    def of_rows(self, own: Codes, parent: Codes | None) -> Floats:
        """Return the rate of each row: its key's, else its parent's, else the overall rate."""
        rates = self.own[own]
        if parent is not None:
            rates = np.where(np.isnan(rates), self.parent[parent], rates)
        return np.where(np.isnan(rates), self.overall, rates)


@dataclass(frozen=True)
class RateTerm:
    """A learnt rate: its coding, and the codes of the rows learnt from without their own folds."""

    coding: Coding
    cross_fitted: Codes
    shrinkage: float


def learn_rate(feature: Feature, keys: Keys, known: Known, folds: Folds) -> RateTerm:
    """Learn the rate of `feature`.

    Args:
        feature: of kind `rate`.
        keys: those of the rows learnt from.
        known: outcomes and weights of the same rows.
        folds: (learnt, held out) positions.
    """
    own, own_names = keys[feature.columns]
    parent, parent_names = keys[feature.parent] if feature.parent else (None, [])
    tried = SHRINKAGES if feature.shrinkage is None else (feature.shrinkage,)
    candidates = [(_left_out(own, parent, known, folds, shrinkage=s), s) for s in tried]
    left_out, shrinkage = min(candidates, key=lambda pair: _loss(known, pair[0]))
    rates = _rates(own, parent, known, np.arange(len(own)), shrinkage=shrinkage)
    edges = _edges(np.concatenate([rates.of_rows(own, parent), left_out]))
    levels = [Level(feature.columns, _codes(own_names, rates.own, edges))]
    if feature.parent is not None:
        levels.append(Level(feature.parent, _codes(parent_names, rates.parent, edges)))
    coding = Coding(
        name=feature.name,
        columns=feature.columns,
        size=len(edges) + 1,
        unknown=int(np.searchsorted(edges, rates.overall, side="left")),
        levels=tuple(levels),
    )
    return RateTerm(coding, np.searchsorted(edges, left_out, side="left").astype(np.int64), shrinkage)


def _rates(own: Codes, parent: Codes | None, known: Known, rows: Any, *, shrinkage: float) -> Rates:
    """Return the rates learnt from `rows`; a key under several parents leans on the mix it was seen with."""
    outcome, weight, size = known.outcome[rows], known.weight[rows], int(own.max()) + 1
    overall = float(np.average(outcome, weights=weight))
    if parent is None:
        return Rates(_shrunk(own[rows], outcome, weight, np.full(size, overall), shrinkage), np.empty(0), overall)
    centre = np.full(int(parent.max()) + 1, overall)
    of_parents = _shrunk(parent[rows], outcome, weight, centre, shrinkage)
    seen = np.maximum(np.bincount(own[rows], minlength=size), 1)
    leaning = np.bincount(own[rows], of_parents[parent[rows]], minlength=size) / seen
    return Rates(_shrunk(own[rows], outcome, weight, leaning, shrinkage), of_parents, overall)


def _shrunk(keys: Codes, outcome: Floats, weight: Floats, centre: Floats, shrinkage: float) -> Floats:
    rows = np.bincount(keys, weight, minlength=len(centre))
    cases = np.bincount(keys, weight * outcome, minlength=len(centre))
    rates: Floats = np.where(rows > 0, (cases + shrinkage * centre) / (rows + shrinkage), np.nan)
    return rates


def _left_out(own: Codes, parent: Codes | None, known: Known, folds: Folds, *, shrinkage: float) -> Floats:
    rates = np.empty(len(own))
    for learnt, held_out in folds:
        learnt_rates = _rates(own, parent, known, learnt, shrinkage=shrinkage)
        rates[held_out] = learnt_rates.of_rows(own[held_out], None if parent is None else parent[held_out])
    return rates


def _loss(known: Known, rates: Floats) -> float:
    kept = np.clip(rates, SMALLEST_RATE, 1 - SMALLEST_RATE)
    loss = -(known.outcome * np.log(kept) + (1 - known.outcome) * np.log(1 - kept))
    return float(np.average(loss, weights=known.weight))


def _edges(rates: Floats) -> Floats:
    log_odds = logit(np.clip(rates, SMALLEST_RATE, 1 - SMALLEST_RATE))
    low, high = float(log_odds.min()), float(log_odds.max())
    return np.asarray(expit(np.unique(np.linspace(low, high, RATE_BINS + 1)[1:-1])), dtype=np.float64)


def _codes(names: Sequence[str], rates: Floats, edges: Floats) -> Mapping[str, int]:
    places = np.searchsorted(edges, rates, side="left").tolist()
    learnt = (~np.isnan(rates)).tolist()
    return {name: place for name, place, seen in zip(names, places, learnt, strict=True) if seen}
