"""What may be done with one row of a list?"""

from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Response

from service import row_deeds
from service.access import Principal
from service.identity import allowed
from service.list_life import act
from service.payloads.list_life import (
    LARGEST_RANK,
    Assign,
    Defer,
    HandOver,
    NotReached,
    Override,
    RowHistory,
    RowState,
)
from service.problems import (
    CONFLICT,
    FORBIDDEN,
    NOT_FOUND,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
    UNAVAILABLE,
    UNPROCESSABLE,
    responses,
)
from service.routes.dependencies import ListId
from service.row_answers import row_history, row_state
from service.running import Now, Running, Service
from service.storage.row_states import Row
from service.undoing import undo_deed
from service.versions import IfMatch, etag, sent_version
from service.working_rows import Why

router = APIRouter(prefix="/v1/priority-lists/{list_id}/rows/{rank}", tags=["rows"])

READING: Final = (FORBIDDEN, NOT_FOUND, UNPROCESSABLE, UNAVAILABLE)
CHANGING: Final = (CONFLICT, PRECONDITION_FAILED, PRECONDITION_REQUIRED, *READING)
Rank = Annotated[int, Path(ge=1, le=LARGEST_RANK)]
Officer = Annotated[Principal, allowed("rows.work")]
Assigner = Annotated[Principal, allowed("rows.assign")]


class Hand:
    """One row that a request is about, and how its change is answered."""

    def __init__(
        self, list_id: ListId, rank: Rank, running: Service, now: Now, *, response: Response, if_match: IfMatch = None
    ) -> None:
        """Take everything that each of the routes below needs."""
        self.row, self.seen = (list_id, rank), sent_version(if_match)
        self.running: Running = running
        self.now, self.response = now, response

    def do(self, make: row_deeds.Maker, caller: Principal) -> RowState:
        """Carry out what `make` says, and answer where the row stands now."""
        state, deed = act(self.running, self.row, make, seen=self.seen, caller=caller, now=self.now)
        return self.answer(state, deed.warnings)

    def answer(self, state: Row, warnings: Sequence[str] = ()) -> RowState:
        """Answer where the row stands now, with the version that the next change has to name."""
        self.response.headers["ETag"] = etag(state["version"])
        return row_state(state, warnings)


InHand = Annotated[Hand, Depends()]


@router.get("", responses=responses(*READING))
def read_row(
    caller: Officer, list_id: ListId, rank: Rank, *, running: Service, now: Now, response: Response
) -> RowHistory:
    """Where a row stands, with everything that was done with it; the ETag is what a change has to name."""
    found = row_history(running, caller, list_id=list_id, rank=rank, now=now)
    response.headers["ETag"] = etag(found.row.version)
    return found


@router.post("/assign", responses=responses(*CHANGING))
def assign_row(caller: Assigner, wanted: Assign, hand: InHand) -> RowState:
    """Give a row to an inspector of the office that has it; more rows than visits in a month are warned of."""
    return hand.do(row_deeds.assign(wanted.inspector), caller)


@router.post("/accept", responses=responses(*CHANGING))
def accept_row(caller: Officer, hand: InHand) -> RowState:
    """Take a row on."""
    return hand.do(row_deeds.accept(caller), caller)


@router.post("/hand-over", responses=responses(*CHANGING))
def hand_over_row(caller: Officer, wanted: HandOver, hand: InHand) -> RowState:
    """Give a row to another office that may act on it; that office sees it, and this one sees that it went."""
    return hand.do(row_deeds.hand_over(hand.running, wanted.office, Why(wanted.reason_code, wanted.note)), caller)


@router.post("/defer", responses=responses(*CHANGING))
def defer_row(caller: Officer, wanted: Defer, hand: InHand) -> RowState:
    """Let a visit wait until a day; recorded as an outcome of its own, never as a visit that found nothing."""
    return hand.do(row_deeds.defer(wanted.until, Why(wanted.reason_code, wanted.note), now=hand.now), caller)


@router.post("/override", responses=responses(*CHANGING))
def override_row(caller: Officer, wanted: Override, hand: InHand) -> RowState:
    """Raise or lower a row by judgement, with a reason; nobody has to agree. Rank and arm stay as drawn."""
    return hand.do(row_deeds.override(wanted.direction, Why(wanted.reason_code, wanted.note)), caller)


@router.post("/not-reached", responses=responses(*CHANGING))
def not_reached_row(caller: Officer, wanted: NotReached, hand: InHand) -> RowState:
    """Record that somebody went and reached nobody; an outcome of its own, never read as nothing found."""
    return hand.do(row_deeds.not_reached(Why(wanted.reason_code, wanted.note)), caller)


@router.post("/undo", responses=responses(*CHANGING))
def undo_row(caller: Officer, hand: InHand) -> RowState:
    """Take back what the caller has just done with a row, within ten seconds and before anybody does more with it.

    The row stands as before, also in the office that it was handed over by; the history keeps both. A deferral or a
    visit counts no more.
    """
    return hand.answer(undo_deed(hand.running, hand.row, seen=hand.seen, caller=caller, now=hand.now))
