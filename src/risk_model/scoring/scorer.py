"""What is the risk of a row, and which terms make it up?

A compiled model is a sum of table look-ups on the log-odds scale. The same tables answer one row
given as a mapping and many rows given as columns.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from risk_model.scoring.coding import Codes, Coding, Columns, keys_of

Floats = NDArray[np.float64]

BANDS = ("very_high", "high", "medium", "lower_priority")
"""From the most to the least urgent; the lowest is never called safe (safeguard R04)."""

INSUFFICIENT_DATA = "insufficient_data"
"""The band of a row whose corridor was never seen: a person decides (safeguard R17)."""

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

    def codes(self, columns: Columns) -> list[Codes]:
        """Return the codes of every row, one array per term."""
        return [term.coding.encode(columns) for term in self.terms]

    def log_odds(self, columns: Columns) -> Floats:
        """Return the log-odds that a visit finds harm, shape (n_rows,)."""
        return self.log_odds_of(self.codes(columns))

    def log_odds_of(self, codes: Sequence[Codes]) -> Floats:
        """Return the log-odds of rows given by their codes, one array per term."""
        total = np.full(len(codes[0]), self.intercept)
        for term, term_codes in zip(self.terms, codes, strict=True):
            total += term.values[term_codes]
        return total


@dataclass(frozen=True)
class Scores:
    """The scores of many rows; arrays of shape (n_rows,), contributions (n_rows, n_terms).

    `risk`, `low` and `high` (a 90 % interval) are NaN and `band` is `insufficient_data` where
    `supported` is false.
    """

    risk: Floats
    low: Floats
    high: Floats
    band: NDArray[np.str_]
    supported: NDArray[np.bool_]
    contributions: Floats


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
    """Score many rows given as columns of equal length."""
    codes = model.codes(columns)
    contributions = np.column_stack([term.values[c] for term, c in zip(model.terms, codes, strict=True)])
    # one addition after the other, as `score_row` does it: both give the same number to the last bit
    log_odds, variance = model.log_odds_of(codes), np.full(len(contributions), model.variance)
    for term, c in zip(model.terms, codes, strict=True):
        variance += term.variances[c]
    spread = INTERVAL_Z * np.sqrt(variance)
    known = np.fromiter(
        (key in model.supported for key in keys_of(columns, model.support_columns)), dtype=np.bool_, count=len(log_odds)
    )
    risk = _risk(log_odds, model.detection)
    return Scores(
        risk=np.where(known, risk, np.nan),
        low=np.where(known, _risk(log_odds - spread, model.detection), np.nan),
        high=np.where(known, _risk(log_odds + spread, model.detection), np.nan),
        band=np.where(known, _bands(risk, model.thresholds), INSUFFICIENT_DATA),
        supported=known,
        contributions=contributions,
    )


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
    codes = [term.coding.encode_one(row) for term in model.terms]
    contributions = tuple(float(term.values[code]) for term, code in zip(model.terms, codes, strict=True))
    if (
        keys_of({name: [row.get(name)] for name in model.support_columns}, model.support_columns)[0]
        not in model.supported
    ):
        return Score(None, None, None, INSUFFICIENT_DATA, False, contributions)
    variances = (float(term.variances[code]) for term, code in zip(model.terms, codes, strict=True))
    # not `sum`, which newer Pythons round otherwise
    log_odds, variance = reduce(add, contributions, model.intercept), reduce(add, variances, model.variance)
    spread = INTERVAL_Z * math.sqrt(variance)
    risk, low, high = (
        float(_risk(np.float64(x), model.detection)) for x in (log_odds, log_odds - spread, log_odds + spread)
    )
    return Score(risk, low, high, str(_bands(np.array([risk]), model.thresholds)[0]), True, contributions)


def _risk(log_odds: Any, detection: float) -> Any:
    # exp of a large negative number underflows to 0, which is the right limit on both sides
    found = np.where(log_odds >= 0, 1 / (1 + np.exp(-np.abs(log_odds))), 1 - 1 / (1 + np.exp(-np.abs(log_odds))))
    return np.minimum(1.0, found / detection)


def _bands(risk: Floats, thresholds: Sequence[float]) -> NDArray[np.str_]:
    below = np.asarray(thresholds)[::-1]
    return np.asarray(BANDS[::-1])[np.searchsorted(below, risk, side="right")]
