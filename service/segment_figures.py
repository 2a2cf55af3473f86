"""What are the figures of the segments of a service's register?

They take seconds and the libraries for tables; `service.made_apart` keeps both out of the worker.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Engine

from risk_model.data.database import read_database_tables
from risk_model.data.schema import Tables, day_after_last_record
from risk_model.prioritisation.disclosure import LEAST_SHOWN
from risk_model.prioritisation.segments import hard_to_supervise, segments
from service.answering import in_utc
from service.champion import worst_origin
from service.live_scoring import value_label
from service.payloads.segments import SPECIAL, CellPart, Segment, Segments
from service.storage.register import Import

NOTE: Final = (
    "Angka ini menyertai ciri segmen; tidak mengatakan apa yang terjadi bila cirinya lain.",
    "These figures go together with what a segment is; they do not say what would happen if it were otherwise.",
)
READ: Final = frozenset(
    {
        "placement_id",
        "certification_level",
        "certification_verified",
        "departed_on",
        "returned_on",
        "inclusion_probability",
    }
)
"""What segments read of the tables beside the columns that are never null."""
STORED_AS: Final = {"prior_visits": "prior_rows"}


def segment_figures(engine: Engine, newest: Import, by: Sequence[str], now: datetime) -> Segments:
    """Return the segments by the columns `by`, as an answer.

    Raises:
        InputError: `by` names a column by which placements are not grouped.
    """
    tables = read_database_tables(engine, needed=READ)
    as_of = _known_until(tables, newest)
    frame = segments(tables, as_of, by=by) if len(tables.placements) else pd.DataFrame()
    return Segments(
        as_of=in_utc(as_of.to_pydatetime()),
        made_at=now.astimezone(UTC),
        by=tuple(by),
        data_origin=worst_origin(newest.data_origin, *tables.placements["data_origin"].unique()),
        suppressed_below=LEAST_SHOWN,
        note_id=NOTE[0],
        note_en=NOTE[1],
        segments=tuple(_segment(row, by) for row in frame.to_dict("records")),
    )


def hard_figures(engine: Engine, newest: Import, by: str) -> list[dict[Any, Any]]:
    """Return a row per segment with what makes it hard to supervise as of `as_of`; None where that is not known."""
    tables = read_database_tables(engine)
    if not len(tables.placements):
        return []
    as_of = _known_until(tables, newest)
    frame = hard_to_supervise(tables, as_of, by=(by,))
    dated = {"as_of": in_utc(as_of.to_pydatetime())}  # a date of pandas would bring pandas into the worker
    return [{name: _plain(value) for name, value in row.items()} | dated for row in frame.to_dict("records")]


def _known_until(tables: Tables, newest: Import) -> pd.Timestamp:
    """Return the date as of which figures are made: all that was told is known then."""
    imported = pd.Timestamp(newest.as_of)
    return max(imported, day_after_last_record(tables)) if len(tables.placements) else imported


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else value


def _segment(row: dict[Any, Any], by: Sequence[str]) -> Segment:
    names = {name: row[STORED_AS.get(name, name)] for name in Segment.model_fields if name != "cell"}
    figures = {name: _plain(value) for name, value in names.items()}
    return Segment(cell=tuple(_part(column, str(row[column])) for column in by), **figures)


def _part(column: str, code: str) -> CellPart:
    labels = SPECIAL.get(code) or tuple(value_label(column, code, language) or code for language in ("id", "en"))
    return CellPart(column=column, code=code, label_id=labels[0], label_en=labels[1])
