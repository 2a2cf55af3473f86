"""How well would scores do on a cohort if they are calibrated, before any outcome is known?

CBPE, confidence-based performance estimation: a calibrated score is its own chance of being right. It sees
only that the mix of placements changed. Where harm changes and inputs do not, the scores are no longer
calibrated and these figures stay as they were; the alarm on outcomes is for that.
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from risk_model.learning.metrics import auc

Floats = NDArray[np.float64]

INTERVAL_Z: Final = 1.6448536269514722
"""Half-width of a 90 % interval in standard errors (normal quantile at 0.95)."""

CAVEAT: Final = "holds only while the scores are calibrated: it sees that the mix changed, not that harm did"


def expected_performance(risk: ArrayLike, *, capacity_share: float) -> dict[str, float]:
    """Return what calibrated scores expect of themselves.

    Args:
        risk: calibrated probabilities, shape (n_placements,); null ones carry no score and are left out.
        capacity_share: share of the cohort that can be visited, in (0, 1].

    Returns:
        scored: how many placements have a score. mean_risk. precision: the expected share harmed among the highest
        scores; low and high bound what one cohort shows of it by chance (90 %). auc: the expected chance that
        a harmed placement ranks above another one. brier: the expected squared distance. Null without scores.
    """
    given = np.asarray(risk, float)
    given = given[~np.isnan(given)]
    if not len(given):
        return {"scored": 0, **dict.fromkeys(("mean_risk", "precision", "low", "high", "auc", "brier"), float("nan"))}
    top = np.sort(given)[::-1][: max(1, round(capacity_share * len(given)))]
    precision, spread = float(top.mean()), INTERVAL_Z * float(np.sqrt(np.sum(top * (1 - top)))) / len(top)
    return {
        "scored": len(given),
        "mean_risk": float(given.mean()),
        "precision": precision,
        "low": max(0.0, precision - spread),
        "high": min(1.0, precision + spread),
        "auc": _expected_auc(given),
        "brier": float(np.mean(given * (1 - given))),
    }


def performance_then_and_now(then: ArrayLike, now: ArrayLike, *, capacity_share: float) -> pd.DataFrame:
    """Return `expected_performance` of two cohorts as two columns, one row per figure: figure, then, now."""
    sides = [expected_performance(risk, capacity_share=capacity_share) for risk in (then, now)]
    return pd.DataFrame([{"figure": name, "then": sides[0][name], "now": sides[1][name]} for name in sides[0]])


def _expected_auc(risk: Floats) -> float:
    """Count every row once as harmed, with its risk as weight, and once as not."""
    outcome = np.repeat([1.0, 0.0], len(risk))
    return auc(outcome, np.tile(risk, 2), sample_weight=np.concatenate([risk, 1 - risk]))
