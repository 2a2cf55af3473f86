"""What harm was to be expected of a placement before it was visited?

Learnt for each list from the visits of the other lists, so that no visit has a part in what it is compared
with. It may be wrong: the estimate of prevalence stays unbiased, its interval grows.
"""

from typing import Final

import numpy as np
import pandas as pd

from risk_model.prioritisation.coverage import Floats

SHRINKAGE: Final = 30
"""Visits that the rate of a corridor must outweigh to count more than the rate of all."""

EVERYWHERE: Final = ""
"""Stands for the rate of all corridors among their names."""


def expected_by_corridor(rows: pd.DataFrame, *, detection: float) -> pd.DataFrame:
    """Return the harm expected in each corridor (columns) by what all lists but one found (index: that `list_id`).

    Rates weighted by one over the probability, shrunk towards the rate of all corridors; values in [0, 1].
    Corridors that no visit reached are no column: `expected_of` gives them the rate of all, column `EVERYWHERE`.

    Args:
        rows: drawn rows with `list_id`, `corridor`, `inclusion_probability`, and `found` (1, 0, null for not reached).
        detection: declared share of present harm that a visit finds.
    """
    reached = rows[rows["found"].notna()]
    weight = 1 / reached["inclusion_probability"]
    parts = pd.DataFrame(
        {
            "list_id": reached["list_id"],
            "corridor": reached["corridor"],
            "weight": weight,
            "harm": weight * reached["found"] / detection,
            "visits": 1.0,
        }
    )
    sums = parts.pivot_table(index="list_id", columns="corridor", aggfunc="sum", fill_value=0.0)
    sums = sums.reindex(pd.Index(rows["list_id"].unique(), name="list_id"), fill_value=0.0)
    parts_of = {name: pd.DataFrame(sums[name]) for name in ("harm", "weight", "visits")}
    harm, weights, visits = (part.sum().to_numpy() - part.to_numpy() for part in parts_of.values())
    overall = _ratio(harm.sum(axis=1), weights.sum(axis=1))[:, None]
    shrunk = (visits * _ratio(harm, weights) + SHRINKAGE * overall) / (visits + SHRINKAGE)
    made = pd.DataFrame(np.clip(shrunk, 0, 1), index=sums.index, columns=parts_of["harm"].columns)
    made[EVERYWHERE] = np.clip(overall[:, 0], 0, 1)
    return made


def expected_of(corridors: pd.Series, expected: pd.Series) -> pd.Series:
    """Return what is expected of each placement by its corridor; `expected` is one row of `expected_by_corridor`."""
    return corridors.map(expected).fillna(float(expected[EVERYWHERE])).astype("float64")


def calibrated(risk: pd.Series, corridor_rates: pd.Series, factor: float) -> pd.Series:
    """Return `factor` times each risk, at most 1; where no score can be given, the rate of the corridor."""
    return (risk * factor).clip(upper=1.0).fillna(corridor_rates)


def calibration(rows: pd.DataFrame, *, detection: float) -> pd.Series:
    """Return by `list_id` the factor between harm found and `risk` in the visits of all other lists.

    One factor for all scores: a score says how likely harm is within the horizon, a visit whether it is there.
    1 where the others visited nobody with a score.
    """
    scored = rows[rows["found"].notna() & rows["risk"].notna()]
    weight = 1 / scored["inclusion_probability"]
    parts = pd.DataFrame(
        {"harm": weight * scored["found"] / detection, "risk": weight * scored["risk"], "list_id": scored["list_id"]}
    )
    sums = parts.groupby("list_id").sum().reindex(rows["list_id"].unique(), fill_value=0.0)
    others = sums.sum() - sums
    return (others["harm"] / others["risk"]).where(others["risk"] > 0, 1.0)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    made: Floats = np.divide(numerator, denominator, out=np.zeros_like(denominator), where=denominator > 0)
    return made
