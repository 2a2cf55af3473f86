"""What had been predicted of each visit before it was made, and what did it find?

A visit is scored with what was known at the start of its round, so no outcome enters its own prediction.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from risk_model.data.schema import Tables, as_of_view
from risk_model.placements.cohort import cohort
from risk_model.placements.feature_table import rows_of, without_personal_columns
from risk_model.placements.histories import snapshot
from risk_model.placements.labels import CONCLUSIVE
from risk_model.scoring.scorer import CompiledModel, score_columns
from risk_model.specification import Specification

Progress = Callable[[int, int, str], object]

ROUND_DAYS: Final = 30
"""Lists are drawn monthly; within one round a placement is scored once."""

USABLE_ARMS: Final = ("risk", "coverage", "random")
"""Arms that choose by the score, the cell and chance alone. A mandatory visit follows a complaint, and one
outside a list whatever its officer knew: both know more than the score, so what they find does not test it."""

COLUMNS: Final = ("placement_id", "round", "corridor", "stage", "arm", "inclusion_probability", "predicted", "found")


def scored_visits(
    tables: Tables,
    specification: Specification,
    model: CompiledModel,
    *,
    start: pd.Timestamp,
    until: pd.Timestamp,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Return the visits of [start, until) that reached somebody and were recorded before `until`.

    Columns `COLUMNS`: `round` counts months of 30 days from `start`; `predicted` is the chance that the visit
    finds harm, the risk times the declared detection, from what was known at the start of the round. Left out
    are visits outside lists of known probability or to no placement of the cohort, and those without a score.
    """
    seen = tables.inspections
    seen = seen[
        seen["placement_id"].notna()
        & seen["inclusion_probability"].notna()
        & seen["outcome"].isin(list(CONCLUSIVE))
        & seen["arm"].isin(USABLE_ARMS)
        & (seen["visited_at"] >= start)
        & (seen["visited_at"] < until)
        & (seen["recorded_at"] < until)
    ]
    rounds = ((seen["visited_at"] - start) // pd.Timedelta(days=ROUND_DAYS)).to_numpy()
    known = without_personal_columns(tables, specification)
    parts = []
    for done, number in enumerate(found := np.unique(rounds), start=1):
        as_of = start + int(number) * pd.Timedelta(days=ROUND_DAYS)
        parts.append(_round(known, seen[rounds == number], specification, model, as_of).assign(round=int(number)))
        if progress is not None:
            progress(done, len(found), f"visits of the month from {as_of:%Y-%m-%d}")
    joined = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*COLUMNS])
    return joined[list(COLUMNS)].dropna(subset=["predicted"]).reset_index(drop=True)


def _round(
    known: Tables, seen: pd.DataFrame, specification: Specification, model: CompiledModel, as_of: pd.Timestamp
) -> pd.DataFrame:
    view = as_of_view(known, as_of)
    members = cohort(view, as_of, horizon_days=specification.horizon_days)
    members = members[members["placement_id"].isin(seen["placement_id"])].reset_index(drop=True)
    rows = rows_of(members, snapshot(view, specification, as_of), specification)
    scores = score_columns(model, rows)
    said = pd.DataFrame(
        {
            "placement_id": members["placement_id"],
            "corridor": members["destination"].astype("str") + "-" + members["sector"].astype("str"),
            "stage": members["stage"],
            "predicted": scores.risk * model.detection,
        }
    )
    told = seen[["placement_id", "arm", "inclusion_probability", "outcome"]]
    joined = told.merge(said, on="placement_id", how="inner")
    return joined.assign(found=joined["outcome"].map(CONCLUSIVE).astype("float64"))
