"""Which placements must be visited, which may rest, and what came home to which area, after what was told?

The rules are those of the library (mandatory.py, resting.py, area_list.py), for the few placements
and areas that something was told of.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select

from risk_model.prioritisation.area_list import COUNTED, WINDOW_DAYS
from risk_model.prioritisation.mandatory import REACHED, RECENT_DAYS, grave_categories
from risk_model.prioritisation.resting import REST_DAYS
from risk_model.prioritisation.units import KABUPATEN_LENGTH
from service.storage.happenings import events_about, visits_of
from service.tables.happenings import events, placement_versions
from service.tables.register import area_events, mandatory_cases, resting_placements

Row = Mapping[str, Any]
COMPLAINT: Final = "complaint"


def settle_cases(connection: Connection, placement_ids: Collection[str], *, now: datetime) -> None:
    """Find anew whether each of the placements must be visited, or rests (`now` is naive UTC)."""
    told, visits = events_about(connection, placement_ids), visits_of(connection, placement_ids)
    for table in (mandatory_cases, resting_placements):
        for part in _parts(sorted(placement_ids)):
            connection.execute(delete(table).where(table.c.placement_id.in_(part)))
    cases, resting = [], []
    for placement_id in sorted(placement_ids):
        reached = [visit for visit in visits.get(placement_id, []) if visit["outcome"] in REACHED]
        last = max(reached, key=lambda visit: (visit["visited_at"], visit["inspection_id"]), default=None)
        complaints = [event for event in told.get(placement_id, []) if event["type"] == COMPLAINT]
        case = _case(complaints, last, now)
        cases += [{"placement_id": placement_id, **case}] if case else []
        if last is not None and _rests(complaints, last, now):
            brought = last["inspection_id"] if last["import_id"] is None else None
            resting.append({"placement_id": placement_id, "inspection_id": brought})
    for table, rows in ((mandatory_cases, cases), (resting_placements, resting)):
        if rows:
            connection.execute(insert(table), rows)


def _case(complaints: Sequence[Row], last: Row | None, now: datetime) -> dict[str, Any] | None:
    grave = [
        event
        for event in complaints
        if event["category"] in grave_categories() and event["recorded_at"] >= now - timedelta(days=RECENT_DAYS)
    ]
    if not grave:
        return None
    newest = min(grave, key=lambda event: (now - event["recorded_at"], event["event_id"]))
    followed = last is not None and last["visited_at"] >= _midnight(newest["recorded_at"])
    return {
        "category": newest["category"],
        "recorded_at": newest["recorded_at"],
        "followed_up_by": last["inspection_id"] if followed and last else None,
    }


def _rests(complaints: Sequence[Row], last: Row, now: datetime) -> bool:
    if last["visited_at"] < now - timedelta(days=REST_DAYS):
        return False
    return not any(event["recorded_at"] >= _midnight(last["visited_at"]) for event in complaints)


def settle_areas(connection: Connection, told: Sequence[Row], *, as_of: datetime) -> None:
    """Count anew what came home to the kabupaten or province of each event, in the year before `as_of` and since.

    The placements registered from there are those that the newest import knew.
    """
    counted = [event["area"] for event in told if event["area"] is not None and event["type"] in COUNTED.values()]
    for area in sorted({area[:KABUPATEN_LENGTH] for area in counted}):
        known = select(area_events.c.recorded_placements).where(area_events.c.area == area)
        registered = connection.execute(known).scalar_one_or_none()
        since = as_of - timedelta(days=WINDOW_DAYS)
        row = _area(connection, area, since)
        row["recorded_placements"] = _registered(connection, area, since) if registered is None else registered
        connection.execute(delete(area_events).where(area_events.c.area == area))
        connection.execute(insert(area_events), row)


def _area(connection: Connection, area: str, since: datetime) -> dict[str, Any]:
    within = _within(events.c.area, area)
    happened = func.coalesce(events.c.occurred_at, events.c.recorded_at)
    query = select(events.c.type, func.count().label("number"), func.max(happened).label("newest"))
    found = connection.execute(
        query.where(within, events.c.type.in_(COUNTED.values()), happened >= since).group_by(events.c.type)
    ).all()
    numbers = {row.type: row.number for row in found}
    return {
        "area": area,
        **{column: numbers.get(kind, 0) for column, kind in COUNTED.items()},
        "total": sum(numbers.values()),
        "newest": max((row.newest for row in found), default=None),
    }


def _registered(connection: Connection, area: str, since: datetime) -> int:
    version = placement_versions.c
    from_there = (_within(version.origin, area), version.registered_on >= since.date(), version.import_id.is_not(None))
    query = select(func.count(version.placement_id.distinct())).where(*from_there)
    return int(connection.execute(query).scalar_one())


def _within(column: ColumnElement[str], area: str) -> ColumnElement[bool]:
    """A kabupaten holds all within it; a province stands for what names nothing deeper."""
    return or_(column == area, column.startswith(f"{area}.")) if "." in area else column == area


def _midnight(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), time())


def _parts(names: Sequence[str], size: int = 5000) -> list[Sequence[str]]:
    return [names[start : start + size] for start in range(0, len(names), size)]
