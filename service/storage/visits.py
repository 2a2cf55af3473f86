"""How is a visit kept, corrected and found again?

Rows are added and never removed; `replaced_by` says which of them count.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, insert, or_, select, update

from risk_model.prioritisation.mandatory import REACHED
from risk_model.prioritisation.units import CORRIDOR_SEPARATOR, KABUPATEN_LENGTH
from risk_model.vocabulary import Office
from service.storage.register import seen_by
from service.tables.happenings import inspections
from service.tables.register import placements, recent_visits

Row = Mapping[str, Any]
OUTSIDE_LIST: Final = "outside_list"
UNDONE: Final = "undone"


def add_visit(connection: Connection, visit: Row) -> Row:
    """Add a visit, in the writer's turn of `connection`; return it with its number."""
    seq = connection.execute(insert(inspections).returning(inspections.c.seq), dict(visit)).scalar_one()
    return {"replaced_by": None, "import_id": None, **visit, "seq": seq}


def find_visit(connection: Connection, inspection_id: str) -> Row | None:
    """Return the visit with this id, or None; nobody else replaces it until the transaction ends."""
    query = select(inspections).where(inspections.c.inspection_id == inspection_id).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def newest_version(connection: Connection, visit: Row) -> Row:
    """Return the visit that stands for `visit` after all corrections."""
    while visit["replaced_by"] not in (None, UNDONE):
        later = find_visit(connection, str(visit["replaced_by"]))
        if later is None:
            break
        visit = later
    return visit


def replace_visit(connection: Connection, inspection_id: str, by: str | None) -> None:
    """Let a correction (`by`) stand for a visit, or nothing (UNDONE); None lets it count again."""
    of_visit = inspections.c.inspection_id == inspection_id
    connection.execute(update(inspections).where(of_visit).values(replaced_by=by))


def replaced_visit(connection: Connection, inspection_id: str) -> Row | None:
    """Return the visit that this one corrects, or None."""
    row = connection.execute(select(inspections).where(inspections.c.replaced_by == inspection_id)).mappings().first()
    return dict(row) if row else None


def find_placement(connection: Connection, placement_id: str) -> Row | None:
    """Return a placement of the register, or None."""
    query = select(placements).where(placements.c.placement_id == placement_id)
    row = connection.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def sees_placement(connection: Connection, placement_id: str, office: Office) -> bool:
    """Return whether `office` sees a placement of the register."""
    query = select(placements.c.placement_id).where(placements.c.placement_id == placement_id, seen_by(office))
    return connection.execute(query).first() is not None


def count_visit(connection: Connection, visit: Row, drawn: Row | None) -> None:
    """Let lists know what `visit` reached; `drawn` is the row of the list that led to it, if one did."""
    uncount_visit(connection, visit)
    if visit["outcome"] not in REACHED:
        return
    placement = find_placement(connection, visit["placement_id"]) if visit["placement_id"] else None
    known = {**(drawn or {}), **(placement or {})}
    area = visit["area"] or known.get("origin") or known.get("area")
    corridor = [known.get("destination"), known.get("sector")]
    told = {
        "placement_id": visit["placement_id"],
        "corridor": CORRIDOR_SEPARATOR.join(map(str, corridor)) if all(corridor) else None,
        "agency_id": visit["agency_id"] or known.get("agency_id"),
        "employer_ref": known.get("employer_ref"),
        "area": area[:KABUPATEN_LENGTH] if area else None,
        "inspection_id": visit["inspection_id"],
    }
    connection.execute(insert(recent_visits), told)


def uncount_visit(connection: Connection, visit: Row) -> None:
    """Take back what `count_visit` told."""
    connection.execute(delete(recent_visits).where(recent_visits.c.inspection_id == visit["inspection_id"]))


def newest_visits(
    engine: Engine, *, offices: frozenset[str] | None, who: str, limit: int, after: int | None = None
) -> list[Row]:
    """Return at most `limit` visits, newest first: those of `offices` (None: all), and those that `who` recorded.

    `after` (the number of a visit) keeps those older than it.
    """
    query = select(inspections).order_by(inspections.c.seq.desc()).limit(limit)
    if offices is not None:
        query = query.where(or_(inspections.c.office.in_(offices), inspections.c.inspector == who))
    if after is not None:
        query = query.where(inspections.c.seq < after)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
