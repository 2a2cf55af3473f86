"""What does each rule of the list cost in harm found?

Compared is the number of placements expected to come to harm on the list with the highest scores
alone. The price is what those scores expect, so it counts nothing for what the visits teach.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from risk_model.prioritisation.coverage import Floats
from risk_model.prioritisation.sampling import COVERAGE, MANDATORY, RANDOM, RISK, Draw

MINIMUM_COVERAGE: Final = "minimum coverage"
CORRIDOR_LIMIT: Final = "corridor limit"


@dataclass(frozen=True)
class Price:
    """What one arm, or one rule of an arm, costs on average over draws.

    `visits` is how many the arm makes, `expected_harm` how many harmed placements it visits,
    `given_up` how many fewer than the same visits by highest score, and `share` that number relative
    to a whole list by highest score. A negative price is a gain.
    """

    arm: str
    visits: float
    expected_harm: float
    given_up: float
    share: float
    part_of: str | None = None


def price_of_arms(draw: Draw, risk: Floats) -> tuple[Price, ...]:
    """Return the price of the mandatory, the coverage and the random arm; they add up to the whole price.

    A unit without a score counts with the mean of the others. The two exploring arms share what
    the highest scores in their place would have found, by their visits.

    Args:
        draw: the list.
        risk: expected number of harmed placements per unit, NaN without a score, shape (n_units,).
    """
    if draw.size == 0:
        return ()
    expected = _expected(risk)
    best = np.sort(expected)[::-1][: draw.size].sum()
    found = {arm: float((probability * expected).sum()) for arm, probability in draw.by_arm.items()}
    visits = {arm: float(probability.sum()) for arm, probability in draw.by_arm.items()}
    n_mandatory = round(visits[MANDATORY])
    others = np.sort(expected[draw.by_arm[MANDATORY] == 0])[::-1][: draw.size - n_mandatory].sum()
    exploring = max(visits[COVERAGE] + visits[RANDOM], np.finfo(float).tiny)
    displaced = (others - found[RISK]) / exploring
    given_up = {
        MANDATORY: best - others - found[MANDATORY],
        COVERAGE: displaced * visits[COVERAGE] - found[COVERAGE],
        RANDOM: displaced * visits[RANDOM] - found[RANDOM],
    }
    return tuple(
        Price(arm, visits[arm], found[arm], float(lost), float(lost / best) if best > 0 else 0.0)
        for arm, lost in given_up.items()
    )


def price_of_minimum_coverage(draw: Draw, without: Mapping[str, Floats], risk: Floats) -> tuple[Price, ...]:
    """Return what minimum coverage costs; it is a part of the coverage arm's price, not on top of it.

    `visits` is how many visits it moves to other units.

    Args:
        draw: the list.
        without: the probabilities by arm that the same list would have without minimum coverage.
        risk: expected number of harmed placements per unit, NaN without a score, shape (n_units,).
    """
    if draw.size == 0:
        return ()
    moved = draw.by_arm[COVERAGE] - without[COVERAGE]
    return (Price(MINIMUM_COVERAGE, *_price_of_rule(moved, draw.size, risk), part_of=COVERAGE),)


def price_of_limit(draw: Draw, without: Mapping[str, Floats], risk: Floats) -> tuple[Price, ...]:
    """Return what the limit on the risk arm costs (risk_arm.py).

    The exploring arms share what the risk arm no longer finds, so their prices contain it.

    Args:
        draw: the list.
        without: the probabilities by arm that the same list would have without the limit.
        risk: expected number of harmed placements per unit, NaN without a score, shape (n_units,).
    """
    if draw.size == 0:
        return ()
    moved = draw.by_arm[RISK] - without[RISK]
    return (Price(CORRIDOR_LIMIT, *_price_of_rule(moved, draw.size, risk), part_of=f"{COVERAGE} and {RANDOM}"),)


def _price_of_rule(moved: Floats, size: int, risk: Floats) -> tuple[float, float, float, float]:
    """Return visits, expected harm, harm given up and share of a rule that moves the probabilities by `moved`."""
    expected = _expected(risk)
    best = float(np.sort(expected)[::-1][:size].sum())
    gained = np.maximum(moved, 0)
    lost = -float((moved * expected).sum())
    return float(gained.sum()), float((gained * expected).sum()), lost, lost / best if best > 0 else 0.0


def _expected(risk: Floats) -> Floats:
    known = risk[~np.isnan(risk)]
    return np.where(np.isnan(risk), known.mean() if len(known) else 0.0, risk)
