"""Which placements must be visited, whatever their score?

Those with a recent grave complaint that nobody has followed up on site. The model has no say here.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from risk_model import vocabulary

if TYPE_CHECKING:
    import pandas as pd

    from risk_model.data.schema import Tables

GRAVE: Final = "3"
"""The severity, in the table of complaint categories, from which a visit is mandatory."""

RECENT_DAYS: Final = 90
"""How long a grave complaint keeps a placement mandatory. Our setting: no rule on it was found."""

REACHED: Final = ("harm_found", "no_harm_found")
"""Outcomes of a visit at which somebody could look."""


def grave_categories() -> frozenset[str]:
    """Return the complaint categories whose usual severity is grave."""
    rows = vocabulary.table("complaint_categories")
    return frozenset(code for code, row in rows.items() if row.extra["severity"] == GRAVE)


def mandatory_placements(view: Tables, as_of: pd.Timestamp, *, days: int = RECENT_DAYS) -> pd.DataFrame:
    """Return the placements to visit in any case: `placement_id`, `category`, `recorded_at`, newest complaint first.

    A placement counts while a grave complaint about it, recorded in the `days` before `as_of`, has
    had no visit that reached somebody on the day of its recording or later.

    Args:
        view: what was known before `as_of`.
        as_of: the date of the list.
        days: how far back a complaint counts.
    """
    events = view.events
    grave = events[
        (events["type"] == "complaint")
        & events["category"].isin(list(grave_categories()))
        & events["placement_id"].notna()
        & (events["recorded_at"] >= as_of - timedelta(days=days))
        & (events["recorded_at"] < as_of)
    ]
    visits = view.inspections[view.inspections["outcome"].isin(REACHED)]
    last_visits = visits.groupby("placement_id")["visited_at"].max()
    last_visit = last_visits.reindex(grave["placement_id"]).set_axis(grave.index)
    unvisited = grave[~(last_visit >= grave["recorded_at"].dt.normalize())]
    newest = unvisited.sort_values(["recorded_at", "event_id"], ascending=[False, True]).drop_duplicates("placement_id")
    kept: pd.DataFrame = newest[["placement_id", "category", "recorded_at"]]
    return kept.reset_index(drop=True)
