"""How much harm is there, how much of it was found, and how much was missed?

Pools the visits of several lists by their logged inclusion probabilities. docs/prevalence.md has the
formulas, their sources, and what they cannot say.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import pandas as pd

from risk_model.errors import InputError, NotEnoughDataError, TableError
from risk_model.prioritisation.coverage import Floats
from risk_model.prioritisation.disclosure import LEAST_SHOWN
from risk_model.prioritisation.quantiles import beta_quantile, student_quantile
from risk_model.prioritisation.sampling import RANDOM

LEVELS: Final = (0.90, 0.95)
RESPONSE_CELL: Final = 20
"""Drawn rows below which an arm's stratum takes the response rate of the whole arm, and an arm that of all."""
ENOUGH_VISITS: Final = 30
"""Visits that reached somebody, with a probability below 1, and effective ones, from which a corridor gets a figure."""
MOST_ERRORS: Final = 4.0
"""Standard errors by which the weights of a corridor may miss its placements."""
HALF_YEAR_OF_LISTS: Final = 6
LEAST_DEGREES: Final = 1.0
NO_FIGURE: Final = "not enough data"
SUPPRESSED: Final = "suppressed"

ROWS: Final = ("list_id", "corridor", "arm", "inclusion_probability", "expected", "found")
TOTALS: Final = ("list_id", "corridor", "placements", "expected")


@dataclass(frozen=True)
class Interval:
    """A two-sided interval at `level`; `low` and `high` in the unit of what it is about."""

    level: float
    low: float
    high: float


@dataclass(frozen=True)
class Share:
    """The share of a cohort in harm: `estimate` in [0, 1], with `intervals` at `LEVELS`.

    `effective_visits` is how many visits of a plain random sample would say as much.
    """

    estimate: float
    intervals: tuple[Interval, ...]
    effective_visits: float


@dataclass(frozen=True)
class CorridorPrevalence:
    """Harm in one corridor; `in_harm` is None where `note` says that there is not enough data, or it is suppressed.

    `placements` is the mean number over the lists, None where suppressed; `reached` counts visits.
    """

    corridor: str
    placements: float | None
    reached: int | None
    in_harm: Share | None
    note: str


@dataclass(frozen=True)
class Prevalence:
    """Harm of the pooled lists.

    `in_harm` is the mean, over lists, each counted by its cohort, of the share in harm when a visit would have
    come. `harm`, `found` and `missed` are placements per list, on average; the intervals of
    `harm` and `missed` are those of the share, scaled. `inspected_only` is found / reached without
    weights, shown beside because it is what a report of visits alone would say.
    """

    lists: int
    placements: float
    drawn: int
    reached: int
    in_harm: Share
    harm: float
    found: float
    missed: float
    harm_intervals: tuple[Interval, ...]
    missed_intervals: tuple[Interval, ...]
    inspected_only: Share
    corridors: tuple[CorridorPrevalence, ...]


def estimate_prevalence(
    rows: pd.DataFrame, totals: pd.DataFrame, *, detection: float, by_corridor: bool = True
) -> Prevalence:
    """Return the difference estimate of harm from the visits of one or more lists.

    Unbiased whatever `expected` is, as long as it does not depend on the visit that it stands beside; a better one
    makes the interval narrower.

    Args:
        rows: every row drawn with a known probability, columns `ROWS`: `expected` is the harm expected of it in
            [0, 1], `found` 1 or 0, null where nobody was reached.
        totals: the eligible placements of each list by corridor, columns `TOTALS`: `placements` counts them,
            `expected` is the sum of what was expected of them.
        detection: declared share of present harm that a visit finds, in (0, 1].
        by_corridor: whether to estimate each corridor too; it takes most of the time.

    Raises:
        InputError: when detection or a probability is outside (0, 1].
        TableError: when a column is missing, or a list of `rows` has no totals.
        NotEnoughDataError: when no visit reached anybody.
    """
    _check(rows, totals, detection)
    lists = rows["list_id"].nunique()
    reached = weighted(rows, detection=detection)
    if reached.empty:
        raise NotEnoughDataError(
            "no visit of these lists reached anybody; record their outcomes (risk-model ingest --mapping visits)"
        )
    kept = totals[totals["list_id"].isin(rows["list_id"])]
    in_harm = _difference(reached, placements=kept["placements"].sum(), expected=kept["expected"].sum())
    mean_placements = float(kept["placements"].sum()) / lists
    found = float(reached["found"].sum()) / lists
    scaled = [
        Interval(each.level, each.low * mean_placements, each.high * mean_placements) for each in in_harm.intervals
    ]
    return Prevalence(
        lists=lists,
        placements=mean_placements,
        drawn=len(rows),
        reached=len(reached),
        in_harm=in_harm,
        harm=in_harm.estimate * mean_placements,
        found=found,
        missed=max(0.0, in_harm.estimate * mean_placements - found),
        harm_intervals=tuple(scaled),
        missed_intervals=tuple(
            Interval(each.level, max(0.0, each.low - found), max(0.0, each.high - found)) for each in scaled
        ),
        inspected_only=plain_share(int(reached["found"].sum()), len(reached)),
        corridors=tuple(_by_corridor(reached, kept, lists)) if by_corridor else (),
    )


def plain_share(hits: int, visits: int) -> Share:
    """Return hits / visits with Jeffreys intervals, as if the visits were a plain random sample."""
    return Share(hits / visits, _intervals(hits / visits, float(visits), math.inf), float(visits))


def random_alone(rows: pd.DataFrame, *, lists: int = HALF_YEAR_OF_LISTS) -> Share | None:
    """Return what the random visits of the newest `lists` lists say without the others, detection aside.

    Shown to say how little that is. None where none of them reached anybody.

    Args:
        rows: as for `estimate_prevalence`; the ids of lists sort by date.
        lists: how many lists, half a year of monthly ones by default.
    """
    newest = np.sort(rows["list_id"].unique())[-lists:]
    seen = rows[rows["list_id"].isin(newest) & (rows["arm"] == RANDOM) & rows["found"].notna()]
    return plain_share(int(seen["found"].sum()), len(seen)) if len(seen) else None


def weighted(rows: pd.DataFrame, *, detection: float) -> pd.DataFrame:
    """Return the rows that were reached with `harm` (found / detection) and `chance`, of being drawn and reached.

    Rows that nobody reached are made up for by those reached in the same arm and corridor; where an arm has fewer
    than `RESPONSE_CELL` rows in a corridor, by those of the arm.
    """
    answered = rows["found"].notna().astype("float64")
    overall = float(answered.mean()) if len(rows) else 0.0
    by_arm = _rate(answered, [rows["arm"]], pd.Series(overall, index=rows.index))
    response = _rate(answered, [rows["arm"], rows["corridor"]], by_arm)
    made = rows.assign(
        harm=rows["found"].astype("float64") / detection, chance=rows["inclusion_probability"] * response
    )
    made["spread"] = made["harm"] * (1 - detection) / detection
    return made[rows["found"].notna()].reset_index(drop=True)


def _rate(answered: pd.Series, by: list[pd.Series], otherwise: pd.Series) -> pd.Series:
    groups = answered.groupby([each.to_numpy() for each in by])
    rate, size = groups.transform("mean"), groups.transform("size")
    return rate.where((size >= RESPONSE_CELL) & (rate > 0), otherwise)


def _check(rows: pd.DataFrame, totals: pd.DataFrame, detection: float) -> None:
    for name, frame, wanted in (("rows", rows, ROWS), ("totals", totals, TOTALS)):
        missing = [column for column in wanted if column not in frame]
        if missing:
            raise TableError(f"the table of {name} lacks {', '.join(missing)}")
    if not 0 < detection <= 1:
        raise InputError(f"detection is {detection}, allowed: above 0 and at most 1 (the specification declares it)")
    chance = rows["inclusion_probability"]
    bad = ~((chance > 0) & (chance <= 1))
    if bad.any():
        raise InputError(
            f"inclusion_probability is {chance[bad].iloc[0]} in {int(bad.sum())} row(s), allowed: above 0 and at most "
            "1; leave out visits that no list with known probabilities led to"
        )
    unknown = ~rows["list_id"].isin(totals["list_id"])
    if unknown.any():
        raise TableError(f"list {rows.loc[unknown, 'list_id'].iloc[0]!r} has no row in the totals; give its placements")


def _difference(reached: pd.DataFrame, *, placements: float, expected: float) -> Share:
    """Return [sum of expected + sum of (harm - expected) / chance] / placements, with its intervals."""
    chance = reached["chance"].to_numpy(dtype=np.float64)
    residual = (reached["harm"] - reached["expected"]).to_numpy(dtype=np.float64)
    estimate = (expected + float((residual / chance).sum())) / placements
    squares = _squares(residual, chance) / placements**2
    variance = float(squares.sum() + (reached["spread"] / chance).sum() / placements**2)
    bounded = float(min(max(estimate, 0.0), 1.0))
    visits = _effective_visits(bounded, variance, chance)
    return Share(bounded, _intervals(bounded, visits, _degrees(squares)), visits)


def _squares(residual: Floats, chance: Floats) -> Floats:
    """Return each row's part of the variance of a sample of fixed size (Hájek's approximation)."""
    parts, weight = residual / chance, 1 - chance
    centre = float((weight * parts).sum() / weight.sum()) if weight.sum() > 0 else 0.0
    return np.asarray(weight * (parts - centre) ** 2 * len(parts) / max(1, len(parts) - 1))


def _degrees(squares: Floats) -> float:
    """Return the degrees of freedom of a sum of squares: few where few rows decide (Satterthwaite)."""
    most = float((squares**2).sum())
    return max(LEAST_DEGREES, 2 * float(squares.sum()) ** 2 / most) if most > 0 else float("inf")


def _effective_visits(estimate: float, variance: float, chance: Floats) -> float:
    """Return how many plain visits have this variance; where none was found or all were, what the weights leave."""
    kish = float((1 / chance).sum() ** 2 / (1 / chance**2).sum())
    plain = estimate * (1 - estimate)
    return plain / variance if plain > 0 and variance > 0 else kish


def _intervals(share: float, visits: float, degrees: float) -> tuple[Interval, ...]:
    """Return Jeffreys intervals at the effective number of visits; few degrees of freedom count as fewer visits."""
    return tuple(_jeffreys(share, visits, degrees, level) for level in LEVELS)


def _jeffreys(share: float, visits: float, degrees: float, level: float) -> Interval:
    tail = (1 - level) / 2
    fewer = (
        visits * float(NormalDist().inv_cdf(tail) / student_quantile(tail, degrees)) ** 2
        if math.isfinite(degrees)
        else visits
    )
    hits = share * fewer
    low = float(beta_quantile(tail, hits + 0.5, fewer - hits + 0.5)) if hits > 0 else 0.0
    high = float(beta_quantile(1 - tail, hits + 0.5, fewer - hits + 0.5)) if hits < fewer else 1.0
    return Interval(level, low, high)


def _by_corridor(reached: pd.DataFrame, totals: pd.DataFrame, lists: int) -> Iterator[CorridorPrevalence]:
    sums = totals.groupby("corridor")[["placements", "expected"]].sum().sort_values("placements", ascending=False)
    groups = {str(corridor): visits for corridor, visits in reached.groupby("corridor")}
    for corridor, row in sums.iterrows():
        name, mean = str(corridor), float(row["placements"]) / lists
        visits = groups.get(name, reached.iloc[:0])
        by_chance = int((visits["inclusion_probability"] < 1).sum())
        if mean < LEAST_SHOWN:
            yield CorridorPrevalence(name, None, None, None, SUPPRESSED)
        elif by_chance < ENOUGH_VISITS:
            yield CorridorPrevalence(name, mean, len(visits), None, NO_FIGURE)
        else:
            share = _difference(visits, placements=float(row["placements"]), expected=float(row["expected"]))
            enough = share.effective_visits >= ENOUGH_VISITS and stands_for(visits, float(row["placements"]))
            yield CorridorPrevalence(name, mean, len(visits), share if enough else None, "" if enough else NO_FIGURE)


def stands_for(visits: pd.DataFrame, placements: float) -> bool:
    """Say whether the weights of reached visits (`weighted`) add up to the placements they are to stand for.

    They do not where a list left part of a corridor out, or where the visits of a whole arm were not made.
    """
    chance = visits["chance"].to_numpy(dtype=np.float64)
    error = float(np.sqrt(((1 - chance) / chance**2).sum()))
    return abs(float((1 / chance).sum()) - placements) <= MOST_ERRORS * error + 1
