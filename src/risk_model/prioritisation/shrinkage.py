"""What is a group's rate when only a few of it were looked at?

Beta-binomial shrinkage along a chain: all, then one column, then two, and so on. The prior of a group is that
of its parent, moved by how its last column stands among all; how much it weighs is learnt from how much the
groups of that level differ (empirical Bayes).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.prioritisation.quantiles import beta_quantile

Floats = NDArray[np.float64]

PUBLISHED_ROWS: Final = 10.0
"""Visits that a published rate counts for. Our choice: a survey of others, elsewhere, in another year."""
ROWS_RANGE: Final = (5.0, 15.0)
"""Between these the weight of a parent is learnt, in visits. The four surveyed rates of household work (4, 7, 17 and
29 %: ILO 2023, Justice Centre Hong Kong 2016) differ as much as a weight of 9 says; few visits alone would often
say that groups do not differ at all."""
ROWS_UNLEARNT: Final = 10.0
FEWEST_ROWS: Final = 2.0
"""A parent counts for at least this many visits, however unsure it is."""
FEWEST_GROUPS: Final = 3
"""With fewer groups than this nothing is learnt about how much they differ."""
INTERVAL: Final = (0.05, 0.95)
SMALLEST: Final = 1e-4
"""Keeps log-odds finite."""


@dataclass(frozen=True)
class Shrunken:
    """Rates per group, arrays in the order of the groups asked for.

    `rate`, `low`, `high` (90 %); `prior` and `prior_rows` (its weight in visits, that of a published rate
    included); `log_odds_variance` of the rate.
    """

    rate: Floats
    low: Floats
    high: Floats
    prior: Floats
    prior_rows: Floats
    log_odds_variance: Floats


@dataclass(frozen=True)
class Known:
    """What rates are made from.

    `visits`: the columns of the groups, `found` (0/1) and `weight` (one over the probability of the visit).
    `placements`: one row per placement: the columns of the groups and `published` (a rate, null where none was
    published). `lists`: how many times visits were drawn among these placements.
    """

    visits: pd.DataFrame
    placements: pd.DataFrame
    lists: int


def shrunken_rates(known: Known, groups: pd.DataFrame, *, published_at: int) -> Shrunken:
    """Return the shrunken rate of each group, in the order of `groups`.

    A group's visits count as many as equally weighted visits would tell the same (Kish 1965), at their weighted
    rate, and speak for the sum of their weights: where that is less than placements times lists, chance has missed
    a part of the group, and of that part only the prior is known. Intervals are beta quantiles with the mean
    and variance of the two parts together; how unsure a parent is lowers what it counts for.

    Args:
        known: visits, placements with published rates, and the number of lists.
        groups: one row per group; columns from coarse to fine.
        published_at: published rates are part of the prior of all together and of groups of this many columns.
    """
    names = list(groups.columns)
    nothing = _Parent(np.array([0.5]), np.zeros(1))
    whole = _level(known, pd.DataFrame(index=[0]), nothing, published=True, rows=1.0)
    root = _Parent(_log_odds(whole.rate), whole.log_odds_variance)
    chain: dict[tuple[object, ...], tuple[float, float]] = {(): (root.log_odds[0], root.variance[0])}
    for depth, name in enumerate(names, start=1):
        wanted = groups[names[:depth]].drop_duplicates().reset_index(drop=True)
        above = np.array([chain[row] for row in wanted[names[: depth - 1]].itertuples(index=False, name=None)])
        parent = _Parent(*above.reshape(-1, 2).T)
        if depth > 1:
            parent = _moved(parent, known, wanted[name], root)
        level = _level(known, wanted, parent, published=depth == published_at)
        told = zip(_log_odds(level.rate), level.log_odds_variance, strict=True)
        chain |= dict(zip(wanted.itertuples(index=False, name=None), told, strict=True))
    return level


@dataclass(frozen=True)
class _Parent:
    """What is known of each group before its own visits: log-odds, and their variance."""

    log_odds: Floats
    variance: Floats


def _moved(parent: _Parent, known: Known, column: pd.Series, root: _Parent) -> _Parent:
    """Move each parent by how the value of `column` stands among all."""
    alone = column.drop_duplicates().to_frame().reset_index(drop=True)
    size = len(alone)
    values = _level(known, alone, _Parent(np.repeat(root.log_odds, size), np.repeat(root.variance, size)))
    place = pd.Index(alone[column.name]).get_indexer(pd.Index(column))
    stands = _log_odds(values.rate) - root.log_odds
    return _Parent(parent.log_odds + stands[place], parent.variance + values.log_odds_variance[place])


def _level(
    known: Known, wanted: pd.DataFrame, parent: _Parent, *, published: bool = False, rows: float | None = None
) -> Shrunken:
    n, rate, spoken_for = _tally(known.visits, wanted)
    members, told, told_rows = _published(known.placements, wanted)
    seen = np.clip(spoken_for / np.maximum(members * max(1, known.lists), 1.0), 0.0, 1.0)
    mean = 1 / (1 + np.exp(-parent.log_odds))
    learnt = rows if rows is not None else learnt_rows(n * seen**2, rate, mean)
    # a parent that is itself unsure counts for fewer visits
    weight = np.maximum(1 / (1 / (learnt + 1) + parent.variance * mean * (1 - mean)) - 1, FEWEST_ROWS)
    prior_rows = weight + told_rows * published
    prior = (weight * mean + told_rows * published * told) / prior_rows
    of_seen = (n * rate + prior_rows * prior) / (n + prior_rows)
    value = seen * of_seen + (1 - seen) * prior
    variance = seen**2 * of_seen * (1 - of_seen) / (n + prior_rows + 1)
    variance += (1 - seen) ** 2 * prior * (1 - prior) / (prior_rows + 1)
    chance = value * (1 - value)
    size = np.maximum(chance / variance - 1, FEWEST_ROWS)
    low, high = (beta_quantile(level, size * value, size * (1 - value)) for level in INTERVAL)
    return Shrunken(value, low, high, prior, prior_rows, variance / chance**2)


def learnt_rows(n: Floats, rate: Floats, parent: Floats) -> float:
    """Return how many visits a parent's rate counts for, from how much groups differ beyond chance.

    Method of moments: the variance of group rates around their parents, less what counting alone makes.

    Args:
        n: visits per group.
        rate: share of them that found harm, same shape.
        parent: the rate of each group's parent, same shape.
    """
    seen = n >= 1
    if seen.sum() < FEWEST_GROUPS:
        return ROWS_UNLEARNT
    chance = parent[seen] * (1 - parent[seen])
    between = float(np.sum(n[seen] * (rate[seen] - parent[seen]) ** 2 - chance) / np.sum(n[seen] - 1 + SMALLEST))
    low, high = ROWS_RANGE
    return float(np.clip(np.average(chance, weights=n[seen]) / between - 1, low, high)) if between > 0 else high


def _tally(visits: pd.DataFrame, wanted: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return per group how many equally weighted visits would tell as much, the weighted rate, the sum of weights."""
    weights = visits["weight"].to_numpy(float)
    columns = visits[list(wanted.columns)].assign(
        w=weights, ww=weights**2, wy=weights * visits["found"].to_numpy(float)
    )
    summed = _summed(columns, wanted)
    total = summed["w"].to_numpy(float)
    known = total > 0
    n = np.divide(total**2, summed["ww"].to_numpy(float), out=np.zeros(len(total)), where=known)
    return n, np.divide(summed["wy"].to_numpy(float), total, out=np.zeros(len(total)), where=known), total


def _published(placements: pd.DataFrame, wanted: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return per group the placements, the mean published rate, and what it counts for: less where part has none."""
    rate = placements["published"].to_numpy(float)
    given = ~np.isnan(rate)
    columns = placements[list(wanted.columns)].assign(all=1.0, given=given * 1.0, told=np.where(given, rate, 0.0))
    summed = _summed(columns, wanted)
    members, known = summed["all"].to_numpy(float), summed["given"].to_numpy(float)
    share = np.divide(known, members, out=np.zeros(len(members)), where=members > 0)
    told = np.divide(summed["told"].to_numpy(float), known, out=np.zeros(len(known)), where=known > 0)
    return members, told, share * PUBLISHED_ROWS


def _summed(columns: pd.DataFrame, wanted: pd.DataFrame) -> pd.DataFrame:
    names = list(wanted.columns)
    if not names:
        return columns.sum().to_frame().T
    return wanted.merge(columns.groupby(names, as_index=False).sum(), on=names, how="left").fillna(0.0)


def _log_odds(rate: Floats) -> Floats:
    bounded = np.clip(rate, SMALLEST, 1 - SMALLEST)
    return np.log(bounded / (1 - bounded))
