"""How good is an order of placements, and against what?

With a simulator's truth every order can be judged on true harm; without it, only on the visits
made since. Orders are columns of scores; a higher score is visited earlier.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from risk_model.errors import NotEnoughDataError
from risk_model.evaluation.paired import Z90, listed

Floats = NDArray[np.float64]

CAPACITY_SHARES = (0.01, 0.05, 0.10)
"""Shares of the cohort that are visited; shown side by side, since offices differ."""


def baselines(cohort: pd.DataFrame, *, random_state: int) -> dict[str, Floats]:
    """Return the orders an office could use without a model, as scores for each row of `cohort`.

    Random; oldest first (longest since departure); complaints first (more complaints first, ties at
    random).

    Args:
        cohort: a feature table with `months_since_departure` and `placement_complaints`.
        random_state: seed of the random order.
    """
    chance = np.random.default_rng(random_state).random(len(cohort))
    oldest = cohort["months_since_departure"].astype("float64").fillna(-1.0).to_numpy()
    complaints = cohort["placement_complaints"].astype("float64").fillna(0.0).to_numpy()
    return {"random": chance, "oldest first": oldest + chance / 1e6, "complaints first": complaints + chance / 2}


def judge_on_truth(
    orders: Mapping[str, Floats], cohort: pd.DataFrame, truth: pd.DataFrame, *, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Compare orders on simulated true harm.

    `share` is (mean true risk of the list − mean of the cohort) / (the same for the list in order of
    true risk): 0 is no better than chance, 1 is as good as knowing the true risk.

    Returns:
        One row per order and capacity share: order, capacity_share, precision (share harmed among
        the visited) with its 90 % interval (low, high), recall (share of all harmed who are visited), share.

    Raises:
        NotEnoughDataError: when `truth` has no row for a placement of the cohort at `as_of`.
    """
    at_date = truth[truth["as_of"] == as_of].drop_duplicates("placement_id").set_index("placement_id")
    known = at_date.reindex(cohort["placement_id"])
    if known["true_risk"].isna().any():
        dates = ", ".join(str(day.date()) for day in sorted(truth["as_of"].unique())[-5:])
        raise NotEnoughDataError(f"no truth for part of the cohort at {as_of.date()}; truth has: {dates}")
    risk, harm = known["true_risk"].to_numpy(float), known["harm"].to_numpy(float)
    rows: list[dict[str, Any]] = [
        {"order": name, "capacity_share": share, **_on_truth(np.asarray(score, float), risk, harm, share)}
        for name, score in orders.items()
        for share in CAPACITY_SHARES
    ]
    return pd.DataFrame(rows)


def _on_truth(score: Floats, risk: Floats, harm: Floats, capacity_share: float) -> dict[str, float]:
    n = max(1, round(capacity_share * len(score)))
    chosen = top(score, n)
    best = risk[top(risk, n)].mean() - risk.mean()
    low, high = wilson(float(harm[chosen].mean()), float(n))
    return {
        "precision": float(harm[chosen].mean()),
        "low": low,
        "high": high,
        "recall": float(harm[chosen].sum() / max(harm.sum(), 1.0)),
        "share": float((risk[chosen].mean() - risk.mean()) / best) if best > 0 else float("nan"),
    }


def judge_on_visits(tested: pd.DataFrame, orders: Mapping[str, str]) -> pd.DataFrame:
    """Compare orders on the rolling tests of a version, by what visits found.

    Args:
        tested: rows with `split`, `outcome` (0/1), `weight` (one over the known probability of the visit, else 1)
            and the columns of scores.
        orders: the name of each order and its column.

    Returns:
        One row per order and capacity share: order, capacity_share, precision with its 90 % interval (low, high)
        and recall, over all tests together; each test's list is made within it.
    """
    weight, found = tested["weight"].to_numpy(float), tested["outcome"].to_numpy(float)
    rows = []
    for name, column in orders.items():
        for share in CAPACITY_SHARES:
            part = np.zeros(len(tested))
            for places in tested.reset_index(drop=True).groupby("split").groups.values():
                part[places] = listed(tested[column].to_numpy(float)[places], weight[places], share)
            on_list = part * weight
            precision = float(np.average(found, weights=on_list))
            low, high = wilson(precision, float(on_list.sum() ** 2 / np.sum(on_list**2)))
            recall = float(np.sum(on_list * found) / max(np.sum(weight * found), 1e-12))
            rows.append(
                {"order": name, "capacity_share": share, "precision": precision, "low": low, "high": high}
                | {"recall": recall}
            )
    return pd.DataFrame(rows)


def made_later(orders: Mapping[str, Floats], harm: NDArray[np.float64], weight: Floats, *, model: str) -> pd.DataFrame:
    """Return which share of the harmed would be visited later under `model` than under each other order.

    Chicago's inspections found violations 7 days earlier on average and later for 38 % of premises (safeguard R11).

    Returns:
        One row per other order: order, later, earlier (shares of the harmed), median_forward (by which share of the
        list the harmed move forward, negative where they move back).
    """
    harmed = harm == 1
    position = {name: rankdata(-np.nan_to_num(score, nan=-np.inf)) / len(score) for name, score in orders.items()}
    rows = []
    for name in orders:
        if name == model:
            continue
        forward = (position[name] - position[model])[harmed]
        parts = weight[harmed]
        rows.append(
            {
                "order": name,
                "later": float(np.average(forward < 0, weights=parts)) if len(parts) else float("nan"),
                "earlier": float(np.average(forward > 0, weights=parts)) if len(parts) else float("nan"),
                "median_forward": float(np.median(forward)) if len(parts) else float("nan"),
            }
        )
    return pd.DataFrame(rows)


def wilson(rate: float, rows: float) -> tuple[float, float]:
    """Return the 90 % Wilson interval of a rate over (effectively) `rows` rows."""
    middle = (rate + Z90**2 / (2 * rows)) / (1 + Z90**2 / rows)
    half = Z90 * float(np.sqrt(rate * (1 - rate) / rows + Z90**2 / (4 * rows**2))) / (1 + Z90**2 / rows)
    return max(0.0, middle - half), min(1.0, middle + half)


def top(score: Floats, n: int) -> NDArray[np.int64]:
    """Return the positions of the `n` highest scores; a score that is not a number comes last."""
    return np.argsort(-np.where(np.isnan(score), -np.inf, score), kind="stable")[:n]
