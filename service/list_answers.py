"""How is a list said to a caller, with what became of its rows?

The rows are as they were drawn; beside each stands where its visit stands, what happened meanwhile,
and which trip serves it. A caller of another office sees the rows that were handed over to it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Engine

from risk_model import vocabulary
from risk_model.prioritisation.units import KABUPATEN_LENGTH
from service.access import ANALYST, Principal
from service.answering import bodies, in_utc, placement_link
from service.identity import IDENTITIES
from service.payloads.answers import Body, DesignRow, Flag, ListDesign, ListHead, ListRow, Place, PriorityList
from service.storage.lists import Row, StoredList, read_list
from service.storage.row_states import TO_DO, Life, read_life
from service.trips import trip_numbers

PERSON: Final = (*IDENTITIES, "source_link", "inspector", "note")
"""What leads to a person; analysts work without."""


@dataclass(frozen=True)
class SeenList:
    """A list as one caller sees it: as drawn, with what became of its rows."""

    stored: StoredList
    life: Life


def seen_list(engine: Engine, list_id: str, offices: frozenset[str] | None) -> SeenList | None:
    """Return the list for a caller who sees `offices` (None: all), or None where it does not exist for that caller.

    Who sees the list's office sees it whole; who was handed rows of it, sees these.
    """
    with engine.connect() as connection:
        stored = read_list(connection, list_id)
        if stored is None:
            return None
        life = read_life(connection, list_id)
    if offices is None or stored.head["office"] in offices:
        return SeenList(stored, life)
    handed = {rank for rank, state in life.states.items() if state["office"] in offices}
    rows = tuple(row for row in stored.rows if row["rank"] in handed)
    return SeenList(replace(stored, rows=rows), life) if rows else None


def list_answer(seen: SeenList, caller: Principal, *, source_link: str | None, now: datetime) -> PriorityList:
    """Return a list without its design: bands, never arms."""
    rows = tuple(ListRow.model_validate(row) for row in _rows(seen, caller, source_link=source_link, now=now))
    head = seen.stored.head
    return PriorityList.model_validate({**_head(head), "notices": head["notices"], "rows": rows})


def design_answer(seen: SeenList, caller: Principal, *, source_link: str | None, now: datetime) -> ListDesign:
    """Return a list with seed, shares, arms and probabilities."""
    rows = tuple(DesignRow.model_validate(row) for row in _rows(seen, caller, source_link=source_link, now=now))
    return ListDesign.model_validate({**_head(seen.stored.head), "rows": rows})


def head_answer(head: Row) -> ListHead:
    """Return what a list was made for, and where it stands."""
    return ListHead.model_validate(_head(head))


def _head(head: Row) -> dict[str, Any]:
    instants = ("created_at", "as_of", "issued_at", "closed_at")
    return {**head, **{name: _instant(head[name]) for name in instants}}


def _rows(seen: SeenList, caller: Principal, *, source_link: str | None, now: datetime) -> list[dict[str, Any]]:
    trips = trip_numbers(seen.stored.rows)
    head = seen.stored.head
    waits_since = in_utc(head["issued_at"] or head["created_at"])
    shown = []
    for row in seen.stored.rows:
        rank = int(row["rank"])
        state = seen.life.states[rank]
        until = now if state["status"] in TO_DO and head["closed_at"] is None else in_utc(state["updated_at"])
        life = {
            **_state(state, head["office"]),
            "trip": trips[rank],
            "waiting_days": max(0, (until - waits_since).days),
            "flags": tuple(_flag(flag) for flag in seen.life.flags.get(rank, ())),
        }
        told = {**row, **_named(row, source_link), **life}
        shown.append(_without_persons(told) if caller.role == ANALYST else told)
    return shown


def _without_persons(row: dict[str, Any]) -> dict[str, Any]:
    """Leave out what leads to a person; the place is told down to the kabupaten or kota."""
    origin = row["origin"][:KABUPATEN_LENGTH] if row["origin"] else None
    return {**row, **dict.fromkeys(PERSON), "origin": origin, "places": places(origin or row["area"])}


def _named(row: Row, source_link: str | None) -> dict[str, Any]:
    table = vocabulary.table("bodies")
    return {
        "recorded_at": _instant(row["recorded_at"]),
        "grave_complaint": row["mandatory_because"],
        "source_link": placement_link(row["placement_id"], source_link),
        "places": places(row["origin"] or row["area"]),
        "bodies": tuple(
            Body(code=code, label_id=table[code].label_id, label_en=table[code].label_en) for code in bodies(row)
        ),
    }


def places(code: str | None) -> tuple[Place, ...]:
    """Return the names of an area, from the province down to the desa, as far as its code goes."""
    parts = code.split(".") if code else []
    codes = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
    return tuple(
        Place(
            code=each,
            label_id=vocabulary.label("areas", each, "id"),
            label_en=vocabulary.label("areas", each, "en"),
        )
        for each in codes
    )


def _state(state: Row, office: str | None) -> dict[str, Any]:
    names = ("status", "version", "office", "inspector", "priority", "reason_code", "note", "inspection_id")
    return {
        **{name: state[name] for name in names},
        "handed_over": state["office"] != office,
        "deferred_until": _instant(state["deferred_until"]),
    }


def _flag(flag: Row) -> Flag:
    return Flag(kind=flag["kind"], at=in_utc(flag["at"]), detail=flag["detail"])


def _instant(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
