"""What became of the rows of all lists that one reader sees, and who works on them?

A row exists for the office of its list and for the office it was handed to. Lists that are drafts
are nobody's work yet and are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from service.storage.lists import AT_WORK, DRAFT
from service.storage.logged import FINDINGS
from service.storage.row_states import TO_DO, UNDO
from service.tables.happenings import inspections
from service.tables.lists import list_rows, list_states, lists, row_actions, row_states
from service.tables.people import users

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]

NOBODY: Final = "-"
"""Stands, in a filter, for rows that were given to nobody."""
OVERRIDE: Final = "override"

WORK: Final = {
    "list_id": lists.c.list_id,
    "rank": list_rows.c.rank,
    "unit": lists.c.unit,
    "list_office": lists.c.office,
    "state": list_states.c.state,
    "issued_at": list_states.c.issued_at,
    "arm": list_rows.c.arm,
    "status": row_states.c.status,
    "office": row_states.c.office,
    "inspector": row_states.c.inspector,
    "priority": row_states.c.priority,
    "updated_at": row_states.c.updated_at,
}
STAFF: Final = ("user_id", "login", "role", "office", "monthly_visits", "active")
SHOWN: Final = {
    **WORK,
    "band": list_rows.c.band,
    "placement_id": list_rows.c.placement_id,
    "unit_id": list_rows.c.unit_id,
    "destination": list_rows.c.destination,
    "sector": list_rows.c.sector,
    "origin": list_rows.c.origin,
    "area": list_rows.c.area,
    "reason_code": row_states.c.reason_code,
    "deferred_until": row_states.c.deferred_until,
}


@dataclass(frozen=True)
class Scope:
    """Which rows are looked at: of `offices` (None: all), of lists made at `since` (naive UTC) or later."""

    offices: Collection[str] | None
    since: datetime


@dataclass(frozen=True)
class Filters:
    """What else the rows must be; None leaves it open.

    `inspector` may be NOBODY; `work` is `now` (lists at work) or `placements` (lists of placements); `status`
    may be `waiting`, any that is not finished; `priority` may be raised, lowered, `moved` (either) or `untouched`;
    `found` is `yes`, `no` or `reached` (either); `reason` is that of an override; `area` holds the areas within it.
    """

    list_id: str | None = None
    office: str | None = None
    inspector: str | None = None
    work: str | None = None
    status: str | None = None
    priority: str | None = None
    reason: str | None = None
    found: str | None = None
    arm: str | None = None
    destination: str | None = None
    sector: str | None = None
    area: str | None = None


def work_rows(connection: Connection, scope: Scope) -> pd.DataFrame:
    """Return the columns of WORK for every row in `scope`, and `found`.

    `found` is 1 or 0 by the first visit that reached somebody, null where none did.
    """
    import pandas as pd

    query, found = _joined(WORK, scope)
    frame = pd.DataFrame(connection.execute(query.add_columns(found)).all(), columns=[*WORK, "outcome"])
    return frame.assign(found=frame.pop("outcome").map(FINDINGS).astype("float64"))


def overrides(connection: Connection, scope: Scope) -> pd.DataFrame:
    """Return the last override of each row in `scope`: list_id, rank, reason_code."""
    import pandas as pd

    names = ("list_id", "rank", "reason_code")
    query = (
        select(*(row_actions.c[name] for name in names))
        .join(lists, lists.c.list_id == row_actions.c.list_id)
        .join(row_states, _same_row(row_actions))
        .where(
            row_actions.c.action_id.in_(_newest_overrides()), lists.c.created_at >= scope.since, *_seen(scope.offices)
        )
    )
    return pd.DataFrame(connection.execute(query).all(), columns=list(names))


def filtered_rows(
    connection: Connection, scope: Scope, filters: Filters, *, limit: int, offset: int
) -> tuple[int, list[Row]]:
    """Return how many rows `filters` keep, and some of them, newest list first: the columns of SHOWN, and `outcome`."""
    query, found = _joined(SHOWN, scope)
    kept = query.add_columns(found.label("outcome")).where(*_conditions(filters, found))
    total = connection.execute(select(func.count()).select_from(kept.subquery())).scalar_one()
    ordered = kept.order_by(lists.c.created_at.desc(), lists.c.list_id, list_rows.c.rank).limit(limit).offset(offset)
    return int(total), [dict(row) for row in connection.execute(ordered).mappings()]


def staff(connection: Connection, offices: Collection[str] | None, roles: Collection[str]) -> list[Row]:
    """Return who has one of `roles` in `offices` (None: all), by login: the columns of STAFF."""
    columns = (users.c[name] for name in STAFF)
    query = select(*columns).where(users.c.role.in_(sorted(roles))).order_by(users.c.login)
    if offices is not None:
        query = query.where(users.c.office.in_(sorted(offices)))
    return [dict(row) for row in connection.execute(query).mappings()]


def _joined(columns: Mapping[str, ColumnElement[Any]], scope: Scope) -> tuple[Select[Any], ColumnElement[Any]]:
    """Return the rows in `scope`, and the column that says what the first visit that reached somebody found."""
    first = (
        select(func.min(inspections.c.seq))
        .where(
            inspections.c.list_id.is_not(None),
            inspections.c.rank.is_not(None),
            inspections.c.replaced_by.is_(None),
            inspections.c.outcome.in_(list(FINDINGS)),
        )
        .group_by(inspections.c.list_id, inspections.c.rank)
    )
    visits = (
        select(inspections.c.list_id, inspections.c.rank, inspections.c.outcome)
        .where(inspections.c.seq.in_(first))
        .subquery()
    )
    query = (
        select(*(column.label(name) for name, column in columns.items()))
        .select_from(lists)
        .join(list_states, list_states.c.list_id == lists.c.list_id)
        .join(list_rows, list_rows.c.list_id == lists.c.list_id)
        .join(row_states, _same_row(list_rows))
        .join(visits, and_(visits.c.list_id == list_rows.c.list_id, visits.c.rank == list_rows.c.rank), isouter=True)
        .where(lists.c.created_at >= scope.since, list_states.c.state != DRAFT, *_seen(scope.offices))
    )
    return query, visits.c.outcome


def _same_row(table: Any) -> ColumnElement[bool]:
    return and_(row_states.c.list_id == table.c.list_id, row_states.c.rank == table.c.rank)


def _newest_overrides() -> Select[Any]:
    of_row = (row_actions.c.list_id, row_actions.c.rank)
    undo = row_actions.alias()
    taken_back = undo.c.detail["action_id"].as_integer()
    named = select(taken_back).where(undo.c.action == UNDO, taken_back.is_not(None))
    counts = (row_actions.c.action == OVERRIDE, row_actions.c.action_id.not_in(named))
    return select(func.max(row_actions.c.action_id)).where(*counts).group_by(*of_row)


def _seen(offices: Collection[str] | None) -> tuple[ColumnElement[bool], ...]:
    if offices is None:
        return ()
    return (or_(lists.c.office.in_(sorted(offices)), row_states.c.office.in_(sorted(offices))),)


def _conditions(filters: Filters, found: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    equal = {
        lists.c.list_id: filters.list_id,
        row_states.c.office: filters.office,
        list_rows.c.arm: filters.arm,
        list_rows.c.destination: filters.destination,
        list_rows.c.sector: filters.sector,
    }
    kept = [column == wanted for column, wanted in equal.items() if wanted is not None]
    if filters.inspector is not None:
        nobody = filters.inspector == NOBODY
        kept.append(row_states.c.inspector.is_(None) if nobody else row_states.c.inspector == filters.inspector)
    if filters.work is not None:
        at_work = list_states.c.state.in_(AT_WORK)
        kept.append(lists.c.unit == "placement" if filters.work == "placements" else at_work)
    if filters.status is not None:
        wanted = TO_DO if filters.status == "waiting" else (filters.status,)
        kept.append(row_states.c.status.in_(wanted))
    if filters.priority is not None:
        special = {"moved": row_states.c.priority.is_not(None), "untouched": row_states.c.priority.is_(None)}
        kept.append(special.get(filters.priority, row_states.c.priority == filters.priority))
    if filters.found is not None:
        outcome = {"yes": "harm_found", "no": "no_harm_found"}.get(filters.found)
        kept.append(found == outcome if outcome else found.is_not(None))
    if filters.area is not None:
        area = func.coalesce(list_rows.c.origin, list_rows.c.area)
        kept.append(or_(area == filters.area, area.startswith(f"{filters.area}.", autoescape=True)))
    if filters.reason is not None:
        given = (row_actions.c.action_id.in_(_newest_overrides()), row_actions.c.reason_code == filters.reason)
        kept.append(exists().where(_same_row(row_actions), *given))
    return kept
