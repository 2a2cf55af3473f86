"""Whose bands changed, after a number that a caller has seen?"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, false, func, or_, select

from risk_model.vocabulary import Office
from service.storage.register import seen_by
from service.tables.happenings import changes
from service.tables.register import placements

Row = Mapping[str, Any]


def changes_after(
    engine: Engine, seq: int, *, limit: int, offices: Sequence[Office] | None, owner: str | None = None
) -> tuple[list[Row], int]:
    """Return changes after number `seq`, oldest first, and up to which number everything was looked at.

    Args:
        engine: of the service.
        seq: the last number seen; 0 for all.
        limit: how many at most.
        offices: only placements that one of these sees; None for all.
        owner: only placements that this system registered.
    """
    query = select(changes).where(changes.c.seq > seq).order_by(changes.c.seq).limit(limit)
    if offices is not None or owner is not None:
        query = query.join(placements, placements.c.placement_id == changes.c.placement_id)
        query = query.where(placements.c.registered_by == owner if owner is not None else _seen_by_any(offices or ()))
    with engine.connect() as connection:
        newest: int = connection.execute(select(func.max(changes.c.seq))).scalar_one() or 0
        found: list[Row] = [dict(row) for row in connection.execute(query).mappings()]
    last = int(found[-1]["seq"]) if found else seq
    return found, last if len(found) == limit else max(last, newest)


def _seen_by_any(offices: Sequence[Office]) -> ColumnElement[bool]:
    return or_(false(), *(seen_by(office) for office in offices))
