"""Who gets the places of the risk arm?

The highest scores; but where scores are not clearly above the mean, a cell gets little more than its
share of the risk, so that chance among like risks sends no office to one corridor again and again.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from risk_model.prioritisation.coverage import ROUNDING, Floats

MOST_UNCLEAR: Final = 1.5
"""How many times their cell's share of the predicted risk the unclear units of a cell may get of the risk arm.

Below 2 (safeguard R08), as predicted shares of small cells are themselves a quarter off."""

CLEARLY_ABOVE: Final = 1.5
"""How many times the mean score the lower end of an interval must be for the score to be clearly above the mean.

With 1, one corridor's chance lead still broke the bound (docs/priority-list.md). More than 1 also because the
highest of many scores are high by chance as well as by risk, which no interval of a single score allows for."""


def unclear(risk: Floats, low: Floats) -> NDArray[np.bool_]:
    """Say for which units the interval of the score, which begins at `low`, is not clearly above the mean score.

    Units without an interval are not among them, nor are those whose interval has no width: what is known exactly
    can be told from the mean however near it is. So scores that come without intervals limit nothing.

    Args:
        risk: the score, NaN where there is none, shape (n_units,).
        low: the lower end of its interval, NaN where there is none.
    """
    known = risk[~np.isnan(risk)]
    mean = float(known.mean()) if len(known) else np.nan
    return np.asarray((low < risk) & (low <= CLEARLY_ABOVE * mean))


def risk_probabilities(risk: Floats, places: float, *, cells: NDArray[np.str_], limited: NDArray[np.bool_]) -> Floats:
    """Return each unit's probability of being drawn by the risk arm; they add up to `places`.

    Without limited units the `places` highest scores get 1 each. The limited units of a cell together
    get at most `MOST_UNCLEAR` times the cell's share of the risk; what they would have had beyond goes to
    the next highest scores. Units tied at an edge share its last places equally.

    Args:
        risk: the score, -inf where a unit takes no part, shape (n_units,).
        places: expected visits, at most the number of units that take part.
        cells: the cell of each unit.
        limited: whether the limit of its cell holds for the unit.
    """
    part = np.isfinite(risk)
    if not limited[part].any():
        return top_shares(risk, places)
    names, numbers = np.unique(cells, return_inverse=True)
    of_cell = np.bincount(numbers, np.where(part, risk, 0.0))
    share = of_cell / of_cell.sum() if of_cell.sum() > 0 else np.bincount(numbers, part) / part.sum()
    group = np.where(limited, numbers, len(names))
    limit = np.append(MOST_UNCLEAR * places * share, np.inf)
    return _fill_groups(risk, places, group, limit)


def _fill_groups(risk: Floats, places: float, group: NDArray[np.intp], limit: Floats) -> Floats:
    """Give places by score; a group that would pass its limit gets that, and the others what is left.

    Where the limits leave places over, those are spread over everybody who has room, whatever the limits.
    """
    given, open_ = np.zeros(len(risk)), np.isfinite(risk)
    left = places
    while True:
        by_score = top_shares(np.where(open_, risk, -np.inf), min(left, open_.sum()))
        over = np.bincount(group, by_score, minlength=len(limit)) > limit + ROUNDING
        if not over.any():
            break
        for number in np.flatnonzero(over):
            members = (group == number) & open_
            given += top_shares(np.where(members, risk, -np.inf), float(limit[number]))
            open_ &= ~members
            left -= limit[number]
    given += by_score
    return given + _remainder(risk, given, places)


def _remainder(risk: Floats, given: Floats, places: float) -> Floats:
    room = np.where(np.isfinite(risk), 1 - given, 0.0)
    left = places - given.sum()
    return room * (left / room.sum()) if left > ROUNDING else np.zeros(len(risk))


def top_shares(risk: Floats, places: float) -> Floats:
    """Give the `places` highest scores 1 each; those tied at the edge share what is left equally."""
    if places <= 0:
        return np.zeros(len(risk))
    edge = -np.partition(-risk, math.ceil(places) - 1)[math.ceil(places) - 1]
    above, tied = risk > edge, risk == edge
    return np.asarray(above + tied * (places - above.sum()) / tied.sum(), dtype=np.float64)
