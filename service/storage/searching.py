"""What is known of one placement that somebody looks for on a list?"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, exists, select

from service.tables.lists import list_probabilities
from service.tables.register import placements, resting_placements, scores

Row = Mapping[str, Any]


def find_scored(connection: Connection, placement_id: str) -> Row | None:
    """Return a placement of the register with its present `stage` and `band`, or None."""
    query = (
        select(placements, scores.c.stage, scores.c.band)
        .join(scores, scores.c.placement_id == placements.c.placement_id)
        .where(placements.c.placement_id == placement_id)
    )
    row = connection.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def was_eligible(connection: Connection, list_id: str, placement_id: str) -> bool:
    """Return whether the placement could have been drawn for the list."""
    of_both = (list_probabilities.c.list_id == list_id, list_probabilities.c.placement_id == placement_id)
    return bool(connection.execute(select(exists().where(*of_both))).scalar_one())


def rests(connection: Connection, placement_id: str) -> bool:
    """Return whether the placement rests after a visit."""
    of_it = resting_placements.c.placement_id == placement_id
    return bool(connection.execute(select(exists().where(of_it))).scalar_one())
