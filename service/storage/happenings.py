"""How is what was told to the service kept, and found again?

Everything here runs in a transaction of the caller, who has taken the writer's turn.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, Select, Table, func, insert, select

from risk_model.data.states import STATE_EVENTS
from service.tables.happenings import (
    clocks,
    corridor_refreshes,
    events,
    inspections,
    placement_versions,
    placement_workers,
    tally_entries,
)
from service.tables.register import imports

Row = Mapping[str, Any]
NAMES_AT_ONCE: Final = 5000
"""Ids that one query names; SQLite takes 32,766 values, and an event has two."""
REFRESHED: Final = select(corridor_refreshes.c.entries_seq).order_by(corridor_refreshes.c.refresh_id.desc()).limit(1)
COUNTED: Final = select(
    select(func.max(imports.c.import_id)).scalar_subquery(),
    select(func.max(tally_entries.c.seq)).scalar_subquery(),
    REFRESHED.scalar_subquery(),
)
"""Asked with every score, so it is built once."""


def add_events(connection: Connection, told: Sequence[Row]) -> list[Row]:
    """Add the events that are not there yet, known by source and event_id; return them with their `seq`."""
    first = {(row["source"], row["event_id"]): row for row in reversed(told)}
    by_source: dict[str, list[str]] = {}
    for source, event_id in first:
        by_source.setdefault(source, []).append(event_id)
    query = select(events.c.source, events.c.event_id)  # by source: SQLite looks through all rows for pairs
    there = {
        (row.source, row.event_id)
        for source, ids in by_source.items()
        for part in _parts(ids)
        for row in connection.execute(query.where(events.c.source == source, events.c.event_id.in_(part)))
    }
    new = [row for key, row in reversed(first.items()) if key not in there]
    return add_rows(connection, events, new)


def add_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> list[Row]:
    """Add rows to a table numbered by its first column; return them with their numbers, in order."""
    if not rows:
        return []
    number = table.primary_key.columns[0]
    statement = insert(table).returning(number, sort_by_parameter_order=True)
    numbers = connection.execute(statement, [dict(row) for row in rows]).scalars()
    return [{**row, number.name: given} for row, given in zip(rows, numbers, strict=True)]


def versions_of(connection: Connection, placement_ids: Collection[str]) -> dict[str, list[Row]]:
    """Return every version of the named placements, by id; one that is not known is left out."""
    return _by_placement(
        connection, select(placement_versions).order_by(placement_versions.c.version_id), placement_ids
    )


def told_states(connection: Connection, placement_ids: Collection[str]) -> dict[str, list[Row]]:
    """Return the events that change what is known of the named placements, by id.

    Those of an import are left out: the import says itself how things stand.
    """
    query = select(events).where(events.c.import_id.is_(None), events.c.type.in_(STATE_EVENTS))
    return _by_placement(connection, query, placement_ids)


def events_about(connection: Connection, placement_ids: Collection[str]) -> dict[str, list[Row]]:
    """Return all events about the named placements, by id."""
    return _by_placement(connection, select(events), placement_ids)


def visits_of(connection: Connection, placement_ids: Collection[str]) -> dict[str, list[Row]]:
    """Return the visits to the named placements, by id; of a corrected one the correction alone."""
    return _by_placement(connection, select(inspections).where(inspections.c.replaced_by.is_(None)), placement_ids)


def workers_of(connection: Connection, placement_ids: Collection[str]) -> dict[str, str]:
    """Return the worker references of the named placements, as far as they have one."""
    found = _by_placement(connection, select(placement_workers), placement_ids)
    return {placement_id: rows[0]["worker_ref"] for placement_id, rows in found.items()}


def told_beside(connection: Connection, *key: Column[Any]) -> set[tuple[Any, ...]]:
    """Return the keys, in columns of one table, of the rows that no import brought."""
    return {tuple(row) for row in connection.execute(select(*key).where(key[0].table.c.import_id.is_(None)))}


def newest_moments(connection: Connection, placement_ids: Collection[str]) -> dict[str, datetime]:
    """Return when the newest event or visit was, by placement, of those that no import brought."""
    newest: dict[str, datetime] = {}
    for table, moment in ((events, events.c.occurred_at), (inspections, inspections.c.visited_at)):
        query = select(table.c.placement_id, func.max(moment).label("moment")).where(table.c.import_id.is_(None))
        for name, rows in _by_placement(connection, query.group_by(table.c.placement_id), placement_ids).items():
            newest[name] = max(newest.get(name, datetime.min), rows[0]["moment"])
    return newest


def clocks_of(connection: Connection, scopes: Collection[str]) -> dict[str, datetime]:
    """Return the clocks of the named scopes, as far as they have one."""
    return {
        str(row.scope): row.as_of
        for part in _parts(sorted(scopes))
        for row in connection.execute(select(clocks).where(clocks.c.scope.in_(part)))
    }


def entries_after(connection: Connection, seq: int, upto: int | None = None) -> Iterator[Row]:
    """Yield what is counted into the histories after entry `seq`, and up to `upto` where that is given."""
    query = select(tally_entries).where(tally_entries.c.seq > seq).order_by(tally_entries.c.seq)
    if upto is not None:
        query = query.where(tally_entries.c.seq <= upto)
    for row in connection.execute(query).mappings():
        yield dict(row)


def counted_so_far(connection: Connection) -> tuple[int, int, int]:
    """Return the newest import, the newest entry, and the entry up to which corridors count; 0 where there is none."""
    found = connection.execute(COUNTED).one()
    return found[0] or 0, found[1] or 0, found[2] or 0


def _by_placement(connection: Connection, query: Select[Any], placement_ids: Collection[str]) -> dict[str, list[Row]]:
    column = query.selected_columns["placement_id"]
    found: dict[str, list[Row]] = {}
    for part in _parts(sorted(placement_ids)):
        for row in connection.execute(query.where(column.in_(part))).mappings():
            found.setdefault(str(row["placement_id"]), []).append(dict(row))
    return found


def _parts(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (items[start : start + NAMES_AT_ONCE] for start in range(0, len(items), NAMES_AT_ONCE))
