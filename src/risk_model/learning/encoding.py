"""Which codes do the columns of a table become, and how are they learnt?"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import StratifiedKFold

from risk_model.errors import SpecificationError, repair_hint
from risk_model.scoring.coding import NULL_KEY, Codes, Coding, Columns, Level, keys_of, numbers_of
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
DEFAULT_SHRINKAGE: Final = 10.0
"""Rows of the parent's rate that a rate starts from."""
FOLDS: Final = 5
"""Parts a rate is cross-fitted over, so that no row's own outcome is in its rate."""


def as_columns(table: pd.DataFrame, names: Iterable[str]) -> dict[str, NDArray[Any]]:
    """Return the columns `names` of `table` as arrays that codings read.

    Raises:
        SpecificationError: when a column is missing.
    """
    columns: dict[str, NDArray[Any]] = {}
    for name in names:
        if name not in table:
            raise SpecificationError(f"the table has no column {name!r}; {repair_hint(name, map(str, table.columns))}")
        column = table[name]
        plain = isinstance(column.dtype, np.dtype) and column.dtype.kind in "fiub"
        columns[name] = column.to_numpy() if plain else column.astype(object).to_numpy()
    return columns


class Encoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Turns rows into codes, one column per feature; `codings_` is what it learnt.

    On the rows it is fitted on, `fit_transform` gives each row the rate of its key without the
    row's own fold; on any other row `transform` gives the rate of all rows fitted on.
    """

    def __init__(self, features: Sequence[Feature], random_state: int = 0) -> None:
        self.features = features
        self.random_state = random_state

    def fit(self, X: pd.DataFrame, y: Any, sample_weight: Any = None) -> Self:
        """Learn the codes from rows with outcomes `y` (0/1)."""
        columns = self._columns(X)
        outcome, weight = np.asarray(y, float), _weights(sample_weight, len(X))
        self.rate_edges_ = {
            feature.name: _rate_edges(feature, columns, (outcome, weight))
            for feature in self.features
            if feature.kind == "rate"
        }
        self.codings_ = [
            _rate_coding(feature, columns, (outcome, weight), self.rate_edges_[feature.name])
            if feature.kind == "rate"
            else _coding(feature, columns, weight)
            for feature in self.features
        ]
        return self

    def fit_transform(self, X: pd.DataFrame, y: Any = None, sample_weight: Any = None) -> Codes:
        """Learn the codes and return those of the same rows, rates cross-fitted; shape (n_rows, n_features)."""
        self.fit(X, y, sample_weight)
        columns = self._columns(X)
        outcome, weight = np.asarray(y, float), _weights(sample_weight, len(X))
        folds = folds_of(outcome, self.random_state)
        coded = [
            _cross_fitted(feature, self.rate_edges_[feature.name], columns, (outcome, weight), folds)
            if feature.kind == "rate"
            else coding.encode(columns)
            for feature, coding in zip(self.features, self.codings_, strict=True)
        ]
        return np.column_stack(coded)

    def transform(self, X: pd.DataFrame) -> Codes:
        """Return the codes of any rows; values never seen get the code of the unknown."""
        columns = self._columns(X)
        return np.column_stack([coding.encode(columns) for coding in self.codings_])

    def _columns(self, X: pd.DataFrame) -> Columns:
        used = [name for f in self.features for name in (*f.columns, *(f.parent or ()), f.counts_if or "")]
        return as_columns(X, dict.fromkeys(name for name in used if name))


def _weights(sample_weight: Any, n_rows: int) -> Floats:
    return np.ones(n_rows) if sample_weight is None else np.asarray(sample_weight, float)


def folds_of(outcome: Floats, random_state: int) -> list[tuple[Any, Any]]:
    """Return (learnt, held out) positions, both outcomes in each part; one fold where outcomes are too few."""
    parts = int(min(FOLDS, outcome.sum(), (1 - outcome).sum()))
    if parts < 2:
        return [(np.arange(len(outcome)), np.arange(len(outcome)))]
    return list(StratifiedKFold(parts, shuffle=True, random_state=random_state).split(outcome, outcome))


def _coding(feature: Feature, columns: Columns, weight: Floats) -> Coding:
    if feature.kind in ("categorical", "flag", "effect"):
        return _lookup_coding(feature, columns, weight)
    return _binned_coding(feature, columns)


def _lookup_coding(feature: Feature, columns: Columns, weight: Floats) -> Coding:
    blank = Coding(feature.name, feature.columns, 1, 0, None, (), feature.counts_if)
    keys = pd.Series(blank.counted(keys_of(columns, feature.columns), columns))
    recurs = feature.kind == "effect"
    rarest, most = (RAREST_RECURRING, MOST_RECURRING) if recurs else (RAREST_CATEGORY, MOST_CATEGORIES)
    counts = pd.Series(weight).groupby(keys, sort=True).sum().sort_values(ascending=False, kind="stable")
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


def _binned_coding(feature: Feature, columns: Columns) -> Coding:
    try:
        values = numbers_of(columns[feature.columns[0]])
    except (TypeError, ValueError) as error:
        raise SpecificationError(
            f"feature {feature.name} is {feature.kind}, but column {feature.columns[0]!r} holds text ({error}); "
            "make it categorical, or clean the column"
        ) from error
    edges = _edges(values[~np.isnan(values)])
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


def _rate_edges(feature: Feature, columns: Columns, known: tuple[Floats, Floats]) -> Floats:
    own, _, overall = _rates(feature, columns, known, np.arange(len(known[0])))
    rates = [own.get(key, overall) for key in keys_of(columns, feature.columns)]
    return np.asarray(_edges(np.asarray(rates, dtype=np.float64)), dtype=np.float64)


def _rate_coding(feature: Feature, columns: Columns, known: tuple[Floats, Floats], edges: Floats) -> Coding:
    own, parent, overall = _rates(feature, columns, known, np.arange(len(known[0])))
    levels = [Level(feature.columns, {key: _bin(edges, rate) for key, rate in own.items()})]
    if feature.parent is not None:
        levels.append(Level(feature.parent, {key: _bin(edges, rate) for key, rate in parent.items()}))
    return Coding(
        name=feature.name,
        columns=feature.columns,
        size=len(edges) + 1,
        unknown=_bin(edges, overall),
        levels=tuple(levels),
    )


def _shrinkage(feature: Feature) -> float:
    return DEFAULT_SHRINKAGE if feature.shrinkage is None else feature.shrinkage


def _bin(edges: Floats, rate: float) -> int:
    return int(np.searchsorted(edges, rate, side="left"))


def _rates(
    feature: Feature, columns: Columns, known: tuple[Floats, Floats], rows: Any
) -> tuple[dict[str, float], dict[str, float], float]:
    """Return the shrunken rates by key and by parent's key, and the overall rate, learnt from `rows`."""
    outcome, weight = (part[rows] for part in known)
    overall = float(np.average(outcome, weights=weight))
    own_keys = np.asarray(keys_of(columns, feature.columns), dtype=object)[rows]
    if feature.parent is None:
        return _shrunk(own_keys, outcome, weight, overall, _shrinkage(feature)), {}, overall
    parent_keys = np.asarray(keys_of(columns, feature.parent), dtype=object)[rows]
    parent = _shrunk(parent_keys, outcome, weight, overall, _shrinkage(feature))
    # a key may stand under several parents; it leans on the mix of parents it was seen with
    leaning = pd.Series(parent_keys).map(parent).groupby(own_keys).mean()
    return _shrunk(own_keys, outcome, weight, leaning.to_dict(), _shrinkage(feature)), parent, overall


def _shrunk(
    keys: NDArray[Any], outcome: Floats, weight: Floats, towards: float | Mapping[Any, float], shrinkage: float
) -> dict[str, float]:
    sums = pd.DataFrame({"key": keys, "cases": outcome * weight, "rows": weight}).groupby("key").sum()
    centre = sums.index.map(towards).to_numpy(float) if isinstance(towards, Mapping) else towards
    rates = (sums["cases"] + shrinkage * centre) / (sums["rows"] + shrinkage)
    return {str(key): float(rate) for key, rate in rates.items()}


def _cross_fitted(
    feature: Feature, edges: Floats, columns: Columns, known: tuple[Floats, Floats], folds: list[tuple[Any, Any]]
) -> Codes:
    own_keys = pd.Series(keys_of(columns, feature.columns))
    parent_keys = pd.Series(keys_of(columns, feature.parent)) if feature.parent else own_keys
    rates = np.empty(len(own_keys))
    for learnt, held_out in folds:
        own, parent, overall = _rates(feature, columns, known, learnt)
        fallback = parent_keys.iloc[held_out].map(parent).astype(float).fillna(overall)
        rates[held_out] = own_keys.iloc[held_out].map(own).astype(float).fillna(fallback).to_numpy()
    return np.searchsorted(edges, rates, side="left").astype(np.int64)
