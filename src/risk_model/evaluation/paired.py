"""How much better is one order than another on the same rows, and how sure is that?

All intervals are paired: both orders are judged on the same rows, so what makes a row easy or hard for both
cancels out. They are closed formulas, without draws: DeLong's variance of the difference of two AUCs (DeLong,
DeLong and Clarke-Pearson 1988) with weights, and for lists of fixed size the linearised variance of a total.
Weights stand for the rows a row represents.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CONFIDENCE: Final = 0.95
Z90: Final = 1.6448536269514722
"""Half-width of a 90 % interval in standard errors."""
SMALLEST_SIDE: Final = 5
"""Rows of each outcome that a cell needs before an order is judged within it."""


@dataclass(frozen=True)
class Interval:
    """An estimate with the two ends of its interval and the rows it rests on; NaN where there is nothing to judge."""

    estimate: float
    low: float
    high: float
    rows: int

    def shown(self) -> str:
        """Return the figure as text: the estimate and, in brackets, both ends."""
        if np.isnan(self.estimate):
            return "no rows"
        return f"{self.estimate:+.3f} ({self.low:+.3f} to {self.high:+.3f})"


NOTHING: Final = Interval(float("nan"), float("nan"), float("nan"), 0)


def auc_gain(tested: pd.DataFrame, model: str, reference: str, *, cells: str, tests: int = 1) -> Interval:
    """Return by how much the AUC of `model` exceeds that of `reference`, pooled over cells by their rows.

    Orders are compared within a cell only, so scores of different cells need not be comparable. A row
    where either score is not a number is left out; a cell with fewer than 5 rows of an outcome counts nothing.

    Args:
        tested: rows with `outcome` (0/1), `weight`, both score columns and the column `cells`.
        model: column of scores; higher means riskier.
        reference: column of the scores to compare with.
        cells: column that says which rows are compared with each other.
        tests: how many such intervals must hold together; the level is shared out among them (Bonferroni).
    """
    known = tested[tested[model].notna() & tested[reference].notna()]
    parts = [_auc_of(cell, model, reference) for _, cell in known.groupby(cells)]
    usable = [part for part in parts if part[0] > 0]
    if not usable:
        return NOTHING
    rows, gains, variances = (np.array(values, float) for values in zip(*usable, strict=True))
    share = rows / rows.sum()
    return _interval(float(share @ gains), float(share**2 @ variances), int(rows.sum()), tests)


def precision_gain(
    tested: pd.DataFrame, model: str, reference: str, *, cells: str, capacity_share: float, tests: int = 1
) -> Interval:
    """Return by how much the precision at capacity of `model` exceeds that of `reference`; as `auc_gain`."""
    known = tested[tested[model].notna() & tested[reference].notna()]
    total, variance, capacity = 0.0, 0.0, 0.0
    for _, cell in known.groupby(cells):
        weight, outcome = cell["weight"].to_numpy(float), cell["outcome"].to_numpy(float)
        change = listed(cell[model], weight, capacity_share) - listed(cell[reference], weight, capacity_share)
        # both lists have the same size, so taking off the mean changes no total but steadies the variance
        moved = weight * (outcome - np.average(outcome, weights=weight)) * change
        total, variance = total + moved.sum(), variance + len(cell) * float(np.var(moved))
        capacity += capacity_share * weight.sum()
    return _interval(total / capacity, variance / capacity**2, len(known), tests) if capacity > 0 else NOTHING


def recall_gain(
    tested: pd.DataFrame,
    model: str,
    reference: str,
    *,
    cells: str,
    capacity_share: float,
    within: pd.Series,
    tests: int = 1,
) -> Interval:
    """Return by how much more of the true cases of the rows `within` the list of `model` holds.

    Lists are made over all rows of a cell; `within` (bool, indexed like `tested`) says whose cases are counted.
    `rows` are those cases.
    """
    known = tested[tested[model].notna() & tested[reference].notna()]
    changes, weights = [], []
    for _, cell in known.groupby(cells):
        weight = cell["weight"].to_numpy(float)
        change = listed(cell[model], weight, capacity_share) - listed(cell[reference], weight, capacity_share)
        counted = (cell["outcome"] == 1).to_numpy() & within.loc[cell.index].to_numpy(bool)
        changes.append(change[counted])
        weights.append(weight[counted])
    change, weight = np.concatenate(changes or [np.empty(0)]), np.concatenate(weights or [np.empty(0)])
    if not len(change):
        return NOTHING
    gain = float(np.average(change, weights=weight))
    variance = float(np.sum((weight * (change - gain)) ** 2) / weight.sum() ** 2)
    return _interval(gain, variance, len(change), tests)


def listed(score: pd.Series | Floats, weight: Floats, capacity_share: float) -> Floats:
    """Return which part of each row is on a list of `capacity_share` of all weight: 1, 0, or a share at the edge.

    Rows with equal scores share the last places; a score that is not a number comes last.
    """
    ranked = np.nan_to_num(np.asarray(score, float), nan=-np.inf)
    _, group = np.unique(-ranked, return_inverse=True)
    size = np.bincount(group, weight)
    before = np.concatenate([[0.0], np.cumsum(size)[:-1]])
    part: Floats = np.clip((capacity_share * weight.sum() - before) / np.where(size > 0, size, 1.0), 0.0, 1.0)[group]
    return part


def _auc_of(cell: pd.DataFrame, model: str, reference: str) -> tuple[float, float, float]:
    """Rows, difference and its variance within one cell; no rows where it cannot be judged."""
    case = (cell["outcome"] == 1).to_numpy()
    if min(case.sum(), (~case).sum()) < SMALLEST_SIDE:
        return 0.0, 0.0, 0.0
    weight = cell["weight"].to_numpy(float)
    above, below = (
        np.subtract(*(sign * _beaten(cell[name].to_numpy(float), weight, side) for name in (model, reference)))
        for side, sign in ((case, 1), (~case, -1))
    )
    gain = float(np.average(above, weights=weight[case]))
    variance = sum(
        float(np.sum((weight[side] * (part - gain)) ** 2) / weight[side].sum() ** 2)
        for side, part in ((case, above), (~case, below))
    )
    return float(len(cell)), gain, variance


def _beaten(score: Floats, weight: Floats, side: NDArray[np.bool_]) -> Floats:
    """For each row of `side`, the weighted share of the other side that scores lower; equal scores count half."""
    mine, others = score[side], score[~side]
    order = np.argsort(others, kind="stable")
    cumulative = np.concatenate([[0.0], np.cumsum(weight[~side][order])])
    lower = cumulative[np.searchsorted(others[order], mine, side="left")]
    not_above = cumulative[np.searchsorted(others[order], mine, side="right")]
    share: Floats = (lower + not_above) / (2 * cumulative[-1])
    return share


def _interval(estimate: float, variance: float, rows: int, tests: int) -> Interval:
    half = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / (2 * tests)) * float(np.sqrt(variance))
    return Interval(estimate, estimate - half, estimate + half, rows)
