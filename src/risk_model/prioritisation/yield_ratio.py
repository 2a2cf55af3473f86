"""How many times as often do visits chosen one way find harm as visits chosen another way?

The visits of the risk arm against those drawn at random say what the order is worth. Random visits
are drawn from what the risk arm left, nearly evenly, so this compares the two arms as they were
visited; `prevalence` estimates the harm of the whole cohort.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

from risk_model.errors import InputError
from risk_model.prioritisation.disclosure import LEAST_SHOWN
from risk_model.prioritisation.quantiles import beta_quantile
from risk_model.prioritisation.sampling import RANDOM, RISK

if TYPE_CHECKING:
    import pandas as pd

LEVEL: Final = 0.90
EXTREME: Final = 1e9
HALVINGS: Final = 60
"""Of the logarithm's range; what is left of it is below what a float can tell apart."""
"""A ratio further from 1 than this is not told from 0 or infinity."""


@dataclass(frozen=True)
class Found:
    """Visits that reached somebody, those that found harm, and their share with its Jeffreys interval at `LEVEL`."""

    visits: int
    found: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class YieldRatio:
    """The found rate of `first` over that of `second`, with its interval at `LEVEL`.

    `ratio` is infinite where `second` found nothing and NaN where neither did; `low` may be 0 and
    `high` infinite.
    """

    first: Found
    second: Found
    ratio: float
    low: float
    high: float


def risk_against_random(rows: pd.DataFrame) -> YieldRatio | None:
    """Return how many times as often the risk arm found harm as the random arm; None under ten visits of either.

    Args:
        rows: drawn rows with `arm` and `found`: 1 or 0, null where nobody was reached.
    """
    risk, random = (found_by(rows.loc[rows["arm"] == arm, "found"]) for arm in (RISK, RANDOM))
    return yield_ratio(risk, random) if risk and random else None


def found_by(found: pd.Series) -> Found | None:
    """Return what visits found (1, 0; null: reached nobody, left out); None where fewer than ten reached somebody."""
    reached = found.dropna()
    if len(reached) < LEAST_SHOWN:
        return None
    hits, visits = int(reached.sum()), len(reached)
    tail = (1 - LEVEL) / 2
    low = float(beta_quantile(tail, hits + 0.5, visits - hits + 0.5)) if hits else 0.0
    high = float(beta_quantile(1 - tail, hits + 0.5, visits - hits + 0.5)) if hits < visits else 1.0
    return Found(visits, hits, hits / visits, low, high)


def yield_ratio(first: Found, second: Found) -> YieldRatio:
    """Return the ratio of two found rates."""
    low, high = ratio_interval((first.found, first.visits), (second.found, second.visits))
    ratio = first.rate / second.rate if second.found else math.inf if first.found else math.nan
    return YieldRatio(first, second, ratio, low, high)


def ratio_interval(first: tuple[int, int], second: tuple[int, int], *, level: float = LEVEL) -> tuple[float, float]:
    """Return the score interval of a ratio of two shares, each given as (hits, of how many).

    Koopman 1984 (Biometrics 40, 513-517) with the small-sample factor of Miettinen and Nurminen 1985
    (Statistics in Medicine 4, 213-226): every ratio that the score test does not refuse. Unlike the
    interval from the logarithm it holds at small counts, and at no hits.

    Raises:
        InputError: more hits than of how many, or none of how many.

    >>> low, high = ratio_interval((36, 40), (16, 80), level=0.95)
    >>> round(low, 1), round(high, 1)
    (2.9, 7.2)
    """
    for hits, of in (first, second):
        if not 0 <= hits <= of or of < 1:
            raise InputError(f"{hits} of {of}: give at least one visit, and no more findings than visits")
    z = NormalDist().inv_cdf((1 + level) / 2)
    low = _crossing(lambda ratio: _score(ratio, first, second) - z) if first[0] else 0.0
    high = _crossing(lambda ratio: _score(ratio, first, second) + z) if second[0] else math.inf
    return low, high


def _crossing(falling: Callable[[float], float]) -> float:
    """Return where a function that falls with the ratio is 0."""
    if falling(1 / EXTREME) <= 0:
        return 0.0
    if falling(EXTREME) >= 0:
        return math.inf
    low, high = -math.log(EXTREME), math.log(EXTREME)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(math.exp(middle)) > 0 else (low, middle)
    return math.exp((low + high) / 2)


def _score(ratio: float, first: tuple[int, int], second: tuple[int, int]) -> float:
    """Return the score statistic of the hypothesis that the first share is `ratio` times the second."""
    (hits, of), (other_hits, other_of) = first, second
    both = of + other_of
    a, c = both * ratio, hits + other_hits
    b = of * ratio + hits + other_of + other_hits * ratio
    second_share = 2 * c / (b + math.sqrt(max(0.0, b * b - 4 * a * c)))  # of the likeliest two shares with this ratio
    first_share = min(1.0, ratio * second_share)
    variance = first_share * (1 - first_share) / of + ratio**2 * second_share * max(0.0, 1 - second_share) / other_of
    difference = hits / of - ratio * other_hits / other_of
    if variance <= 0:
        return math.copysign(math.inf, difference) if difference else 0.0
    return difference / math.sqrt(variance * both / (both - 1))
