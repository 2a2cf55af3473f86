"""Which placements does the service know, and how are they scored at present?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Table, bindparam, delete, func, insert, or_, select, update

from risk_model.vocabulary import Office
from service.storage.due import forget_all
from service.storage.engine import for_writing
from service.tables.happenings import events, inspections, placement_versions, placement_workers, tally_entries
from service.tables.register import (
    area_events,
    imports,
    mandatory_cases,
    placements,
    recent_visits,
    resting_placements,
    scores,
)

Row = Mapping[str, Any]
ROWS_AT_ONCE: Final = 5000
"""Rows that one statement writes; more gain nothing and hold memory."""


@dataclass(frozen=True)
class Import:
    """One import: which data, up to when, scored by which model; `placements` is their number."""

    import_id: int
    as_of: datetime
    imported_at: datetime
    source: str
    placements: int
    model_version: str
    data_origin: str


@dataclass(frozen=True)
class Register:
    """What one import brings, table by table: rows, or parts of them where there are many.

    `placements` come in parts, each with its scores. The versions, events and visits are those of the data set.
    """

    head: Row
    recent_visits: Sequence[Row]
    mandatory_cases: Sequence[Row]
    resting_placements: Sequence[Row]
    area_events: Sequence[Row]
    versions: Iterable[Sequence[Row]]
    events: Iterable[Sequence[Row]]
    inspections: Iterable[Sequence[Row]]
    placements: Iterable[tuple[Sequence[Row], Sequence[Row]]]


def replace_register(connection: Connection, register: Register) -> None:
    """Replace what earlier imports brought by what this one brings; what was told in another way stays.

    In a transaction that writes in turn. What follows from the rows that stay has to be drawn afterwards.
    """
    beside = recent_visits.c.inspection_id.is_not(None)
    for table in (scores, placements, mandatory_cases, resting_placements, area_events):
        connection.execute(delete(table))
    connection.execute(delete(recent_visits).where(~beside))
    forget_all(connection)
    brought: tuple[tuple[Table, Iterable[Sequence[Row]]], ...] = (
        (placement_versions, register.versions),
        (events, register.events),
        (inspections, register.inspections),
    )
    import_id = connection.execute(insert(imports).returning(imports.c.import_id), dict(register.head)).scalar_one()
    for table, parts in brought:
        connection.execute(delete(table).where(table.c.import_id.is_not(None)))
        for part in parts:
            connection.execute(insert(table), [{**row, "import_id": import_id} for row in part])
    for table, rows in (
        (recent_visits, register.recent_visits),
        (mandatory_cases, register.mandatory_cases),
        (resting_placements, register.resting_placements),
        (area_events, register.area_events),
    ):
        if rows:
            connection.execute(insert(table), [dict(row) for row in rows])
    for known, scored in register.placements:
        connection.execute(insert(placements), [dict(row) for row in known])
        connection.execute(insert(scores), [dict(row) for row in scored])
    _number(connection, import_id)


def _number(connection: Connection, import_id: int) -> None:
    """Note up to which event, visit and entry the import has everything."""
    newest = {
        name: func.coalesce(select(func.max(table.c.seq)).scalar_subquery(), 0)
        for name, table in (("events_seq", events), ("inspections_seq", inspections), ("entries_seq", tally_entries))
    }
    connection.execute(update(imports).where(imports.c.import_id == import_id).values(newest))


def keep_workers(connection: Connection, workers: Iterable[Sequence[Row]]) -> None:
    """Say whose the placements are, in parts; what was known of the same placements before is replaced."""
    for part in workers:
        names = [row["placement_id"] for row in part]
        connection.execute(delete(placement_workers).where(placement_workers.c.placement_id.in_(names)))
        connection.execute(insert(placement_workers), [dict(row) for row in part])


def note_model(engine: Engine, import_id: int, model_version: str) -> None:
    """Note that the scores of what an import brought are those of another model by now."""
    with for_writing(engine).begin() as connection:
        connection.execute(update(imports).where(imports.c.import_id == import_id).values(model_version=model_version))


def newest_import(engine: Engine) -> Import | None:
    """Return what the register holds, or None where nothing was imported."""
    columns = [column for column in imports.c if column.name in Import.__dataclass_fields__]
    with engine.connect() as connection:
        head = connection.execute(select(*columns).order_by(imports.c.import_id.desc()).limit(1)).mappings().first()
    return Import(**head) if head else None


def import_of(connection: Connection) -> Row | None:
    """Return the row of the newest import, with its histories as it stored them (JSON), or None."""
    found = connection.execute(select(imports).order_by(imports.c.import_id.desc()).limit(1)).mappings().first()
    return dict(found) if found else None


def scored_placements(engine: Engine, office: Office | None, names: Sequence[str]) -> list[Sequence[Any]]:
    """Return the columns `names` of scores and placements, for the placements that `office` sees (None: all)."""
    columns = [scores.c[name] if name in scores.c else placements.c[name] for name in names]
    query = select(*columns).join_from(scores, placements, placements.c.placement_id == scores.c.placement_id)
    if office is not None:
        query = query.where(seen_by(office))
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def find_placements(engine: Engine, placement_ids: Sequence[str]) -> dict[str, Row]:
    """Return those of the named placements that are in the register, by id."""
    with engine.connect() as connection:
        return placements_by_id(connection, placement_ids)


def placements_by_id(connection: Connection, placement_ids: Sequence[str]) -> dict[str, Row]:
    """Return, within a transaction, those of the named placements that are in the register, by id."""
    wanted = placements.c.placement_id.in_(bindparam("wanted", expanding=True))
    found = [
        dict(row)
        for start in range(0, len(placement_ids), ROWS_AT_ONCE)
        for row in connection.execute(
            select(placements).where(wanted), {"wanted": list(placement_ids[start : start + ROWS_AT_ONCE])}
        ).mappings()
    ]
    return {str(row["placement_id"]): row for row in found}


def parts_of_register(engine: Engine, rows: int) -> Iterator[list[str]]:
    """Yield the ids of all placements, in order and in parts of so many `rows`."""
    last = ""
    while True:
        query = select(placements.c.placement_id).where(placements.c.placement_id > last)
        with engine.connect() as connection:
            ids = list(connection.execute(query.order_by(placements.c.placement_id).limit(rows)).scalars())
        if not ids:
            return
        yield ids
        last = ids[-1]


def visits_of_last_year(engine: Engine) -> list[Row]:
    """Return what was visited in the year before the newest import."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(recent_visits)).mappings()]


def placements_at_rest(engine: Engine) -> list[str]:
    """Return the ids of the placements that a visit reached shortly before the newest import."""
    with engine.connect() as connection:
        return list(connection.execute(select(resting_placements.c.placement_id)).scalars())


def events_by_area(engine: Engine) -> list[Row]:
    """Return what came home to each area in the year before the newest import, most deaths first."""
    order = (area_events.c.deaths.desc(), area_events.c.total.desc(), area_events.c.area)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(area_events).order_by(*order)).mappings()]


def cases_to_visit(engine: Engine, office: Office | None) -> list[Row]:
    """Return the mandatory cases that `office` sees (None: all), and those that no office sees."""
    joined = placements.c.placement_id == mandatory_cases.c.placement_id
    query = select(mandatory_cases).join(placements, joined, isouter=True)
    query = query.where(mandatory_cases.c.followed_up_by.is_(None))
    if office is not None:
        query = query.where(or_(placements.c.placement_id.is_(None), seen_by(office)))
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def seen_by(office: Office) -> ColumnElement[bool]:
    """An office sees a placement by origin, by having processed it, or (mission) by destination."""
    within = [
        test
        for area in office.areas
        for test in (placements.c.origin == area, placements.c.origin.startswith(f"{area}."))
    ]
    return or_(placements.c.service_office == office.code, placements.c.destination.in_(office.destinations), *within)
