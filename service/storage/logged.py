"""Which lists of known probabilities are over, whom were they drawn from, and what did their visits find?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Engine, Select, Subquery, and_, exists, func, or_, select

from risk_model.prioritisation.units import CORRIDOR_SEPARATOR
from service.tables.happenings import inspections, placement_versions
from service.tables.lists import list_probabilities, list_rows, list_states, lists

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

CLOSED, DRAFT = "closed", "draft"
UNKNOWN: Final = "(unknown)"
"""Corridor of a placement that no version tells of."""
FINDINGS: Final = {"harm_found": 1.0, "no_harm_found": 0.0}
"""What a visit that reached somebody says."""


def ended_lists(engine: Engine, *, offices: Collection[str] | None, after: datetime, until: datetime) -> list[Row]:
    """Return list_id, office, as_of and data_origin of the lists that are over and led to a visit, oldest first.

    Lists of placements alone: a visit to another unit says nothing of each of its placements.

    Over is a list that was closed, or was drawn at `until` or earlier and is no draft; drawn after `after`.
    `offices` keeps the lists of these offices, None keeps all.
    """
    visited = exists().where(inspections.c.list_id == lists.c.list_id)
    over = or_(
        list_states.c.state == CLOSED,
        and_(lists.c.as_of <= until, or_(list_states.c.state.is_(None), list_states.c.state != DRAFT)),
    )
    query = (
        select(lists.c.list_id, lists.c.office, lists.c.as_of, lists.c.data_origin)
        .join(list_states, list_states.c.list_id == lists.c.list_id, isouter=True)
        .where(lists.c.unit == "placement", lists.c.as_of > after, over, visited)
        .order_by(lists.c.as_of, lists.c.list_id)
    )
    if offices is not None:
        query = query.where(lists.c.office.in_(sorted(offices)))
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def drawn_rows(engine: Engine, list_ids: Collection[str]) -> pd.DataFrame:
    """Return every drawn row of these lists with what was found there.

    Columns: list_id, corridor, arm, inclusion_probability, and found: 1 or 0 by the first visit that
    reached somebody, null where none did, whatever the reason.
    """
    known = _corridors()
    rows = (
        select(
            list_rows.c.list_id,
            list_rows.c.placement_id,
            _named(known.c.corridor),
            list_rows.c.arm,
            list_rows.c.inclusion_probability,
        )
        .join(known, known.c.placement_id == list_rows.c.placement_id, isouter=True)
        .where(list_rows.c.list_id.in_(list_ids), list_rows.c.placement_id.is_not(None))
        .order_by(list_rows.c.list_id, list_rows.c.rank)
    )
    visits = (
        select(inspections.c.list_id, inspections.c.placement_id, inspections.c.outcome)
        .where(
            inspections.c.list_id.in_(list_ids),
            inspections.c.replaced_by.is_(None),
            inspections.c.outcome.in_(list(FINDINGS)),
        )
        .order_by(inspections.c.visited_at, inspections.c.seq)
    )
    drawn, made, keys = _frame(engine, rows), _frame(engine, visits), ["list_id", "placement_id"]
    first = made.drop_duplicates(keys).assign(found=made["outcome"].map(FINDINGS).astype("float64"))
    return drawn.merge(first[[*keys, "found"]], on=keys, how="left").drop(columns="placement_id")


def eligible_by_corridor(engine: Engine, list_ids: Collection[str]) -> pd.DataFrame:
    """Return how many placements each list could have drawn: list_id, corridor, placements."""
    known = _corridors()
    query = (
        select(list_probabilities.c.list_id, _named(known.c.corridor), func.count().label("placements"))
        .join(known, known.c.placement_id == list_probabilities.c.placement_id, isouter=True)
        .where(list_probabilities.c.list_id.in_(list_ids))
        .group_by(list_probabilities.c.list_id, known.c.corridor)
    )
    return _frame(engine, query)


def _corridors() -> Subquery:
    """The corridor of each placement as it was last told."""
    newest = select(func.max(placement_versions.c.version_id)).group_by(placement_versions.c.placement_id)
    corridor = placement_versions.c.destination + CORRIDOR_SEPARATOR + placement_versions.c.sector
    return (
        select(placement_versions.c.placement_id, corridor.label("corridor"))
        .where(placement_versions.c.version_id.in_(newest))
        .subquery()
    )


def _named(corridor: ColumnElement[str]) -> ColumnElement[str]:
    return func.coalesce(corridor, UNKNOWN).label("corridor")


def _frame(engine: Engine, query: Select[Any]) -> pd.DataFrame:
    import pandas as pd

    names = [column.name for column in query.selected_columns]
    with engine.connect() as connection:
        return pd.DataFrame(connection.execute(query).all(), columns=names)
