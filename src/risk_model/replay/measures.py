"""What did each policy find, what did it miss, and whom did it forget?

All figures are about a simulated world, where the truth is known.
"""

from typing import Final

import numpy as np
import pandas as pd

FOUND: Final = "harm_found"
RECOVERED: Final = 0.85
"""A policy is back once its share reaches this part of the ceiling (issue: `shift`)."""
SMALLEST_EXPECTED: Final = 10.0
"""Corridors whose share of risk makes fewer visits than this expected are not judged: chance decides there."""


def share_of_oracle(risk: pd.Series, listed: pd.Index) -> float:
    """Return where the mean true risk of `listed` stands between that of everybody (0) and of the best list (1).

    Args:
        risk: true risk of every eligible placement, by its id.
        listed: ids of those on the list, all of them in `risk`.

    Null where no list could do better than chance.

    >>> share_of_oracle(pd.Series([0.1, 0.2, 0.3, 0.4], index=list("abcd")), pd.Index(["d", "a"]))
    0.0
    """
    base = float(risk.mean())
    best = float(np.sort(risk.to_numpy())[::-1][: len(listed)].mean()) if len(listed) else base
    if best - base <= 0:
        return float("nan")
    return (float(risk.reindex(listed).mean()) - base) / (best - base)


def by_round(rounds: pd.DataFrame, visits: pd.DataFrame, truth: pd.DataFrame, known_before: pd.Index) -> pd.DataFrame:
    """Return `rounds` with `found_so_far`, `harm_so_far`, `harm_missed` and `share_found` added.

    `harm_so_far` counts the placements that were in harm and in the cohort in some round up to this one, without those
    `known_before`: the same for every policy. `harm_missed` are those of them that no visit of the policy had found;
    `share_found` the others' share, null while there are none.
    """
    hurt = truth[truth["present"] & ~truth["placement_id"].isin(known_before)]
    first = hurt.groupby("placement_id")["round"].min()
    so_far = first.value_counts().reindex(range(int(rounds["round"].max()) + 1), fill_value=0).sort_index().cumsum()
    found = rounds.groupby("policy")["harm_found"].cumsum()
    harm = rounds["round"].map(so_far)
    return rounds.assign(
        found_so_far=found, harm_so_far=harm, harm_missed=harm - found, share_found=found / harm.where(harm > 0)
    )


def first_found(visits: pd.DataFrame) -> pd.DataFrame:
    """Return the round in which each policy first found harm in each placement: policy, placement_id, round."""
    found = visits[visits["outcome"] == FOUND]
    return found.groupby(["policy", "placement_id"])["round"].min().reset_index()


def made_later(visits: pd.DataFrame, *, against: str) -> pd.DataFrame:
    """Return, for each policy, what became of those in whom `against` found harm.

    Columns: policy, `found_by_other`, and as shares of these `earlier`, `same_round`, `later` and `not_found` within
    the rounds. One row per policy but `against`; none where `against` found nobody.
    """
    first = first_found(visits)
    theirs = first[first["policy"] == against].set_index("placement_id")["round"]
    rows = []
    for policy in visits["policy"].unique():
        if policy == against or theirs.empty:
            continue
        ours = first[first["policy"] == policy].set_index("placement_id")["round"].reindex(theirs.index)
        gap = ours - theirs
        shares = {"earlier": gap < 0, "same_round": gap == 0, "later": gap > 0, "not_found": gap.isna()}
        means = {name: float(holds.mean()) for name, holds in shares.items()}
        rows.append({"policy": policy, "found_by_other": len(theirs), **means})
    return pd.DataFrame(rows, columns=["policy", "found_by_other", "earlier", "same_round", "later", "not_found"])


def corridors(visits: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Return, for each policy and corridor, its share of all visits and of all true risk, over all rounds.

    Columns: policy, corridor, visits, visit_share, risk_share (true risk of its cohort, added up over the rounds, over
    that of everybody), ratio (of the two shares) and `judged` (at least `SMALLEST_EXPECTED` visits expected from the
    share of risk).
    """
    risk = truth.groupby("corridor")["true_risk"].sum()
    where = truth.set_index(["round", "placement_id"])["corridor"]
    keys = pd.MultiIndex.from_frame(visits[["round", "placement_id"]])
    made = pd.crosstab(visits["policy"], where.reindex(keys).to_numpy()).reindex(columns=risk.index, fill_value=0)
    frame = made.rename_axis(columns="corridor").reset_index().melt("policy", value_name="visits")
    total = frame.groupby("policy")["visits"].transform("sum")
    frame["visit_share"] = frame["visits"] / total
    frame["risk_share"] = frame["corridor"].map(risk / risk.sum())
    frame["ratio"] = frame["visit_share"] / frame["risk_share"]
    frame["judged"] = frame["risk_share"] * total >= SMALLEST_EXPECTED
    return frame


def highest_ratio(corridor_shares: pd.DataFrame) -> pd.DataFrame:
    """Return each policy's judged corridor with the highest ratio of visit share to risk share: one row per policy."""
    judged = corridor_shares[corridor_shares["judged"]]
    top = judged.sort_values(["ratio", "corridor"], ascending=[False, True]).drop_duplicates("policy")
    return top.sort_values("policy", ignore_index=True)


def lost_to_exploration(rounds: pd.DataFrame, *, policy: str, greedy: str) -> float:
    """Return the share of the harm that `greedy` found which `policy` did not find; below 0 where it found more."""
    found = rounds.groupby("policy")["harm_found"].sum()
    if policy not in found or greedy not in found or not found[greedy]:
        return float("nan")
    return float(1 - found[policy] / found[greedy])


def rounds_to_recover(rounds: pd.DataFrame, *, policy: str, ceiling: str, turned: int) -> int | None:
    """Return how many rounds after `turned` the share at 10 % of `policy` is 0.85 of the settled ceiling; None: never.

    The ceiling learns from closed windows, so it too lags after a turn. What counts is where it settles: its mean over
    the last fourth of the rounds.
    """
    shares = rounds.pivot_table(index="round", columns="policy", values="share_at_10")
    settled = shares[ceiling].iloc[-max(len(shares) // 4, 1) :].mean()
    back = shares.index[(shares.index >= turned) & (shares[policy] >= RECOVERED * settled).to_numpy()]
    return int(back[0]) - turned if len(back) else None
