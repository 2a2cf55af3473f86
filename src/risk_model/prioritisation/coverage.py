"""How does the coverage arm share its visits among the strata?

First each stratum that nobody reached in a year gets a visit, as far as half the arm reaches; the rest
follows risk and how little is known. docs/priority-list.md has the formulas.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]

RISK_POWER: Final = 1.25
"""Coverage visits grow with the risk to this power.

Between the root of the risk, which makes estimates most exact (Neyman 1934), and its square, which gives up
least harm found; chosen as the least at which the price stays under 8 % (benchmarks/list_price.py)."""

LEAST_RISK: Final = 0.1
"""A unit counts for coverage with at least this share of the mean risk."""

MOST_COVERAGE: Final = 6.0
"""How many times the mean a unit's coverage probability may be, so that no weight of one over it is far off."""

MINIMUM_SHARE: Final = 0.5
"""Most of the coverage arm that minimum coverage may use; the rest follows risk and ignorance."""

LEAST_STRATUM: Final = 50
"""Cells with fewer units than this, and than the mean cell, count together as one stratum of minimum coverage.

A visit to each of hundreds of tiny cells would cost the estimates more than it tells."""

SMALL_CELLS: Final = "small cells together"

LAST_STRATA_LISTS: Final = 5
"""Lists more for the strata left at the end: each is then drawn with a probability near 1, not with certainty."""

ROUNDING: Final = 1e-9
"""Closer than this to a whole number is that number; sums of probabilities carry such errors."""


@dataclass(frozen=True)
class MinimumCoverage:
    """How many `strata` there are, how many had no visit in a year, and within how many `lists` each is reached.

    `lists` holds for lists like this one whose visits reach somebody; None where no visits are kept for it.
    """

    strata: int
    unvisited: int
    lists: int | None


def minimum_coverage(cells: NDArray[np.str_], unvisited: NDArray[np.bool_], *, total: float) -> MinimumCoverage:
    """Say what a coverage arm of `total` expected visits guarantees the strata of these units.

    Twice the lists that the guaranteed visits take one by one, for what chance repeats, and `LAST_STRATA_LISTS`.
    """
    names, numbers = np.unique(strata(cells), return_inverse=True)
    unknown = int((np.bincount(numbers, ~unvisited, minlength=len(names)) == 0).sum())
    kept = MINIMUM_SHARE * total
    lists = math.ceil(2 * len(names) / kept) + LAST_STRATA_LISTS if kept > ROUNDING else None
    return MinimumCoverage(len(names), unknown, lists)


def coverage_probabilities(
    cells: NDArray[np.str_],
    *,
    unvisited: NDArray[np.bool_],
    weights: Floats,
    others: Floats,
    total: float,
    minimum: bool,
) -> Floats:
    """Return each unit's probability of being drawn by the coverage arm; they add up to `total`, or to all room.

    Args:
        cells: the cell of each unit, shape (n_units,).
        unvisited: whether the unit's cell had no recent visit.
        weights: how much likelier one unit is than another, before caps and minimum coverage; above 0.
        others: the probability of being drawn by another arm.
        total: expected visits of the arm.
        minimum: whether strata without a recent visit come first.
    """
    room = 1 - others
    free = fill(weights, _caps(room, total), total)
    if not minimum or total <= 0:
        return free
    _, numbers = np.unique(strata(cells), return_inverse=True)
    unknown = np.bincount(numbers, ~unvisited) == 0
    lacking = np.where(unknown, np.maximum(0, 1 - np.bincount(numbers, others + free)), 0.0)
    affordable = min(1.0, MINIMUM_SHARE * total / max(float(lacking.sum()), ROUNDING))
    floor = _within_strata(lacking * affordable, numbers, room)
    rest = total - float(floor.sum())
    caps = np.maximum(_caps(room, total) - floor, 0)
    return floor + fill(weights, caps if caps.sum() >= rest else room - floor, rest)


def strata(cells: NDArray[np.str_]) -> NDArray[np.str_]:
    """Return the stratum of minimum coverage of each unit: its cell, small cells together as `SMALL_CELLS`."""
    if len(cells) == 0:
        return cells
    names, numbers, sizes = np.unique(cells, return_inverse=True, return_counts=True)
    small = sizes < min(LEAST_STRATUM, sizes.mean())
    return np.asarray(np.where(small[numbers], SMALL_CELLS, names[numbers]), dtype=np.str_)


def risk_weights(risk: Floats) -> Floats:
    """Return the risk over its mean to the power `RISK_POWER`; a unit without a score counts with the mean."""
    known = risk[~np.isnan(risk)]
    mean = float(known.mean()) if len(known) else 0.0
    if mean <= 0:
        return np.ones(len(risk))
    relative = np.where(np.isnan(risk), 1.0, risk / mean)
    return np.asarray(np.maximum(relative, LEAST_RISK) ** RISK_POWER)


def _within_strata(visits: Floats, numbers: Positions, room: Floats) -> Floats:
    """Spread the visits of each stratum evenly over the room its units have left."""
    open_ = np.bincount(numbers, room)
    level = np.divide(np.minimum(visits, open_), open_, out=np.zeros(len(open_)), where=open_ > 0)
    return np.asarray(level[numbers] * room)


def _caps(room: Floats, total: float) -> Floats:
    caps = np.minimum(room, MOST_COVERAGE * total / max(1, int((room > 0).sum())))
    return caps if caps.sum() >= total else room


def fill(weights: Floats, caps: Floats, total: float) -> Floats:
    """Return min(caps, level x weights) with the level at which it adds up to `total`, or caps where it cannot."""
    if total <= 0:
        return np.zeros(len(caps))
    if total >= caps.sum() - ROUNDING:
        return caps.copy()
    ratios = caps / weights
    order = np.argsort(ratios, kind="stable")
    filled = np.concatenate([[0.0], np.cumsum(caps[order])[:-1]])
    left = np.cumsum(weights[order][::-1])[::-1]
    levels = (total - filled) / left
    level = levels[np.argmax(levels <= ratios[order])]
    return np.asarray(np.minimum(caps, level * weights))
