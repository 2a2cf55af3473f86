"""How good is an order of placements, and against what?

With a simulator's truth every order can be judged on true harm; without it, only on the visits
made since. Orders are columns of scores; a higher score is visited earlier.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.errors import NotEnoughDataError

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
        the visited), recall (share of all harmed who are visited), share.

    Raises:
        NotEnoughDataError: when `truth` has no row for a placement of the cohort at `as_of`.
    """
    at_date = truth[truth["as_of"] == as_of].drop_duplicates("placement_id").set_index("placement_id")
    known = at_date.reindex(cohort["placement_id"])
    if known["true_risk"].isna().any():
        dates = ", ".join(str(day.date()) for day in sorted(truth["as_of"].unique())[-5:])
        raise NotEnoughDataError(f"no truth for part of the cohort at {as_of.date()}; truth has: {dates}")
    risk, harm = known["true_risk"].to_numpy(float), known["harm"].to_numpy(float)
    rows = [
        {"order": name, "capacity_share": share, **_on_truth(np.asarray(score, float), risk, harm, share)}
        for name, score in orders.items()
        for share in CAPACITY_SHARES
    ]
    return pd.DataFrame(rows)


def _on_truth(score: Floats, risk: Floats, harm: Floats, capacity_share: float) -> dict[str, float]:
    n = max(1, round(capacity_share * len(score)))
    listed = top(score, n)
    best = risk[top(risk, n)].mean() - risk.mean()
    return {
        "precision": float(harm[listed].mean()),
        "recall": float(harm[listed].sum() / max(harm.sum(), 1.0)),
        "share": float((risk[listed].mean() - risk.mean()) / best) if best > 0 else float("nan"),
    }


def top(score: Floats, n: int) -> NDArray[np.int64]:
    """Return the positions of the `n` highest scores; a score that is not a number comes last."""
    return np.argsort(-np.where(np.isnan(score), -np.inf, score), kind="stable")[:n]


def as_markdown(title: str, facts: Mapping[str, Any], comparison: pd.DataFrame) -> str:
    """Return a report a person can read: what was judged, then the comparison as a table."""
    lines = [f"# {title}", "", *(f"- {name}: {value}" for name, value in facts.items()), ""]
    columns = list(comparison.columns)
    lines += [f"| {' | '.join(columns)} |", f"|{'|'.join(' --- ' for _ in columns)}|"]
    lines += [f"| {' | '.join(_shown(value) for value in row)} |" for row in comparison.itertuples(index=False)]
    return "\n".join(lines) + "\n"


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
