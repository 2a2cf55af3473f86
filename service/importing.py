"""How does a data set become the register that lists are drawn from?

All of it or nothing: placements, what happened around them, and a score for each by the model now
served.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from risk_model.data.schema import Tables, as_of_view, day_after_last_record, read_tables
from risk_model.errors import NotEnoughDataError
from risk_model.placements.cohort import cohort
from risk_model.placements.histories import snapshot
from risk_model.prioritisation.area_list import area_list
from risk_model.prioritisation.mandatory import mandatory_placements
from risk_model.prioritisation.resting import resting_placements
from risk_model.prioritisation.units import recent_visits
from risk_model.specification import read_specification
from service.champion import worst_origin
from service.live_scoring import Histories, LiveScoring
from service.running import Running
from service.storage.register import Register, Row, replace_register
from service.tables.register import placements as placements_table

Progress = Callable[[int, int, str], None]
STEPS: Final = 3
"""Parts of the work before scoring begins: read, count histories, write rows."""


@dataclass(frozen=True)
class ImportReport:
    """What an import brought."""

    placements: int
    as_of: datetime
    model_version: str
    data_origin: str


def import_data_set(
    running: Running, folder: Path, *, as_of: datetime | None, now: datetime, progress: Progress
) -> ImportReport:
    """Replace the register by the cohort of the data set in `folder`, scored.

    `as_of` defaults to the day after the last record.

    Raises:
        TableError: a table is missing or breaks its contract.
        NotEnoughDataError: nobody is in the cohort of that date.
    """
    progress(0, STEPS, "reading the data set")
    specification = read_specification(running.settings.specification)
    tables = read_tables(folder)
    date = day_after_last_record(tables) if as_of is None else pd.Timestamp(as_of)
    view = as_of_view(tables, date)
    members = cohort(view, date, horizon_days=specification.horizon_days)
    if members.empty:
        raise NotEnoughDataError(f"{folder}: no placement is known before {date.date()}; choose a later --as-of")
    progress(1, STEPS, "counting what happened")
    histories = snapshot(view, specification, date)
    origin = worst_origin(*members["data_origin"].unique())
    scoring = LiveScoring(running.served, Histories(0, date.to_pydatetime(), origin, histories))
    report = ImportReport(len(members), date.to_pydatetime(), running.served.version, origin)
    head = {
        "as_of": report.as_of,
        "imported_at": now.astimezone(UTC).replace(tzinfo=None),
        "source": str(folder),
        "placements": report.placements,
        "model_version": report.model_version,
        "data_origin": origin,
        "snapshot": histories.to_json(),
        "events_seq": 0,
        "inspections_seq": 0,
    }
    progress(2, STEPS, "preparing the rows")
    register = _register(view, members, date, head)
    scored = scoring.score_all(register.placements, report.as_of)
    replace_register(running.engine, register, _told(scored, len(members), progress))
    return report


def _register(view: Tables, members: pd.DataFrame, as_of: pd.Timestamp, head: Row) -> Register:
    return Register(
        head=head,
        placements=_rows(
            members[[column.name for column in placements_table.c if column.name in members]], dates=_date_columns()
        ),
        recent_visits=_rows(recent_visits(view, as_of)),
        mandatory_cases=_rows(mandatory_placements(view, as_of)),
        resting_placements=_rows(resting_placements(view, as_of).to_frame(name="placement_id")),
        area_events=_rows(area_list(view, as_of)),
    )


def _date_columns() -> frozenset[str]:
    return frozenset(column.name for column in placements_table.c if str(column.type) == "DATE")


def _rows(frame: pd.DataFrame, dates: Collection[str] = ()) -> list[Row]:
    """Return the rows as plain Python values, null as None."""
    columns = {name: _plain(frame[name], as_date=name in dates) for name in map(str, frame)}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(values: pd.Series, *, as_date: bool) -> list[Any]:
    shown = values.dt.date if as_date else values.dt.to_pydatetime() if values.dtype.kind == "M" else values
    nulls = values.isna().tolist()
    return [
        None if null else value for null, value in zip(nulls, np.asarray(shown, dtype=object).tolist(), strict=True)
    ]


def _told(parts: Iterable[Sequence[Row]], total: int, progress: Progress) -> Iterator[Sequence[Row]]:
    done = 0
    for part in parts:
        done += len(part)
        yield part
        progress(done, total, "scoring and storing")
