"""Which placements were visited so lately that the next list should look elsewhere?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from risk_model.prioritisation.mandatory import REACHED

if TYPE_CHECKING:
    import pandas as pd

    from risk_model.data.schema import Tables

REST_DAYS: Final = 90
"""How long a placement rests after a visit that reached somebody.

As long as a grave complaint stays fresh (mandatory.py): what was just seen will not soon be otherwise, while another
placement's harm may last half a year; without it a monthly list has the same top scores every month. Our setting,
no rule on it was found."""


def resting_placements(view: Tables, as_of: pd.Timestamp, *, days: int = REST_DAYS) -> pd.Index:
    """Return the ids of placements that a visit reached in the `days` before `as_of`, if nobody complained since.

    A complaint recorded on the day of the visit or later ends the rest. With `days` 0 nobody rests.

    Args:
        view: what was known before `as_of`.
        as_of: the date of the list.
        days: how long a rest is.
    """
    visits = view.inspections[view.inspections["outcome"].isin(REACHED) & view.inspections["placement_id"].notna()]
    last = visits.groupby("placement_id")["visited_at"].max()
    last = last[last >= as_of - timedelta(days=days)]
    complaints = view.events[view.events["type"] == "complaint"]
    told = complaints.groupby("placement_id")["recorded_at"].max().reindex(last.index)
    at_rest: pd.Index = last.index[~(told >= last.dt.normalize())]
    return at_rest
