"""Why is this placement not on my list?

Said without arms or probabilities; a placement of another office is as unknown as one that is not there.
"""

from typing import Any

from risk_model import vocabulary
from risk_model.prioritisation.competence import is_competent
from risk_model.prioritisation.units import KABUPATEN_LENGTH, UNIT_COLUMNS
from risk_model.vocabulary import competent_bodies
from service.access import sees_placement
from service.list_answers import SeenList
from service.pages import texts
from service.pages.row_parts import Reading
from service.running import Running
from service.storage.lists import Row
from service.storage.searching import find_scored, rests, was_eligible


def why_not(running: Running, seen: SeenList, reading: Reading, placement_id: str) -> str:
    """Return one sentence about a placement by its number in the source system."""
    words, list_id = reading.words, seen.stored.list_id
    with running.engine.connect() as connection:
        found = find_scored(connection, placement_id)
        if found is None or not sees_placement(reading.reader, running.offices, found):
            found = None
        rank = _rank(seen, placement_id, found)
        if rank is not None:
            number = texts.whole_number(rank, reading.language)
            return words["found_on_list"].format(name=placement_id, rank=number)
        if found is None:
            return words["found_nothing"].format(name=placement_id)
        if was_eligible(connection, list_id, placement_id):
            return words["found_not_drawn"].format(name=placement_id, band=words[f"band_{found['band']}"])
        reason = _reason(running, reading, found, resting=rests(connection, placement_id))
    return words["found_not_eligible"].format(name=placement_id, reason=reason)


def _rank(seen: SeenList, placement_id: str, found: Row | None) -> int | None:
    unit = seen.stored.head["unit"]
    unit_id = placement_id if unit == "placement" else _unit(found, unit)
    column = "placement_id" if unit == "placement" else "unit_id"
    return next((int(row["rank"]) for row in seen.stored.rows if unit_id and row[column] == unit_id), None)


def _unit(found: Row | None, unit: str) -> Any:
    if found is None:
        return None
    return str(found["origin"])[:KABUPATEN_LENGTH] if unit == "area" else found[UNIT_COLUMNS[unit]]


def _reason(running: Running, reading: Reading, found: Row, *, resting: bool) -> str:
    words, head = reading.words, reading.head
    if found["recorded_at"] is not None and found["recorded_at"] > head.as_of.replace(tzinfo=None):
        return words["not_eligible_later"]
    if resting:
        return words["not_eligible_resting"]
    office = running.offices.get(head.office or "")
    stage, destination = str(found["stage"]), str(found["destination"])
    if head.unit == "placement" and office is not None and not is_competent(office, stage, destination):
        able = [vocabulary.label("bodies", body, reading.language) for body in competent_bodies(stage, destination)]
        return words["not_eligible_other_body"].format(bodies=", ".join(able))
    if head.unit != "placement" and _unit(found, head.unit) is None:
        return words["not_eligible_units"]
    return words["not_eligible_other"]
