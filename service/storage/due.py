"""Which agencies wait for their placements to be scored anew, and how far has that come?

Everything here runs in a transaction of the caller, who has taken the writer's turn.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from service.tables.happenings import agencies_due
from service.tables.register import placements


@dataclass(frozen=True)
class Due:
    """One agency that waits: the last of its placements that were scored ("" none), and whether to begin again."""

    seq: int
    agency_id: str
    after: str
    again: bool


def is_any_due(engine: Engine) -> bool:
    """Return whether an agency waits."""
    with engine.connect() as connection:
        return first_due(connection) is not None


def first_due(connection: Connection) -> Due | None:
    """Return the agency that has waited longest; None where none waits."""
    row = connection.execute(select(agencies_due).order_by(agencies_due.c.seq).limit(1)).mappings().first()
    return Due(**row) if row else None


def due_among(connection: Connection, agencies: Collection[str]) -> frozenset[str]:
    """Return those of `agencies` that wait."""
    query = select(agencies_due.c.agency_id).where(agencies_due.c.agency_id.in_(sorted(agencies)))
    return frozenset(connection.execute(query).scalars()) if agencies else frozenset()


def has_more(connection: Connection, agency: str, number: int) -> bool:
    """Return whether an agency has more placements in the register than `number`."""
    of_agency = select(placements.c.placement_id).where(placements.c.agency_id == agency).limit(number + 1)
    return int(connection.execute(select(func.count()).select_from(of_agency.subquery())).scalar_one()) > number


def note_due(connection: Connection, agencies: Collection[str]) -> None:
    """Let agencies wait; one that does already is gone through once more after this time."""
    there = due_among(connection, agencies)
    if there:
        connection.execute(update(agencies_due).where(agencies_due.c.agency_id.in_(sorted(there))).values(again=True))
    new = [{"agency_id": agency, "after": "", "again": False} for agency in sorted(set(agencies) - there)]
    if new:
        connection.execute(insert(agencies_due), new)


def next_placements(connection: Connection, due: Due, number: int) -> list[str]:
    """Return the next of an agency's placements to score, in order of their ids, `number` at most."""
    of_agency = (placements.c.agency_id == due.agency_id) & (placements.c.placement_id > due.after)
    query = select(placements.c.placement_id).where(of_agency).order_by(placements.c.placement_id).limit(number)
    return list(connection.execute(query).scalars())


def go_on_after(connection: Connection, due: Due, placement_id: str) -> None:
    """Note that the placements up to this one were scored."""
    this = update(agencies_due).where(agencies_due.c.seq == due.seq)
    connection.execute(this.values(after=placement_id))


def end(connection: Connection, due: Due) -> None:
    """Let an agency wait no longer; where something moved meanwhile it begins again, behind all others."""
    connection.execute(delete(agencies_due).where(agencies_due.c.seq == due.seq))
    if due.again:
        note_due(connection, [due.agency_id])


def forget_all(connection: Connection) -> None:
    """Let no agency wait: all was scored."""
    connection.execute(delete(agencies_due))
