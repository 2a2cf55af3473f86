"""How are priority lists kept, and found again?

A list is written in one transaction with its rows, their arms, and the probability of every
eligible unit, before anybody sees it. These never change; where the list stands is kept beside them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, exists, insert, or_, select, tuple_, update

from service.storage.audit import Entry, append
from service.storage.engine import for_writing
from service.tables.lists import list_probabilities, list_rows, list_states, lists, row_states

Row = Mapping[str, Any]
DRAFT, ISSUED, IN_PROGRESS, CLOSED = "draft", "issued", "in_progress", "closed"
AT_WORK: Final = (ISSUED, IN_PROGRESS)
STATE: Final = (
    list_states.c.state,
    list_states.c.version,
    list_states.c.issued_at,
    list_states.c.closed_at,
    list_states.c.superseded_by,
)
"""What is shown of where a list stands, beside what it was made for."""


@dataclass(frozen=True)
class StoredList:
    """One list: `head` has the columns of `lists` and `STATE`, each of `rows` those of `list_rows`, by rank."""

    head: Row
    rows: tuple[Row, ...]

    @property
    def list_id(self) -> str:
        """The list's number."""
        return str(self.head["list_id"])


def save_list(engine: Engine, drawn: StoredList, probabilities: Sequence[Row], *, told: Entry, key: bytes) -> None:
    """Store `drawn` as a draft with the probability of each eligible placement and the entry of the log, or nothing.

    Raises:
        IntegrityError: a list with this number is there already.
    """
    made, office = drawn.head["created_at"], drawn.head["office"]
    stands = {"state": DRAFT, "version": 1, "changed_at": made, "changed_by": told.who}
    fresh = {"status": "open", "office": office, "version": 1, "updated_at": made}
    with for_writing(engine).begin() as connection:
        connection.execute(insert(lists), dict(drawn.head))
        for table, rows in ((list_rows, drawn.rows), (list_probabilities, probabilities)):
            if rows:
                connection.execute(insert(table), [{**row, "list_id": drawn.list_id} for row in rows])
        connection.execute(insert(list_states), {"list_id": drawn.list_id, **stands})
        if drawn.rows:
            named = [{"list_id": drawn.list_id, "rank": row["rank"], **fresh} for row in drawn.rows]
            connection.execute(insert(row_states), named)
        append(connection, told, key=key)


def find_list(engine: Engine, list_id: str) -> StoredList | None:
    """Return the list with this number, or None."""
    with engine.connect() as connection:
        return read_list(connection, list_id)


def read_list(connection: Connection, list_id: str) -> StoredList | None:
    """Return the list with this number as `connection` sees it, or None."""
    head = connection.execute(_heads().where(lists.c.list_id == list_id)).mappings().one_or_none()
    if head is None:
        return None
    rows = connection.execute(select(list_rows).where(list_rows.c.list_id == list_id).order_by(list_rows.c.rank))
    return StoredList(dict(head), tuple(dict(row) for row in rows.mappings()))


def find_head(connection: Connection, list_id: str, offices: frozenset[str] | None) -> Row | None:
    """Return the head of a list that exists for who sees `offices` (None: all), or None."""
    query = _heads().where(lists.c.list_id == list_id)
    if offices is not None:
        query = query.where(_exists_for(offices))
    head = connection.execute(query).mappings().one_or_none()
    return dict(head) if head else None


def newest_lists(
    engine: Engine,
    *,
    limit: int,
    office: str | None = None,
    after: str | None = None,
    whole_register: bool = False,
    seen_by: frozenset[str] | None = None,
    states: Collection[str] | None = None,
) -> list[Row]:
    """Return the heads of at most `limit` lists, newest first.

    `office` keeps that office's lists, `whole_register` those made for no office, `seen_by` those of these offices
    and those of which a row was handed to one of them, and `after` (the number of a list) those older than it, so
    that pages do not shift when a list is made meanwhile. `states` keeps lists in one of these states.
    """
    query = _heads().order_by(lists.c.created_at.desc(), lists.c.list_id.desc()).limit(limit)
    if office is not None or whole_register:
        query = query.where(lists.c.office == office)
    if seen_by is not None:
        query = query.where(_exists_for(seen_by))
    if states is not None:
        query = query.where(list_states.c.state.in_(states))
    if after is not None:
        seen = select(lists.c.created_at, lists.c.list_id).where(lists.c.list_id == after)
        if seen_by is not None:
            seen = seen.where(_exists_for(seen_by))  # a list that does not exist for the caller marks no place
        query = query.where(tuple_(lists.c.created_at, lists.c.list_id) < seen.scalar_subquery())
    with engine.connect() as connection:
        return [dict(head) for head in connection.execute(query).mappings()]


def lock_state(connection: Connection, list_id: str) -> Row:
    """Return where the list stands; nobody else changes it, or a row of it, until the transaction ends."""
    query = select(list_states).where(list_states.c.list_id == list_id).with_for_update()
    return dict(connection.execute(query).mappings().one())


def change_state(connection: Connection, before: Row, *, by: str, at: datetime, **changes: Any) -> None:
    """Write where a list stands now; `before` is what `lock_state` gave."""
    values = {"version": before["version"] + 1, "changed_by": by, "changed_at": at, **changes}
    connection.execute(update(list_states).where(list_states.c.list_id == before["list_id"]).values(**values))


def supersede(connection: Connection, head: Row, *, by: str, at: datetime) -> list[str]:
    """Let the list `head` take the place of those at work for the same office and unit; return their numbers."""
    same = select(lists.c.list_id).where(
        lists.c.office.is_not_distinct_from(head["office"]),
        lists.c.unit == head["unit"],
        lists.c.list_id != head["list_id"],
    )
    earlier = select(list_states.c.list_id).where(
        list_states.c.list_id.in_(same), list_states.c.state.in_(AT_WORK), list_states.c.superseded_by.is_(None)
    )
    found = sorted(connection.execute(earlier).scalars())
    for list_id in found:
        change_state(connection, lock_state(connection, list_id), by=by, at=at, superseded_by=head["list_id"])
    return found


def _exists_for(offices: frozenset[str]) -> ColumnElement[bool]:
    """A list exists for its office, and for an office that one of its rows was handed to."""
    at_hand = and_(row_states.c.list_id == lists.c.list_id, row_states.c.office.in_(offices))
    return or_(lists.c.office.in_(offices), exists().where(at_hand))


def _heads() -> Select[Any]:
    return select(lists, *STATE).join(list_states, list_states.c.list_id == lists.c.list_id)
