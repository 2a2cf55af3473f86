"""Is the order of a model better than the two-line rule's, and no worse than the champion's?

Judged on the tested rows of the rolling tests, with paired intervals.
"""

from typing import Final

import numpy as np
import pandas as pd

from risk_model.evaluation.paired import SMALLEST_SIDE, auc_gain, listed, precision_gain, recall_gain
from risk_model.evaluation.verdict import Check
from risk_model.gate_limits import Gate

MODEL, RULE, CHAMPION = "chosen", "rule", "champion"
TEST: Final = "split"
NO_TEST: Final = (
    f"not measured, no test has {SMALLEST_SIDE} rows of each outcome: fewer, longer tests (splits), or more rows"
)
CELL: Final = "cell"
"""Rows of one test for which the champion's score comes from one source; see `champion_scores`."""


def against_rule(tested: pd.DataFrame, gate: Gate, *, capacity_share: float) -> list[Check]:
    """Return the checks that the model is superior to the two-line rule.

    Superior: the whole interval of the gain in AUC lies above the minimum. The list at capacity rests on a tenth
    of the rows and is held to less: it must not be demonstrably worse.

    Args:
        tested: rows with `split`, `outcome` (0/1), `weight`, `chosen` and `rule`.
        gate: the limits.
        capacity_share: share of a test that is visited.
    """
    order = auc_gain(tested, MODEL, RULE, cells=TEST)
    at_capacity = precision_gain(tested, MODEL, RULE, cells=TEST, capacity_share=capacity_share)
    return [
        Check(
            "tested visits", float(len(tested)), f"at least {gate.minimum_visits}", len(tested) >= gate.minimum_visits
        ),
        Check(
            "AUC over the two-line rule",
            order.shown() if order.rows else NO_TEST,
            f"all above {gate.minimum_gain}",
            order.low > gate.minimum_gain,
        ),
        Check("precision over the rule", at_capacity.shown(), "not all below 0", not at_capacity.high < 0),
    ]


def against_champion(
    tested: pd.DataFrame, register: pd.DataFrame, gate: Gate, *, capacity_share: float, note: str
) -> list[Check]:
    """Return the checks against the champion: not inferior, and no list reordered for nothing.

    Args:
        tested: as `against_rule`, with `champion` (null where it has no fair score) and `cell`.
        register: the placements of the training date with `risk` and `champion`, scores of both models.
        gate: the limits.
        capacity_share: share that is visited.
        note: why there is nothing to compare with; empty where there is.
    """
    if note:
        return [Check("AUC over the champion", note, "compared where there is one", True)]
    gain = auc_gain(tested, MODEL, CHAMPION, cells=CELL)
    moved = exchanged(register, capacity_share)
    certain_gain = gain.low > 0
    limit = f"at most {gate.most_exchanged:.0%}, or a gain"
    return [
        Check(
            "AUC over the champion",
            gain.shown(),
            f"all above -{gate.champion_margin}",
            gain.low > -gate.champion_margin,
        ),
        Check("list exchanged", f"{moved:.0%}", limit, certain_gain or not moved > gate.most_exchanged),
    ]


def exchanged(register: pd.DataFrame, capacity_share: float) -> float:
    """Return which share of the champion's list the new order would replace; NaN without placements both can score."""
    both = register[register["risk"].notna() & register[CHAMPION].notna()]
    if not len(both):
        return float("nan")
    weight = np.ones(len(both))
    kept = np.minimum(listed(both["risk"], weight, capacity_share), listed(both[CHAMPION], weight, capacity_share))
    return float(1 - kept.sum() / (capacity_share * len(both)))


def by_group(
    tested: pd.DataFrame, groups: tuple[str, ...], gate: Gate, *, capacity_share: float, reference: str
) -> list[Check]:
    """Return the check that no group's recall at capacity falls, against `reference`, beyond interval and margin.

    All intervals hold together at 95 %. A group with fewer cases than `gate.group_cases` is not judged.
    """
    cells = CELL if reference == CHAMPION else TEST
    members = [(trait, str(value)) for trait in groups for value in sorted(tested[trait].dropna().unique())]
    cases = {key: int((tested.loc[tested[key[0]] == key[1], "outcome"] == 1).sum()) for key in members}
    judged = [key for key in members if cases[key] >= gate.group_cases]
    changes = {
        (trait, value): recall_gain(
            tested,
            MODEL,
            reference,
            cells=cells,
            capacity_share=capacity_share,
            within=tested[trait] == value,
            tests=len(judged),
        )
        for trait, value in judged
    }
    told = {key: f"{' '.join(key)}: {change.shown()}" for key, change in changes.items()}
    fallen = [told[key] for key, change in changes.items() if change.high < -gate.group_margin]
    measured = {key: change for key, change in changes.items() if not np.isnan(change.estimate)}
    least = min(measured, key=lambda key: measured[key].estimate, default=None)
    worst = f"least {told[least]}" if least else "no group with enough cases"
    as_data = tuple(
        {"trait": trait, "group": value, "gain": change.estimate, "low": change.low, "high": change.high}
        for (trait, value), change in measured.items()
    )
    limit = f"no group all below -{gate.group_margin}"
    return [Check(f"recall by group over the {reference}", "; ".join(fallen) or worst, limit, not fallen, as_data)]
