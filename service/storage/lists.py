"""How are priority lists kept, and found again?

A list is written in one transaction with its rows, their arms, and the probability of every
eligible unit, before anybody sees it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, insert, select, tuple_

from service.storage.engine import for_writing
from service.tables.lists import list_probabilities, list_rows, lists

Row = Mapping[str, Any]


@dataclass(frozen=True)
class StoredList:
    """One list: `head` has the columns of `lists`, each of `rows` those of `list_rows`, by rank."""

    head: Row
    rows: tuple[Row, ...]

    @property
    def list_id(self) -> str:
        """The list's number."""
        return str(self.head["list_id"])


def save_list(engine: Engine, drawn: StoredList, probabilities: Sequence[Row]) -> None:
    """Store `drawn` and the probability of each eligible placement, all or nothing.

    Raises:
        IntegrityError: a list with this number is there already.
    """
    with for_writing(engine).begin() as connection:
        connection.execute(insert(lists), dict(drawn.head))
        for table, rows in ((list_rows, drawn.rows), (list_probabilities, probabilities)):
            if rows:
                connection.execute(insert(table), [{**row, "list_id": drawn.list_id} for row in rows])


def find_list(engine: Engine, list_id: str) -> StoredList | None:
    """Return the list with this number, or None."""
    with engine.connect() as connection:
        head = connection.execute(select(lists).where(lists.c.list_id == list_id)).mappings().one_or_none()
        if head is None:
            return None
        rows = connection.execute(select(list_rows).where(list_rows.c.list_id == list_id).order_by(list_rows.c.rank))
        return StoredList(dict(head), tuple(dict(row) for row in rows.mappings()))


def newest_lists(
    engine: Engine, *, limit: int, office: str | None = None, after: str | None = None, whole_register: bool = False
) -> list[Row]:
    """Return the heads of at most `limit` lists, newest first.

    `office` keeps that office's lists, `whole_register` those made for no office, and `after` (the
    number of a list) those older than it, so that pages do not shift when a list is made meanwhile.
    """
    query = select(lists).order_by(lists.c.created_at.desc(), lists.c.list_id.desc()).limit(limit)
    if office is not None or whole_register:
        query = query.where(lists.c.office == office)
    if after is not None:
        seen = select(lists.c.created_at, lists.c.list_id).where(lists.c.list_id == after)
        query = query.where(tuple_(lists.c.created_at, lists.c.list_id) < seen.scalar_subquery())
    with engine.connect() as connection:
        return [dict(head) for head in connection.execute(query).mappings()]
