"""Has a gap between groups changed its side since training, on visits chosen by chance alone?

What a group loses by the list shows first where chance chose the visits (safeguard R15). The gap of a group is its
recall at capacity less that of everybody else.
"""

from statistics import NormalDist
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.evaluation.fairness import NOT_ENOUGH
from risk_model.evaluation.paired import CONFIDENCE, listed

Floats = NDArray[np.float64]

FEWEST_CASES: Final = 10
"""Findings a group, and everybody else, must have before their gap is judged. Our choice: chance visits find little."""
ALARM, STEADY = "changed side", "steady"
UNSURE: Final = "not sure"


def sides(before: pd.DataFrame, since: pd.DataFrame, traits: tuple[str, ...], *, capacity_share: float) -> pd.DataFrame:
    """Return one row per group: its gap before and since, the interval since, and whether it changed side.

    `status` is `changed side` where the gap since lies, with its whole interval, on the other side of 0 than the gap
    before; `not sure` where it has another side but the interval holds 0; `not enough data` where a group or everybody
    else has fewer than ten findings in either period, which is never shown as fair. The intervals of all groups
    judged hold together at 95 %.

    Args:
        before: random-arm visits before training: `score`, `found` (0/1), `inclusion_probability` and `traits`.
        since: the same after training.
        traits: text columns of groups, null where not recorded.
        capacity_share: share of all placements on a list.

    Returns:
        trait, group, cases, gap_before, gap, low, high, status.
    """
    periods = [_Period(visits, capacity_share) for visits in (before, since)]
    values = {trait: pd.concat([before[trait], since[trait]]).dropna() for trait in traits}
    groups = [(trait, str(group)) for trait in traits for group in sorted(values[trait].unique())]
    judged = [key for key in groups if all(period.enough(*key) for period in periods)]
    normal = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / (2 * max(1, len(judged))))
    rows = []
    for trait, group in groups:
        row: dict[str, Any] = {"trait": trait, "group": group, "cases": periods[1].cases(trait, group)}
        if (trait, group) in judged:
            then, now = (period.gap(trait, group) for period in periods)
            row |= _judged(then[0], now[0], normal * now[1])
        else:
            row |= {"gap_before": None, "gap": None, "low": None, "high": None, "status": NOT_ENOUGH}
        rows.append(row)
    columns = ["trait", "group", "cases", "gap_before", "gap", "low", "high", "status"]
    return pd.DataFrame(rows, columns=columns)


def _judged(then: float, now: float, half: float) -> dict[str, Any]:
    low, high = now - half, now + half
    other = then * now < 0
    certain = low > 0 or high < 0
    status = ALARM if other and certain else UNSURE if other else STEADY
    return {"gap_before": then, "gap": now, "low": low, "high": high, "status": status}


class _Period:
    """The findings of one period: which were on the list, and how much each counts."""

    def __init__(self, visits: pd.DataFrame, capacity_share: float) -> None:
        weight = 1 / visits["inclusion_probability"].to_numpy(float)
        found = visits["found"].to_numpy(float) == 1
        self.weight = weight[found]
        self.on_list = listed(visits["score"].to_numpy(float), weight, capacity_share)[found] if len(visits) else weight
        self.visits = visits[found]

    def _members(self, trait: str, group: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        member = (self.visits[trait] == group).to_numpy(bool)
        return member, self.visits[trait].notna().to_numpy() & ~member

    def cases(self, trait: str, group: str) -> int:
        """Findings of the group."""
        return int(self._members(trait, group)[0].sum())

    def enough(self, trait: str, group: str) -> bool:
        """Whether both sides have enough findings."""
        return min(int(side.sum()) for side in self._members(trait, group)) >= FEWEST_CASES

    def gap(self, trait: str, group: str) -> tuple[float, float]:
        """Recall of the group less that of everybody else, and its standard error."""
        inside, outside = self._members(trait, group)
        own, others = self._recall(inside), self._recall(outside)
        return own[0] - others[0], float(np.hypot(own[1], others[1]))

    def _recall(self, side: NDArray[np.bool_]) -> tuple[float, float]:
        """Weighted recall and its standard error, on rows as informative as the weighted ones.

        Two cases, one of them listed, are added to each side, so that a recall of 0 or 1 does not look certain
        (Agresti and Caffo 2000).
        """
        weight, on_list = self.weight[side], self.on_list[side]
        rows = float(weight.sum() ** 2 / np.sum(weight**2))
        steady = (float(np.average(on_list, weights=weight)) * rows + 1) / (rows + 2)
        return float(np.average(on_list, weights=weight)), float(np.sqrt(steady * (1 - steady) / (rows + 2)))
