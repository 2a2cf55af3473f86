"""What does `risk-model segments` show and write?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from risk_model.data import schema
from risk_model.data.database import read_data
from risk_model.errors import NotEnoughDataError
from risk_model.frame_files import write_frame
from risk_model.prioritisation.segments import hard_to_supervise
from risk_model.prioritisation.segments import segments as by_segment

SHOWN: Final = {
    "segment": "segment",
    "placements": "n",
    "list_visits": "visits",
    "rate": "rate",
    "interval": "90 %",
    "trend": "trend",
    "ratio": "O/E",
    "prior_rows": "prior",
}
HARD: Final = {
    "sector": "sector",
    "placements": "n",
    "visits_per_1000": "visits",
    "rate": "rate",
    "interval_width": "width",
    "reported_per_1000": "reports",
    "found_per_report": "gap",
    "not_reached": "missed",
    "in_unvisited_corridors": "unseen",
}
LEGEND: Final = (
    "n placements, visits of lists in 12 months, rate of findings with its 90 % interval, trend against the 12 months "
    "before, O/E findings over those expected of the mix, prior in visits; empty: under ten"
)
LEGEND_HARD: Final = (
    "visits and reports per 1,000 placements a year, width of the rate's interval (widest first), gap: harm expected "
    "per report, missed: share of visits that reached nobody, unseen: share in corridors without a visit"
)
NOT_TO_BE_CONCLUDED: Final = (
    "these figures go together with what a segment is; they do not say what would happen if it were otherwise"
)


def segments(
    data: Path, *, as_of: pd.Timestamp | None, by: Sequence[str], out: Path | None, every_column: bool
) -> dict[str, Any]:
    """Show segments and the sectors that are hard to supervise; with `out` write all columns of the segments.

    `every_column` shows all columns under their full names, and otherwise those that fit a terminal.

    Raises:
        NotEnoughDataError: fewer than ten placements in the cohort.
    """
    tables = read_data(data)
    date = as_of if as_of is not None else schema.day_after_last_record(tables)
    frame, hard = by_segment(tables, date, by=by), hard_to_supervise(tables, date)
    if frame.empty:
        raise NotEnoughDataError(f"fewer than ten placements at {date.date()}; choose another --as-of or ingest more")
    if out is not None:
        write_frame(frame, out)
    largest = frame.sort_values("placements", ascending=False, kind="stable")
    return {
        "as_of": str(date.date()),
        "data_origin": frame["data_origin"].iloc[0],
        "file": None if out is None else str(out),
        "segments": _records(largest if every_column else _short(largest, list(by))),
        "segments_legend": LEGEND,
        "hard_to_supervise": _records(hard if every_column else hard[list(HARD)].rename(columns=HARD)),
        "hard_to_supervise_legend": LEGEND_HARD,
        "note": NOT_TO_BE_CONCLUDED,
    }


def _short(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    bounds = [f"{low:.2f}–{high:.2f}" for low, high in zip(frame["low"], frame["high"], strict=True)]
    named = frame.assign(segment=frame[by].agg(" ".join, axis=1), interval=bounds)
    return named[list(SHOWN)].rename(columns=SHOWN)


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain data, null as None."""
    rows = frame.to_dict("records")
    return [{str(name): None if pd.isna(value) else value for name, value in row.items()} for row in rows]
