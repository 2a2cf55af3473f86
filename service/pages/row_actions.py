"""What becomes of the forms on the page of a row?

Each calls what the API calls, and answers with the page again: with what was done, or with why it
could not be done and what was sent.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, Final, cast
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from service import row_deeds
from service.access import Principal
from service.identity import allowed
from service.list_life import act
from service.new_ids import random_id
from service.pages import row_view, texts
from service.pages.request import PageLanguage
from service.pages.rows import ListId, Officer, Rank, answer_row, find_row
from service.pages.visit_form import local_day
from service.payloads.list_life import Assign, Defer, HandOver, Override
from service.payloads.visits import InspectionIn
from service.problems import CONFLICT, NOT_FOUND, PRECONDITION_FAILED, UNPROCESSABLE, ProblemError, refused_row, said
from service.running import Now, Running, Service
from service.undoing import undo_deed
from service.visits import FRESH, Recorder, record_visit
from service.working_rows import Why

router = APIRouter(prefix="/lists/{list_id}/rows/{rank}")

SEE_OTHER: Final = 303
LONGEST_FIELD, MOST_DIGITS, ID_BYTES = 2000, 9, 8
NOON_IN_JAKARTA: Final = time(5)
"""In UTC: the hour that stands for a day of which nobody told the hour."""
Text = Annotated[str, Form(max_length=LONGEST_FIELD)]
Assigner = Annotated[Principal, allowed("rows.assign")]


class Hand:
    """The row that a form is about, with the version that its reader saw."""

    def __init__(
        self,
        request: Request,
        running: Service,
        language: PageLanguage,
        now: Now,
        list_id: ListId,
        *,
        rank: Rank,
        version: Text = "",
    ) -> None:
        """Take what each of the routes below needs."""
        self.request, self.language, self.now = request, language, now
        self.running: Running = running
        self.place = (list_id, rank)
        self.seen = int(version[:MOST_DIGITS]) if version.isascii() and version.isdigit() else None

    def carry_out(self, caller: Principal, sent: Mapping[str, str], do: Callable[[], str]) -> Response:
        """Do it and lead to the row, which says what was done; or show the row with why it could not be done."""
        try:
            done = do()
        except (ProblemError, ValidationError, RequestValidationError) as error:
            return self._trouble(caller, sent, error)
        return RedirectResponse(f"/lists/{quote(self.place[0])}/rows/{self.place[1]}?done={done}", SEE_OTHER)

    def act(self, caller: Principal, make: row_deeds.Maker) -> tuple[str, ...]:
        """Do with the row what `make` says; return the warnings."""
        _, deed = act(self.running, self.place, make, seen=self.seen, caller=caller, now=self.now)
        return deed.warnings

    def _trouble(self, caller: Principal, sent: Mapping[str, str], error: Exception) -> Response:
        if isinstance(error, ProblemError) and error.status == NOT_FOUND:
            raise error
        try:
            find_row(self.running, caller, self.place, language=self.language, now=self.now)
        except ProblemError as gone:  # it was handed over; what was wrong is said without the row
            raise (error if isinstance(error, ProblemError) else gone) from None
        trouble, status = self._said(caller, sent, error)
        return answer_row(
            self.request,
            caller,
            self.running,
            self.place,
            language=self.language,
            now=self.now,
            trouble=trouble,
            sent=sent,
            status=status,
        )

    def _said(self, caller: Principal, sent: Mapping[str, str], error: Exception) -> tuple[row_view.Trouble, int]:
        words = texts.words(self.language)
        if not isinstance(error, ProblemError):
            faults = cast("ValidationError | RequestValidationError", error).errors()
            bare = [{**fault, "loc": [part for part in fault["loc"] if part != "body"]} for fault in faults]
            found = refused_row(bare, self.language, list(sent))
            details = tuple(fault.detail for fault in found.errors or ())
            return row_view.Trouble(found.title, found.detail.split(";")[0] + ".", details, (), ()), UNPROCESSABLE
        title, sentence = said(error, self.language)
        if error.status not in (CONFLICT, PRECONDITION_FAILED) or (error.status == CONFLICT and not sent):
            return row_view.Trouble(title, sentence, (), (), ()), error.status
        shown = find_row(self.running, caller, self.place, language=self.language, now=self.now)
        offices = self.running.offices
        status = words[f"status_{shown.row.status}"]
        there = row_view.Told(words["column_status"], status)
        current = row_view.told({**(error.members.get("current") or {})}, self.language, offices)
        yours = row_view.told(sent, self.language, offices)
        return row_view.Trouble(words["conflict"], sentence, (), (there, *current), yours), error.status


InHand = Annotated[Hand, Depends()]


def _given(**fields: str) -> dict[str, str]:
    """Return the fields that were filled in."""
    return {name: value.strip() for name, value in fields.items() if value.strip()}


@router.post("/visit")
def record(
    caller: Annotated[Principal, allowed("visits.record")],
    hand: InHand,
    *,
    outcome: Text = "",
    category: Text = "",
    severity: Text = "",
    reason_code: Text = "",
    visited_on: Text = "",
    note: Text = "",
    replaces: Text = "",
) -> Response:
    """Record the result of a visit, or (`replaces`) correct one."""
    sent = _given(
        outcome=outcome, category=category, severity=severity, reason_code=reason_code, visited_on=visited_on, note=note
    )

    def do() -> str:
        told = InspectionIn.model_validate(_inspection(hand, sent, replaces))
        seen = FRESH if replaces else hand.seen
        record_visit(hand.running, told, Recorder(caller, hand.now, random_id(ID_BYTES), seen))
        return "visit"

    return hand.carry_out(caller, sent, do)


@router.post("/undo")
def undo(caller: Officer, hand: InHand) -> Response:
    """Take back what was done with the row a moment ago."""

    def do() -> str:
        undo_deed(hand.running, hand.place, seen=hand.seen, caller=caller, now=hand.now)
        return "undo"

    return hand.carry_out(caller, {}, do)


@router.post("/accept")
def accept(caller: Officer, hand: InHand) -> Response:
    """Take the row on."""

    def do() -> str:
        hand.act(caller, row_deeds.accept(caller))
        return "accept"

    return hand.carry_out(caller, {}, do)


@router.post("/assign")
def assign(caller: Assigner, hand: InHand, inspector: Text = "") -> Response:
    """Give the row to an inspector."""

    def do() -> str:
        wanted = Assign.model_validate({"inspector": inspector})
        warnings = hand.act(caller, row_deeds.assign(wanted.inspector))
        return warnings[0] if warnings else "assign"

    return hand.carry_out(caller, {}, do)


@router.post("/defer")
def defer(caller: Officer, hand: InHand, *, until: Text = "", reason_code: Text = "", note: Text = "") -> Response:
    """Let the visit wait until a day."""
    sent = _given(until=until, reason_code=reason_code, note=note)

    def do() -> str:
        wanted = Defer.model_validate(sent)
        hand.act(caller, row_deeds.defer(wanted.until, _why(wanted), now=hand.now))
        return "defer"

    return hand.carry_out(caller, sent, do)


@router.post("/hand-over")
def hand_over(caller: Officer, hand: InHand, *, office: Text = "", reason_code: Text = "", note: Text = "") -> Response:
    """Give the row to another office."""
    sent = _given(office=office, reason_code=reason_code, note=note)

    def do() -> str:
        wanted = HandOver.model_validate(sent)
        hand.act(caller, row_deeds.hand_over(hand.running, wanted.office, _why(wanted)))
        return "hand-over"

    return hand.carry_out(caller, sent, do)


@router.post("/override")
def override(
    caller: Officer, hand: InHand, *, direction: Text = "", reason_code: Text = "", note: Text = ""
) -> Response:
    """Raise or lower the row by judgement."""
    sent = _given(direction=direction, reason_code=reason_code, note=note)

    def do() -> str:
        wanted = Override.model_validate(sent)
        hand.act(caller, row_deeds.override(wanted.direction, _why(wanted)))
        return "override"

    return hand.carry_out(caller, sent, do)


def _why(wanted: Defer | HandOver | Override) -> Why:
    return Why(wanted.reason_code, wanted.note)


def _inspection(hand: Hand, sent: Mapping[str, str], replaces: str) -> dict[str, Any]:
    """Return the body that the API would get."""
    named = {"list_id": hand.place[0], "rank": hand.place[1]}
    body: dict[str, Any] = {name: value for name, value in sent.items() if name not in ("visited_on", "severity")}
    if "severity" in sent:
        body["severity"] = int(sent["severity"]) if sent["severity"].isdecimal() else sent["severity"]
    replaced = {"replaces": replaces} if replaces else {}
    return {**named, **replaced, **body, "visited_at": visited_at(sent.get("visited_on", ""), hand.now)}


def visited_at(day: str, now: datetime) -> datetime | str:
    """Return the instant that stands for a day: now for today anywhere in Indonesia, else noon in Jakarta.

    What is no day is returned as it is, for the check to name.
    """
    try:
        told = date.fromisoformat(day)
    except ValueError:
        return day
    noon = datetime.combine(told, NOON_IN_JAKARTA, UTC)
    return now if noon > now and told <= local_day(now) else noon
