"""How many placements are recorded from each area, how are they scored, and what came home there?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, func, or_, select

from risk_model.prioritisation.area_list import COUNTED
from risk_model.prioritisation.units import KABUPATEN_LENGTH
from service.tables.happenings import events
from service.tables.register import placements, scores

Row = Mapping[str, Any]
MOST_EVENTS: Final = 500


def scored_by_area(engine: Engine) -> list[Row]:
    """Return one row per kabupaten/kota (the province where no more is known) that placements come from.

    area; placements in the register; `scored`, those with a number; `risk`, the sum of their numbers; `raised`,
    those in the two upper bands.
    """
    area = func.substr(placements.c.origin, 1, KABUPATEN_LENGTH).label("area")
    query = (
        select(
            area,
            func.count().label("placements"),
            func.count(scores.c.risk).label("scored"),
            func.coalesce(func.sum(scores.c.risk), 0.0).label("risk"),
            func.count().filter(scores.c.band.in_(("very_high", "high"))).label("raised"),
        )
        .join_from(placements, scores, scores.c.placement_id == placements.c.placement_id)
        .group_by(area)
        .order_by(area)
    )
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def placements_within(engine: Engine, area: str, *, limit: int, offset: int) -> tuple[int, list[Row]]:
    """Return how many placements come from `area`, and some of them.

    placement_id, origin, destination, sector, stage, band. In order of their ids: an order by risk would be a list
    of priorities that is no sample.
    """
    columns = (
        *(placements.c[name] for name in ("placement_id", "origin", "destination", "sector")),
        scores.c.stage,
        scores.c.band,
    )
    inside = or_(placements.c.origin == area, placements.c.origin.startswith(f"{area}.", autoescape=True))
    joined = scores.c.placement_id == placements.c.placement_id
    query = select(*columns).join_from(placements, scores, joined).where(inside)
    ordered = query.order_by(placements.c.placement_id)
    with engine.connect() as connection:
        total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
        rows = connection.execute(ordered.limit(limit).offset(offset)).mappings()
        return int(total), [dict(row) for row in rows]


def events_within(engine: Engine, area: str, *, since: datetime, before: datetime) -> list[Row]:
    """Return the deaths, deportations and interceptions in `area` from `since` on, known before `before`, newest first.

    type, area, occurred_at, recorded_at; at most MOST_EVENTS.
    """
    query = (
        select(events.c.type, events.c.area, events.c.occurred_at, events.c.recorded_at)
        .where(
            or_(events.c.area == area, events.c.area.startswith(f"{area}.", autoescape=True)),
            events.c.type.in_(list(COUNTED.values())),
            events.c.occurred_at >= since,
            events.c.recorded_at < before,
        )
        .order_by(events.c.occurred_at.desc(), events.c.seq)
        .limit(MOST_EVENTS)
    )
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
