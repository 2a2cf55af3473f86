"""With what probability is each unit drawn, and which units are?

Four arms share the capacity. Mandatory units are all drawn. The risk arm takes the highest scores;
the coverage arm sees to every stratum (coverage.py); the random arm gives every unit a chance. The
probabilities follow from the data alone, the draw from them and the seed. docs/priority-list.md has
the formulas.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from risk_model.errors import InputError
from risk_model.prioritisation.coverage import ROUNDING, Floats, coverage_probabilities, fill, risk_weights
from risk_model.prioritisation.risk_arm import risk_probabilities

Positions = NDArray[np.intp]
Cells = NDArray[np.str_] | NDArray[np.intp]

MANDATORY, RISK, COVERAGE, RANDOM = "mandatory", "risk", "coverage", "random"
ARMS: Final = (MANDATORY, RISK, COVERAGE, RANDOM)
NOT_DRAWN: Final = ""

RANDOM_SHARE_RANGE: Final = (0.03, 0.20)
"""Less teaches nothing about what is missed, more takes too much from known risk (safeguard R05)."""

MOST_TILT: Final = 2.0
"""How many times likelier a unit of a never visited cell is drawn at random than one of the best known.

Bounded, because weights of one over the probability would otherwise vary so much that the estimates
made from the visits suffer more than the unknown cells gain; minimum coverage sees to those."""


@dataclass(frozen=True)
class Shares:
    """The shares of capacity that the random and the coverage arm hold on average over lists.

    With `minimum_coverage` a stratum without a recent visit gets one, as far as half the coverage arm reaches.
    """

    random: float = 0.05
    coverage: float = 0.15
    minimum_coverage: bool = True

    def __post_init__(self) -> None:
        low, high = RANDOM_SHARE_RANGE
        if not low <= self.random <= high:
            raise InputError(f"random share is {self.random}, allowed: {low} to {high} (default 0.05); it is never 0")
        if not 0 <= self.coverage <= 1 - self.random:
            raise InputError(f"coverage share is {self.coverage}, allowed: 0 to {1 - self.random:g} (default 0.15)")


@dataclass(frozen=True)
class Eligible:
    """The units that may be drawn; arrays of shape (n_units,), in any order.

    `ids` are unique. `risk` is NaN where no score can be given. `cells` are the strata; `visits` is
    how many recent visits the unit's cell had. `mandatory` units are drawn for certain.
    `unclear` are those whose score cannot be told from the mean (risk_arm.py). `resting` ones were visited
    lately: the risk arm leaves them out, and only chance draws them. None of either where it is None.
    """

    ids: NDArray[np.str_]
    risk: Floats
    cells: NDArray[np.str_]
    visits: Floats
    mandatory: NDArray[np.bool_]
    unclear: NDArray[np.bool_] | None = None
    resting: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Draw:
    """Who was drawn, and with what probability everybody could have been; arrays of shape (n_units,).

    `arm` is empty where a unit was not drawn. `inclusion_probability` is that of being drawn by any
    arm, above 0 for every unit; it adds up to `size`. `by_arm` splits it by arm.
    """

    arm: NDArray[np.str_]
    selected: NDArray[np.bool_]
    inclusion_probability: Floats
    by_arm: Mapping[str, Floats]
    size: int


def draw(eligible: Eligible, *, capacity: int, random_state: int, shares: Shares | None = None) -> Draw:
    """Draw `capacity` units, or everybody where there are fewer.

    The list grows beyond `capacity` where mandatory units leave the random arm no room. The same
    units, shares and seed give the same draw, in whatever order the rows come.

    Raises:
        InputError: when the capacity is below 1 or an id occurs twice.
    """
    canonical = np.argsort(eligible.ids, kind="stable")
    units = _take(eligible, canonical)
    by_arm = inclusion_probabilities(units, capacity=capacity, shares=shares or Shares())
    drawn = draw_from(by_arm, units.cells, random_state=random_state)
    back = np.argsort(canonical, kind="stable")
    return Draw(
        arm=drawn.arm[back],
        selected=drawn.selected[back],
        inclusion_probability=drawn.inclusion_probability[back],
        by_arm={name: values[back] for name, values in by_arm.items()},
        size=drawn.size,
    )


def draw_from(by_arm: Mapping[str, Floats], cells: Cells, *, random_state: int) -> Draw:
    """Draw with the probabilities that `inclusion_probabilities` gave; here the order of rows matters.

    Args:
        by_arm: each unit's probability of being drawn by each arm, shape (n_units,).
        cells: the cell of each unit, by name or number.
        random_state: the seed.
    """
    total = _certain_at_one(sum(by_arm.values(), start=np.zeros(len(cells))))
    generator = np.random.default_rng(random_state)
    selected = _draw_systematically(total, by_arm[RISK] > 0, cells, generator)
    return Draw(_label(selected, by_arm, generator), selected, total, by_arm, int(selected.sum()))


def inclusion_probabilities(eligible: Eligible, *, capacity: int, shares: Shares) -> dict[str, Floats]:
    """Return each unit's probability of being drawn by each arm; no seed enters.

    Units whose score ties at the edge of the risk arm share its last places equally, so a
    probability never depends on the order of rows. Units without a score stay outside the risk arm
    and count as least known in the others.
    """
    _check(eligible, capacity)
    mandatory = eligible.mandatory.astype(np.float64)
    resting = _flags(eligible.resting, eligible)
    ranked = ~eligible.mandatory & ~np.isnan(eligible.risk) & ~resting
    sizes = _arm_sizes(eligible, ranked=int(ranked.sum()), capacity=capacity, shares=shares)
    scores = np.where(ranked, eligible.risk, -np.inf)
    limited = _flags(eligible.unclear, eligible)
    risk = risk_probabilities(scores, sizes[RISK], cells=eligible.cells, limited=limited)
    room = 1 - mandatory - risk
    weights = _least_known_weights(eligible)
    random = fill(weights, room, sizes[RANDOM])
    coverage = coverage_probabilities(
        eligible.cells,
        unvisited=eligible.visits <= 0,
        weights=weights * risk_weights(np.where(resting, 0.0, eligible.risk)),
        others=mandatory + risk + random,
        total=sizes[COVERAGE],
        minimum=shares.minimum_coverage,
    )
    return {MANDATORY: mandatory, RISK: risk, COVERAGE: coverage, RANDOM: random}


def _check(eligible: Eligible, capacity: int) -> None:
    if capacity < 1:
        raise InputError(f"capacity is {capacity}, allowed: 1 or more visits")
    ids, counts = np.unique(eligible.ids, return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{ids[counts > 1][0]!r} occurs {counts.max()} times among the eligible; give each unit once")


def _take(eligible: Eligible, order: Positions) -> Eligible:
    return Eligible(
        ids=eligible.ids[order],
        risk=eligible.risk[order],
        cells=eligible.cells[order],
        visits=eligible.visits[order],
        mandatory=eligible.mandatory[order],
        unclear=_flags(eligible.unclear, eligible)[order],
        resting=_flags(eligible.resting, eligible)[order],
    )


def _flags(named: NDArray[np.bool_] | None, eligible: Eligible) -> NDArray[np.bool_]:
    return np.zeros(len(eligible.ids), dtype=np.bool_) if named is None else named


def _arm_sizes(eligible: Eligible, *, ranked: int, capacity: int, shares: Shares) -> dict[str, float]:
    """Return the expected number of visits of each drawn arm; with the mandatory units a whole number."""
    n_open = int((~eligible.mandatory).sum())
    size = min(capacity, len(eligible.ids))
    room = size - (len(eligible.ids) - n_open)
    random = shares.random * size
    if room < random:
        room = math.ceil(random - ROUNDING)  # the list grows: mandatory units never crowd out the random arm
    room = min(room, n_open)
    random = min(random, room)
    risk = min(max(0.0, room - random - shares.coverage * size), ranked)
    whole = round(risk)
    risk = float(whole) if abs(risk - whole) < ROUNDING else risk
    return {RISK: risk, COVERAGE: max(0.0, room - random - risk), RANDOM: random}


def _least_known_weights(eligible: Eligible) -> Floats:
    """Return 1 for a cell without recent visits or a unit without a score, less the more visits, at least 1/MOST_TILT.

    The root, because what is learnt of a cell grows with the root of its visits.
    """
    weights = np.maximum(1 / np.sqrt(1 + eligible.visits), 1 / MOST_TILT)
    return np.where(np.isnan(eligible.risk), 1.0, weights)


def _certain_at_one(probability: Floats) -> Floats:
    return np.where(probability > 1 - ROUNDING, 1.0, probability)


def _draw_systematically(
    probability: Floats, tied: NDArray[np.bool_], cells: Cells, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Draw with exactly these probabilities and a fixed size: Madow's systematic draw, cell after cell.

    Units `tied` at the edge of the risk arm stand apart from the rest. Cells, and units within them,
    stand in random order; as a cell's units stand together, its number of visits, on either side, is
    within one of what is expected.
    """
    selected = probability >= 1
    uncertain = np.flatnonzero(~selected)
    if len(uncertain) == 0:
        return selected
    names, numbers = np.unique(cells[uncertain], return_inverse=True)
    places = generator.permutation(len(names))[numbers]
    order = np.argsort(tied[uncertain] * len(names) + places + generator.random(len(uncertain)), kind="stable")
    ends = np.cumsum(probability[uncertain][order])
    size = round(float(ends[-1]))
    ends[-1] = size  # rounding of the sum must not let the last point fall outside
    points = generator.random() + np.arange(size)
    selected[uncertain[order[np.searchsorted(ends, points, side="right")]]] = True
    return selected


def _label(
    selected: NDArray[np.bool_], by_arm: Mapping[str, Floats], generator: np.random.Generator
) -> NDArray[np.str_]:
    """Say which arm drew each selected unit, with the probability that this arm has in the unit's own."""
    arm = np.full(len(selected), NOT_DRAWN, dtype="<U9")
    arm[by_arm[MANDATORY] > 0] = MANDATORY
    drawn = generator.permutation(np.flatnonzero(selected & (by_arm[MANDATORY] == 0)))
    shares = {name: by_arm[name][drawn] for name in (RISK, COVERAGE, RANDOM)}
    by_chance = _mark(shares[RANDOM], sum(shares.values(), start=np.zeros(len(drawn))), generator)
    arm[drawn[by_chance]] = RANDOM
    rest, kept = drawn[~by_chance], {name: values[~by_chance] for name, values in shares.items()}
    by_score = _mark(kept[RISK], kept[RISK] + kept[COVERAGE], generator)
    arm[rest] = np.where(by_score, RISK, COVERAGE)
    return arm


def _mark(part: Floats, whole: Floats, generator: np.random.Generator) -> NDArray[np.bool_]:
    """Mark each element with probability part / whole; the number marked is within one of what is expected."""
    probability = np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
    ends = np.floor(np.cumsum(probability) + generator.random() + ROUNDING)
    return np.diff(ends, prepend=0.0) > 0
