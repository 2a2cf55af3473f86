"""What is the risk of a row, and which terms make it up?

A compiled model is a sum of table look-ups on the log-odds scale. The same tables answer one row
given as a mapping and many rows given as columns.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from risk_model.scoring.coding import Coding, key_of_row
from risk_model.scoring.columns import BLOCK, Columns, ReadColumns, look_up_codes

Floats = NDArray[np.float64]

BANDS = ("very_high", "high", "medium", "lower_priority")
"""From the most to the least urgent; the lowest is never called safe (safeguard R04)."""

INSUFFICIENT_DATA = "insufficient_data"
"""The band of a row whose corridor was never seen: a person decides (safeguard R17)."""

ALL_BANDS = (*BANDS, INSUFFICIENT_DATA)

INTERVAL_Z = 1.6448536269514722
"""Half-width of a 90 % interval in standard errors (normal quantile at 0.95)."""


@dataclass(frozen=True)
class Term:
    """One readable term: a table of calibrated log-odds contributions, one per code.

    `values` are centred, so 0 is the average row of training. `variances` are squared standard
    errors of the values; they add up over terms, which treats terms as independent.
    """

    coding: Coding
    values: Floats
    variances: Floats

    @property
    def name(self) -> str:
        """The feature's name in the specification."""
        return self.coding.name

    @cached_property
    def value_list(self) -> list[float]:
        """The values as plain numbers, for one row."""
        return [float(value) for value in self.values]

    @cached_property
    def variance_list(self) -> list[float]:
        """The variances as plain numbers."""
        return [float(variance) for variance in self.variances]


@dataclass(frozen=True)
class LookedUp:
    """What one term says of many rows: row i gets `values[places[i]]`, with the variance at the same place."""

    values: Floats
    variances: Floats
    places: NDArray[Any]


@dataclass(frozen=True)
class CompiledModel:
    """A model as data: everything needed to score, nothing that can run.

    `intercept` is the calibrated log-odds of the average row; `variance` its squared standard error.
    `detection` is the declared share of true cases that a visit finds, so risk = found / detection.
    `thresholds` are the lowest risks of all bands but the last. A row whose `support_columns` have a
    combination outside `supported` gets no number. `card` says where the model comes from.
    """

    kind: str
    intercept: float
    variance: float
    terms: tuple[Term, ...]
    detection: float
    thresholds: tuple[float, ...]
    support_columns: tuple[str, ...]
    supported: frozenset[str]
    card: Mapping[str, Any]

    @cached_property
    def look_ups(self) -> tuple[tuple[Callable[[Mapping[str, Any]], int], list[float], list[float]], ...]:
        """What one row is scored with: for each term how it finds its code, its values and its variances."""
        return tuple((term.coding.encode_one, term.value_list, term.variance_list) for term in self.terms)

    def log_odds(self, columns: Columns) -> Floats:
        """Return the log-odds that a visit finds harm, shape (n_rows,)."""
        return _sums(self, _looked_up(self, ReadColumns(columns)))[0]


@dataclass(frozen=True)
class Scores:
    """The scores of many rows; arrays of shape (n_rows,).

    `risk`, `low` and `high` (a 90 % interval) are NaN and `band` is `insufficient_data` where
    `supported` is false. `band_place` is the band's place in `ALL_BANDS`.
    """

    risk: Floats
    low: Floats
    high: Floats
    band_place: NDArray[np.int8]
    supported: NDArray[np.bool_]
    looked_up: tuple[LookedUp, ...]

    @cached_property
    def band(self) -> NDArray[np.str_]:
        """The band of each row."""
        return np.asarray(ALL_BANDS)[self.band_place]

    @cached_property
    def contributions(self) -> Floats:
        """The log-odds that each term adds, shape (n_rows, n_terms); made when they are first asked for."""
        return np.column_stack([term.values[term.places] for term in self.looked_up])


@dataclass(frozen=True)
class Score:
    """The score of one row; `risk`, `low` and `high` are None where `supported` is false.

    `contributions` are log-odds in the order of the model's terms; with the intercept they add up to
    the row's log-odds.
    """

    risk: float | None
    low: float | None
    high: float | None
    band: str
    supported: bool
    contributions: tuple[float, ...]


def score_columns(model: CompiledModel, columns: Columns) -> Scores:
    """Score many rows given as columns of equal length: lists or arrays by name, a DataFrame, an Arrow table."""
    read = ReadColumns(columns)
    looked_up = _looked_up(model, read)
    log_odds, variance = _sums(model, looked_up)
    spread = INTERVAL_Z * np.sqrt(variance)
    known = read.distinct(tuple(model.support_columns)).isin(model.supported)
    risk = _risk(log_odds, model.detection)
    return Scores(
        risk=np.where(known, risk, np.nan),
        low=np.where(known, _risk(log_odds - spread, model.detection), np.nan),
        high=np.where(known, _risk(log_odds + spread, model.detection), np.nan),
        band_place=np.where(known, _band_places(risk, model.thresholds), len(BANDS)).astype(np.int8),
        supported=known,
        looked_up=looked_up,
    )


def _looked_up(model: CompiledModel, read: ReadColumns) -> tuple[LookedUp, ...]:
    found = []
    for term in model.terms:
        codes, places = look_up_codes(term.coding, read)
        found.append(LookedUp(term.values[codes], term.variances[codes], places))
    return tuple(found)


def _sums(model: CompiledModel, looked_up: Sequence[LookedUp]) -> tuple[Floats, Floats]:
    """Return log-odds and variances, added one term after the other as `score_row` does: the same to the last bit."""
    rows = len(looked_up[0].places)
    log_odds, variance = np.full(rows, model.intercept), np.full(rows, model.variance)
    for start in range(0, rows, BLOCK):
        block = slice(start, start + BLOCK)
        for term in looked_up:
            places = term.places[block]
            # no place is outside the table; "clip" only spares the check, and a copy of narrow places
            log_odds[block] += term.values.take(places, mode="clip")
            variance[block] += term.variances.take(places, mode="clip")
    return log_odds, variance


def rows_of(scores: Scores) -> list[Score]:
    """Return the scores of many rows one by one, each the same as `score_row` gives it."""
    numbers = (scores.risk.tolist(), scores.low.tolist(), scores.high.tolist())
    others = (scores.band.tolist(), scores.supported.tolist(), scores.contributions.tolist())
    return [
        Score(risk, low, high, band, True, tuple(terms))
        if supported
        else Score(None, None, None, band, False, tuple(terms))
        for risk, low, high, band, supported, terms in zip(*numbers, *others, strict=True)
    ]


def score_row(model: CompiledModel, row: Mapping[str, Any]) -> Score:
    """Score one row given as a mapping; a missing column counts as not recorded."""
    contributions, log_odds, variance = [], model.intercept, model.variance
    for encode_one, values, variances in model.look_ups:  # not `sum`, which newer Pythons round otherwise
        code = encode_one(row)
        value = values[code]
        contributions.append(value)
        log_odds += value
        variance += variances[code]
    if key_of_row(row, model.support_columns) not in model.supported:
        return Score(None, None, None, INSUFFICIENT_DATA, False, tuple(contributions))
    spread = INTERVAL_Z * math.sqrt(variance)
    risk, low, high = [_risk_of(x, model.detection) for x in (log_odds, log_odds - spread, log_odds + spread)]
    band = BANDS[sum([risk < least for least in model.thresholds])]
    return Score(risk, low, high, band, True, tuple(contributions))


def _risk_of(log_odds: float, detection: float) -> float:
    """Return `_risk` of one row: numpy's exponential, which rounds otherwise than Python's, and plain numbers."""
    likelier = 1 / (1 + float(np.exp(-abs(log_odds))))
    return min(1.0, (likelier if log_odds >= 0 else 1 - likelier) / detection)


def _risk(log_odds: Any, detection: float) -> Any:
    # exp of a large negative number underflows to 0, which is the right limit on both sides
    likelier = 1 / (1 + np.exp(-np.abs(log_odds)))
    return np.minimum(1.0, np.where(log_odds >= 0, likelier, 1 - likelier) / detection)


def _band_places(risk: Any, thresholds: Sequence[float]) -> Any:
    return len(BANDS) - 1 - np.searchsorted(np.asarray(thresholds)[::-1], risk, side="right")
