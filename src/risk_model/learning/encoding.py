"""Which codes do the columns of a table become, and how are they learnt?"""

from collections.abc import Sequence
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import StratifiedKFold

from risk_model.learning import rates
from risk_model.learning.table_columns import as_columns, as_numbers
from risk_model.scoring.coding import NULL_KEY, Codes, Coding, Level
from risk_model.scoring.columns import ReadColumns, encode
from risk_model.specified_features import Feature

Floats = NDArray[np.float64]

MOST_BINS: Final = 32
"""Bins of a numeric term: finer steps than an office can tell apart add noise, not meaning."""
MOST_CATEGORIES: Final = 200
RAREST_CATEGORY: Final = 5
"""Rows a category needs for a value of its own; rarer ones share the value of the unknown."""
MOST_RECURRING: Final = 5_000
RAREST_RECURRING: Final = 3
"""An agency or partner needs a few looks or reports for an effect of its own; shrinkage does the rest."""
FOLDS: Final = 5
"""Parts a rate is cross-fitted over, so that no row's own outcome is in its rate."""


class Encoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Turns rows into codes, one column per feature; `codings_` is what it learnt.

    `shrinkages_` has the shrinkage of each rate. On the rows it is fitted on, `fit_transform` gives
    each row the rate of its key without the row's own fold; on any other row `transform` gives the
    rate of all rows fitted on.
    """

    def __init__(self, features: Sequence[Feature], random_state: int = 0) -> None:
        self.features = features
        self.random_state = random_state

    def fit(self, X: pd.DataFrame, y: Any, sample_weight: Any = None) -> Self:
        """Learn the codes from rows with outcomes `y` (0/1)."""
        self.fit_transform(X, y, sample_weight)
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any = None, sample_weight: Any = None) -> Codes:
        """Learn the codes and return those of the same rows, rates cross-fitted; shape (n_rows, n_features)."""
        read = self._read(X)
        known = rates.Known(np.asarray(y, float), _weights(sample_weight, len(X)))
        folds, keys = folds_of(known.outcome, self.random_state), rates.Keys(read)
        self.codings_: list[Coding] = []
        self.shrinkages_: dict[str, float] = {}
        codes = []
        for feature in self.features:
            if feature.kind == "rate":
                term = rates.learn_rate(feature, keys, known, folds)
                self.shrinkages_[feature.name] = term.shrinkage
                self.codings_.append(term.coding)
                codes.append(term.cross_fitted)
            else:
                self.codings_.append(_coding(feature, read, known.weight))
                codes.append(encode(self.codings_[-1], read))
        return np.column_stack(codes)

    def transform(self, X: pd.DataFrame) -> Codes:
        """Return the codes of any rows; values never seen get the code of the unknown."""
        read = self._read(X)
        for coding in self.codings_:
            if coding.edges is not None:
                as_numbers(read, coding.columns[0], coding.name)
        return np.column_stack([encode(coding, read) for coding in self.codings_])

    def _read(self, X: pd.DataFrame) -> ReadColumns:
        used = [name for f in self.features for name in (*f.columns, *(f.parent or ()), f.counts_if or "")]
        return ReadColumns(as_columns(X, dict.fromkeys(name for name in used if name)))


def _weights(sample_weight: Any, n_rows: int) -> Floats:
    return np.ones(n_rows) if sample_weight is None else np.asarray(sample_weight, float)


def folds_of(outcome: Floats, random_state: int) -> list[tuple[Any, Any]]:
    """Return (learnt, held out) positions, both outcomes in each part; one fold where outcomes are too few."""
    parts = int(min(FOLDS, outcome.sum(), (1 - outcome).sum()))
    if parts < 2:
        return [(np.arange(len(outcome)), np.arange(len(outcome)))]
    return list(StratifiedKFold(parts, shuffle=True, random_state=random_state).split(outcome, outcome))


def _coding(feature: Feature, read: ReadColumns, weight: Floats) -> Coding:
    if feature.kind in ("categorical", "flag", "effect"):
        return _lookup_coding(feature, read, weight)
    return _binned_coding(feature, read)


def _lookup_coding(feature: Feature, read: ReadColumns, weight: Floats) -> Coding:
    column = read.counted(feature.columns, feature.counts_if)
    recurs = feature.kind == "effect"
    rarest, most = (RAREST_RECURRING, MOST_RECURRING) if recurs else (RAREST_CATEGORY, MOST_CATEGORIES)
    weights = pd.Series(np.bincount(column.places, weight, len(column.keys)), column.keys)
    counts = weights.sort_index().sort_values(ascending=False, kind="stable")
    if recurs:
        counts = counts.drop(NULL_KEY, errors="ignore")  # who names no agency has no agency's effect
    kept = sorted(counts[counts >= rarest].index[:most])
    codes = {str(key): code for code, key in enumerate(kept)}
    return Coding(
        name=feature.name,
        columns=feature.columns,
        size=len(codes) + 1,
        unknown=len(codes),
        levels=(Level(feature.columns, codes),),
        counts_if=feature.counts_if,
    )


def _binned_coding(feature: Feature, read: ReadColumns) -> Coding:
    values = as_numbers(read, feature.columns[0], feature.name)
    edges = _edges(values[np.isfinite(values)])
    return Coding(
        name=feature.name,
        columns=feature.columns,
        size=len(edges) + 2,
        unknown=len(edges) + 1,
        edges=tuple(edges),
        counts_if=feature.counts_if,
    )


def _edges(values: Floats) -> list[float]:
    distinct = np.unique(values)
    if len(distinct) <= MOST_BINS:
        return [float(edge) for edge in (distinct[:-1] + distinct[1:]) / 2]
    cuts = np.unique(np.quantile(values, np.linspace(0, 1, MOST_BINS + 1)[1:-1]))
    return [float(edge) for edge in cuts[cuts < distinct[-1]]]
