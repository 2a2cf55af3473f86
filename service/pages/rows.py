"""What does an officer see of one row?

The number with all its terms, what was done with the row, and the forms for what can be done next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from service.access import OFFICE_ROLES, Principal, offices_seen
from service.alternatives import alternatives
from service.identity import allowed
from service.language import Language
from service.list_answers import SeenList, list_answer, seen_list
from service.list_life import ALLOWED
from service.pages import row_view, texts
from service.pages.notices import notices_of
from service.pages.rendering import page
from service.pages.request import PageLanguage, frame, keep_language
from service.pages.row_parts import AT_WORK, Reading
from service.pages.row_parts import row_view as view_of
from service.pages.visit_form import Option, reasons_for, visit_form
from service.payloads.answers import ListRow
from service.payloads.list_life import LARGEST_RANK, RowAction
from service.payloads.requests import LONGEST_ID, PlacementIn
from service.problems import NOT_FOUND, ProblemError
from service.row_answers import row_actions, row_history
from service.running import Now, Running, Service
from service.storage.lists import Row
from service.storage.register import newest_import
from service.storage.row_states import DEFERRED, NOT_REACHED, VISITED, read_row, rows_in_hand
from service.storage.searching import find_scored
from service.storage.supervision import staff
from service.storage.visits import find_visit

router = APIRouter()

DONE: Final = ("visit", "defer", "undo", "accept", "assign", "over_capacity", "hand-over", "override")
"""What an address may say was just done with a row."""
BEFORE: Final = "before"
USER: Final = "user:"
Officer = Annotated[Principal, allowed("rows.work")]
ListId = Annotated[str, Path(max_length=LONGEST_ID)]
Rank = Annotated[int, Path(ge=1, le=LARGEST_RANK)]


@dataclass(frozen=True)
class Shown:
    """One row as it stands when its page is made: its list, the row, and who reads it."""

    seen: SeenList
    row: ListRow
    reading: Reading

    @property
    def own(self) -> bool:
        """Whether something can be done with the row by the reader's office now."""
        return self.reading.head.state in AT_WORK


@router.get("/lists/{list_id}/rows/{rank}")
def row_page(
    request: Request,
    caller: Officer,
    running: Service,
    language: PageLanguage,
    *,
    now: Now,
    list_id: ListId,
    rank: Rank,
    done: Annotated[str, Query(max_length=LONGEST_ID)] = "",
) -> Response:
    """One row: its number and terms, its history, and what can be done with it."""
    said = texts.words(language)[f"done_{done}"] if done in DONE else None
    place = (list_id, rank)
    try:
        return answer_row(request, caller, running, place, language=language, now=now, done=said)
    except ProblemError:
        gone = _gone_row(request, caller, running, place, language=language, now=now)
        if gone is None:
            raise
        return gone


def answer_row(
    request: Request,
    caller: Principal,
    running: Running,
    place: tuple[str, int],
    *,
    language: Language,
    now: datetime,
    done: str | None = None,
    trouble: row_view.Trouble | None = None,
    sent: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """Return the page of the row `place` (list and rank), with what was just done or could not be done.

    Raises:
        ProblemError: 404.
    """
    shown = find_row(running, caller, place, language=language, now=now)
    reading, history = shown.reading, row_history(running, caller, list_id=place[0], rank=place[1], now=now)
    drawn = next(row for row in shown.seen.stored.rows if row["rank"] == place[1])
    with running.engine.connect() as connection:
        visit = find_visit(connection, shown.row.inspection_id) if shown.row.inspection_id else None
        deeds = _deeds(connection, running, shown)
    view = row_view.RowPage(
        frame=frame(request, language),
        words=reading.words,
        notices=notices_of(running, shown.seen.stored, newest_import(running.engine), language),
        list_id=place[0],
        row=view_of(shown.row, reading),
        done=done,
        undo=_undo(history.actions, shown),
        trouble=trouble,
        result=_result(visit, shown),
        score=row_view.score_view(drawn["terms"], of_unit=reading.head.unit != "placement", language=language),
        other_ways=_other_ways(running, shown, now),
        deeds=deeds,
        visit=visit_form(language, now, sent),
        history=tuple(row_view.event(action, reading) for action in history.actions),
        facts=_facts(shown),
    )
    return keep_language(request, page(view, status))


def _gone_row(
    request: Request,
    caller: Principal,
    running: Running,
    place: tuple[str, int],
    *,
    language: Language,
    now: datetime,
) -> Response | None:
    """Return the page of a row that no longer exists for `caller`, who has just handed it over and may take it back."""
    with running.engine.connect() as connection:
        state, actions = read_row(connection, *place), row_actions(connection, *place)
    undo = row_view.undo_view(place, state["version"], actions, caller, language=language, now=now) if state else None
    if undo is None:
        return None
    number = texts.whole_number(place[1], language)
    view = row_view.GoneRowPage(frame(request, language), texts.words(language), number, undo)
    return keep_language(request, page(view))


def find_row(
    running: Running, caller: Principal, place: tuple[str, int], *, language: Language, now: datetime
) -> Shown:
    """Return a row that exists for `caller`.

    Raises:
        ProblemError: 404.
    """
    list_id, rank = place
    seen = seen_list(running.engine, list_id, offices_seen(caller, running.offices))
    told = list_answer(seen, caller, source_link=running.settings.source_link, now=now) if seen else None
    row = next((row for row in told.rows if row.rank == rank), None) if told else None
    if seen is None or told is None or row is None:
        raise ProblemError(NOT_FOUND, "no_such_row", name=list_id, rank=rank)
    return Shown(seen, row, Reading(told, caller, language, now, running.offices))


def _deeds(connection: Connection, running: Running, shown: Shown) -> row_view.Deeds:
    row, reading = shown.row, shown.reading
    seen = offices_seen(reading.reader, running.offices)
    at_hand = reading.head.state in AT_WORK and (seen is None or row.office in seen)
    language = reading.language

    def may(action: str) -> bool:
        return at_hand and row.status in ALLOWED[action]

    return row_view.Deeds(
        record=may("not_reached"),
        accept=may("accept"),
        others=may("defer"),
        offices=row_view.hand_over_offices(row, reading) if may("hand_over") else (),
        staff=_staff(connection, shown) if may("assign") and reading.reader.may("rows.assign") else (),
        defer_reasons=reasons_for("defer", language=language),
        hand_over_reasons=reasons_for("hand_over", language=language),
        override_reasons=reasons_for("raise", "lower", language=language),
    )


def _staff(connection: Connection, shown: Shown) -> tuple[Option, ...]:
    office = shown.row.office
    known = staff(connection, frozenset({office}), OFFICE_ROLES) if office else []
    in_hand = {str(user["user_id"]): rows_in_hand(connection, f"{USER}{user['user_id']}") for user in known}
    return row_view.staff_options(known, in_hand, shown.reading.language)


def _undo(done: Sequence[RowAction], shown: Shown) -> row_view.Undo | None:
    reading, row = shown.reading, shown.row
    if not shown.own:
        return None
    place = (reading.head.list_id, row.rank)
    return row_view.undo_view(place, row.version, done, reading.reader, language=reading.language, now=reading.now)


def _result(visit: Row | None, shown: Shown) -> row_view.Result | None:
    if visit is None or shown.row.status not in (VISITED, NOT_REACHED, DEFERRED):
        return None
    reading = shown.reading
    values: dict[str, Any] = {
        **visit,
        "reason_code": shown.row.reason_code,
        "deferred_until": shown.row.deferred_until,
    }
    corrects = shown.row.status == VISITED and reading.head.state in AT_WORK
    return row_view.Result(
        told=row_view.told(values, reading.language, reading.offices),
        day=texts.day(visit["visited_at"], reading.language),
        correct=visit["inspection_id"] if corrects else None,
    )


def _other_ways(running: Running, shown: Shown, now: datetime) -> row_view.OtherWays | None:
    """Return the options near a placement while it can still be changed: before the worker has left."""
    if shown.row.stage != BEFORE or shown.row.placement_id is None:
        return None
    with running.engine.connect() as connection:
        found = find_scored(connection, shown.row.placement_id)
    if found is None or found["stage"] != BEFORE:
        return None
    known = {name: found.get(name) for name in PlacementIn.model_fields if found.get(name) is not None}
    draft = PlacementIn.model_validate(known)
    return row_view.other_ways(alternatives(running, draft, now=now), shown.reading.language)


def _facts(shown: Shown) -> tuple[row_view.Told, ...]:
    """What a request about the row has to name."""
    words, head = shown.reading.words, shown.reading.head
    facts = {
        "row_number": f"{head.list_id}/{shown.row.rank}",
        "source_id": shown.row.placement_id,
        "model": head.model_version,
        "data_until": texts.day(head.as_of, shown.reading.language),
    }
    return tuple(row_view.Told(words[name], value) for name, value in facts.items() if value)
