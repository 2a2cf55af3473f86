"""Where do deaths, deportations and interceptions come home to?

Most concern workers whom no placement record knows, so they can be counted by area and by nothing
else. This list stands beside the list of placements, not inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from risk_model.prioritisation.units import kabupaten_of
from risk_model.vocabulary import contains

if TYPE_CHECKING:
    import pandas as pd

    from risk_model.data.schema import Tables

COUNTED: Final = {"deaths": "death", "deportations": "deportation", "interceptions": "interception"}
WINDOW_DAYS: Final = 365
COLUMNS: Final = ("area", *COUNTED, "total", "newest", "recorded_placements")


def area_list(
    view: Tables, as_of: pd.Timestamp, *, within: Sequence[str] | None = None, days: int = WINDOW_DAYS
) -> pd.DataFrame:
    """Return one row per area with area events in the `days` before `as_of`, most deaths first.

    Columns: `area` (kabupaten/kota, or the province where no more is known), `deaths`,
    `deportations`, `interceptions`, `total`, `newest` (date of the newest event), and
    `recorded_placements` registered from there in the same window, for comparison.

    Args:
        view: what was known before `as_of`.
        as_of: the date of the list.
        within: areas to keep, with all they contain; None keeps every area.
        days: how far back an event counts.
    """
    import pandas as pd

    since = as_of - timedelta(days=days)
    events = view.events[
        view.events["area"].notna()
        & view.events["type"].isin(list(COUNTED.values()))
        & (view.events["occurred_at"].fillna(view.events["recorded_at"]) >= since)
    ]
    dated = pd.DataFrame(
        {
            "area": kabupaten_of(events["area"]),
            "type": events["type"],
            "happened": events["occurred_at"].fillna(events["recorded_at"]),
        }
    )
    if within is not None:
        dated = dated[[any(contains(area, found) for area in within) for found in dated["area"]]]
    counts = dated.groupby(["area", "type"]).size().unstack(fill_value=0)
    rows = counts.reindex(columns=list(COUNTED.values()), fill_value=0).set_axis(list(COUNTED), axis="columns")
    rows["total"] = rows.sum(axis="columns")
    rows["newest"] = dated.groupby("area")["happened"].max()
    registered = view.placements[view.placements["registered_on"] >= since]
    per_area = kabupaten_of(registered["origin"]).value_counts()
    rows["recorded_placements"] = per_area.reindex(rows.index, fill_value=0)
    ordered = rows.reset_index().sort_values(["deaths", "total", "area"], ascending=[False, False, True])
    return ordered[list(COLUMNS)].reset_index(drop=True)
