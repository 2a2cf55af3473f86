"""How does a data set become the register that lists are drawn from?

All of it or nothing: versions, events and visits as training reads them, the placements of its date,
what happened around them, and a score for each by the model now served. What systems and inspectors
told in another way is kept, and counts on top.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import Table

from risk_model.data.schema import Tables, as_of_view, day_after_last_record, read_tables
from risk_model.errors import NotEnoughDataError
from risk_model.placements.cohort import cohort
from risk_model.placements.histories import snapshot
from risk_model.prioritisation.area_list import area_list
from risk_model.prioritisation.mandatory import mandatory_placements
from risk_model.prioritisation.resting import resting_placements
from risk_model.prioritisation.units import recent_visits
from service.applying import apply_beside_import, refresh_corridors
from service.champion import worst_origin
from service.instants import naive_utc
from service.live_scoring import ROWS_AT_ONCE, Histories, LiveScoring
from service.running import Running
from service.storage.happenings import told_beside
from service.storage.register import Register, Row, keep_workers, replace_register
from service.tables.happenings import events, inspections, placement_versions
from service.tables.register import placements as placements_table

Progress = Callable[[int, int, str], None]
STEPS: Final = 3
"""Parts of the work before rows are stored: read, count histories, prepare."""
NO_SOURCE: Final = "import"
"""Where an event comes from whose data set does not say."""
STORED_AS: Final = {"inspector_ref": "inspector"}


@dataclass(frozen=True)
class ImportReport:
    """What an import brought: placements of the cohort, and rows of the tables that training reads.

    `beside` counts events and visits of the data set that were there already, told in another way.
    """

    placements: int
    as_of: datetime
    model_version: str
    data_origin: str
    versions: int
    events: int
    inspections: int
    beside: int


def import_data_set(
    running: Running, folder: Path, *, as_of: datetime | None, now: datetime, progress: Progress
) -> ImportReport:
    """Replace what earlier imports brought by the data set in `folder`, its cohort scored.

    `as_of` defaults to the day after the last record; rows recorded then or later are left out.

    Raises:
        TableError: a table is missing or breaks its contract.
        NotEnoughDataError: nobody is in the cohort of that date.
    """
    progress(0, STEPS, "reading the data set")
    specification = running.specification
    tables = read_tables(folder)
    date = day_after_last_record(tables) if as_of is None else pd.Timestamp(as_of)
    known, beside = _without_what_is_there(running, _known_before(tables, date))
    view = as_of_view(known, date)
    members = cohort(view, date, horizon_days=specification.horizon_days)
    if members.empty:
        raise NotEnoughDataError(f"{folder}: no placement is known before {date.date()}; choose a later --as-of")
    progress(1, STEPS, "counting what happened")
    origin = worst_origin(*members["data_origin"].unique())
    histories = Histories(0, date.to_pydatetime(), origin, snapshot(view, specification, date))
    scoring = LiveScoring(running.served, histories)
    report = ImportReport(
        placements=len(members),
        as_of=date.to_pydatetime(),
        model_version=running.served.version,
        data_origin=origin,
        versions=len(known.placements),
        events=len(known.events),
        inspections=len(known.inspections),
        beside=beside,
    )
    progress(2, STEPS, "preparing the rows")
    head = _head(report, folder, histories, now)
    register = _told(_register(view, known, date, head), _parts(members, scoring, report.as_of), report, progress)
    with running.following.turn() as turn:
        replace_register(turn.connection, register)
        keep_workers(turn.connection, _workers(view.placements))
        apply_beside_import(running, turn, now)
    refresh_corridors(running, now)
    return report


def _head(report: ImportReport, folder: Path, histories: Histories, now: datetime) -> Row:
    return {
        "as_of": report.as_of,
        "imported_at": naive_utc(now),
        "source": str(folder),
        "placements": report.placements,
        "model_version": report.model_version,
        "data_origin": report.data_origin,
        "snapshot": histories.snapshot.to_json(),
        "events_seq": 0,
        "inspections_seq": 0,
        "entries_seq": 0,
    }


def _known_before(tables: Tables, as_of: pd.Timestamp) -> Tables:
    """What was recorded before `as_of`, of several versions of one instant the last; events with a source."""
    versions, told, visits = (
        frame[frame["recorded_at"] < as_of] for frame in (tables.placements, tables.events, tables.inspections)
    )
    newest = versions.drop_duplicates(["placement_id", "recorded_at"], keep="last")
    return Tables(newest, told.assign(source=told["source"].fillna(NO_SOURCE)), visits)


def _without_what_is_there(running: Running, tables: Tables) -> tuple[Tables, int]:
    """Leave out events and visits that were told in another way, and repeated ones; return how many were told."""
    told, visits = tables.events, tables.inspections
    with running.engine.connect() as connection:
        known = told_beside(connection, events.c.source, events.c.event_id)
        recorded = {number for (number,) in told_beside(connection, inspections.c.inspection_id)}
    there = pd.Series([key in known for key in zip(told["source"], told["event_id"], strict=True)], told.index, bool)
    made = visits["inspection_id"].isin(recorded)
    kept = Tables(
        tables.placements,
        told[~there].drop_duplicates(["source", "event_id"], keep="last"),
        visits[~made].drop_duplicates("inspection_id", keep="last"),
    )
    return kept, int(there.sum() + made.sum())


def _register(view: Tables, known: Tables, as_of: pd.Timestamp, head: Row) -> Register:
    told = known.events.assign(occurred_at=known.events["occurred_at"].fillna(known.events["recorded_at"]))
    visits = known.inspections.rename(columns=STORED_AS)
    return Register(
        head=head,
        recent_visits=list(_rows(recent_visits(view, as_of))),
        mandatory_cases=list(_rows(mandatory_placements(view, as_of))),
        resting_placements=list(_rows(resting_placements(view, as_of).to_frame(name="placement_id"))),
        area_events=list(_rows(area_list(view, as_of))),
        versions=_in_parts(known.placements, placement_versions),
        events=_in_parts(told, events),
        inspections=_in_parts(visits, inspections),
        placements=(),
    )


def _parts(
    members: pd.DataFrame, scoring: LiveScoring, as_of: datetime
) -> Iterator[tuple[Sequence[Row], Sequence[Row]]]:
    for rows in _in_parts(members, placements_table):
        yield rows, scoring.score_rows(rows, [as_of] * len(rows))


def _workers(placements: pd.DataFrame) -> Iterator[Sequence[Row]]:
    known = placements.loc[placements["worker_ref"].notna(), ["placement_id", "worker_ref"]]
    for start in range(0, len(known), ROWS_AT_ONCE):
        yield list(_rows(known.iloc[start : start + ROWS_AT_ONCE]))


def _in_parts(frame: pd.DataFrame, table: Table) -> Iterator[Sequence[Row]]:
    """Yield the rows with the columns of `table`, in parts, so that few are held as Python values at a time."""
    names = [column.name for column in table.c if column.name in frame]
    dates = [column.name for column in table.c if str(column.type) == "DATE"]
    for start in range(0, len(frame), ROWS_AT_ONCE):
        yield list(_rows(frame[names].iloc[start : start + ROWS_AT_ONCE], dates=dates))


def _rows(frame: pd.DataFrame, dates: Collection[str] = ()) -> Iterator[Row]:
    """Yield the rows as plain Python values, null as None."""
    columns = {name: _plain(frame[name], as_date=name in dates) for name in map(str, frame)}
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _plain(values: pd.Series, *, as_date: bool) -> list[Any]:
    shown = values.dt.date if as_date else values.dt.to_pydatetime() if values.dtype.kind == "M" else values
    nulls = values.isna().tolist()
    return [
        None if null else value for null, value in zip(nulls, np.asarray(shown, dtype=object).tolist(), strict=True)
    ]


def _told(
    register: Register,
    scored: Iterator[tuple[Sequence[Row], Sequence[Row]]],
    report: ImportReport,
    progress: Progress,
) -> Register:
    """Return `register` with its placements, whose many rows tell `progress` as they are stored."""
    total = report.versions + report.events + report.inspections + report.placements
    done = 0

    def tell(rows: int, what: str) -> None:
        nonlocal done
        done += rows
        progress(done, total, what)

    def watched(parts: Iterable[Sequence[Row]], what: str) -> Iterator[Sequence[Row]]:
        for part in parts:
            yield part
            tell(len(part), what)

    def watched_scores() -> Iterator[tuple[Sequence[Row], Sequence[Row]]]:
        for known, scores in scored:
            yield known, scores
            tell(len(known), "scoring and storing")

    return replace(
        register,
        versions=watched(register.versions, "storing versions"),
        events=watched(register.events, "storing events"),
        inspections=watched(register.inspections, "storing visits"),
        placements=watched_scores(),
    )
