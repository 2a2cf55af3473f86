"""What happened to a placement, or in an area?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from risk_model.data.states import VERIFIED
from service.access import Principal, may_verify
from service.applying import Batch
from service.identity import allowed
from service.intake import Intake
from service.kinds import kind_sent
from service.payloads.events import MEDIA_TYPES, CloudEvent, EventsTaken, faults, read_events, request_body
from service.problems import FORBIDDEN, NOT_SIGNED_IN, UNAVAILABLE, UNPROCESSABLE, WRONG_TYPE, ProblemError, responses
from service.running import Now

router = APIRouter(prefix="/v1/events", tags=["placements"])

CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far ahead of ours the clock of another system may be."""


Placed = tuple[tuple[str | int, ...], CloudEvent]
"""An event and where it stands in the body."""


async def _told(request: Request) -> list[Placed]:
    kind = kind_sent(request)
    if kind and kind not in MEDIA_TYPES:
        raise ProblemError(WRONG_TYPE, "wrong_type", expected=", ".join(MEDIA_TYPES))
    try:
        return read_events(await request.body())
    except ValidationError as error:
        raise RequestValidationError(faults(error)) from None


def _intake(request: Request) -> Intake:
    return cast("Intake", request.app.state.intake)


@router.post(
    "",
    openapi_extra={"requestBody": request_body()},
    responses=responses(NOT_SIGNED_IN, FORBIDDEN, UNPROCESSABLE, UNAVAILABLE),
)
def tell_events(
    told: Annotated[list[Placed], Depends(_told)],
    intake: Annotated[Intake, Depends(_intake)],
    now: Now,
    caller: Annotated[Principal, allowed("events.write")],
) -> EventsTaken:
    """Take one CloudEvent, or an array of up to 1,000: all of them or, where one is at fault, none.

    An event counts once, known by `source` and `id`; repeated, late and early ones give the same
    state as all of them in order. Its placement and the others of the agency are scored anew at once.
    One about a placement that is not registered yet waits for it.
    """
    _refuse(told, now, caller)
    applied = intake.take(Batch([event.row() for _, event in told], now, caller))
    return EventsTaken(accepted=applied.accepted, repeated=applied.repeated, waiting=applied.waiting)


def _refuse(told: Sequence[Placed], now: datetime, caller: Principal) -> None:
    """Raise RequestValidationError for events that have not happened yet, or that the caller may not tell."""
    late = [((*where, "time"), "event_to_come") for where, event in told if event.time > now + CLOCKS_DIFFER]
    unverified = [
        ((*where, "type"), "not_verified") for where, event in told if event.kind == VERIFIED and not may_verify(caller)
    ]
    if late or unverified:
        raise RequestValidationError([{"type": kind, "loc": loc, "msg": ""} for loc, kind in (*late, *unverified)])
