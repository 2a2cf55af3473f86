"""Whose bands changed?"""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import StreamingResponse

from service.access import PLACEMENT_SYSTEM, Principal, offices_seen
from service.answering import in_utc
from service.cursors import LARGEST_SEQ
from service.identity import allowed, identify
from service.payloads.changes import CHANGE, Change, Changes
from service.problems import FORBIDDEN, NOT_SIGNED_IN, UNAVAILABLE, UNPROCESSABLE, ProblemError, responses
from service.running import Running, Service, utc_now
from service.storage.changes import changes_after

router = APIRouter(prefix="/v1/changes", tags=["placements"])

EVENT_STREAM: Final = "text/event-stream"
MOST, USUAL = 1000, 100
LOOK_EVERY: Final = 0.25
"""Seconds between two looks at what is new, so that a change is told well within a second."""
COMMENT_EVERY: Final = 15.0
"""Seconds of silence after which a line is sent that says nothing, so that no proxy closes the stream."""
LONGEST: Final = 3600
STREAMED: Final = {
    EVENT_STREAM: {
        "schema": {"type": "string"},
        "example": f"id: {CHANGE['seq']}\nevent: band_changed\ndata: {Change(**CHANGE).model_dump_json()}\n\n",
    }
}

Reader = Annotated[Principal, allowed("changes.read")]
Seq = Annotated[int, Query(ge=0, le=LARGEST_SEQ, description="the last number seen; 0 for all there are")]


@router.get(
    "",
    response_model=Changes,
    responses={
        200: {"content": STREAMED},
        **responses(NOT_SIGNED_IN, FORBIDDEN, UNPROCESSABLE, UNAVAILABLE),
    },
)
async def read_changes(
    request: Request,
    running: Service,
    caller: Reader,
    *,
    after: Seq = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = USUAL,
    seconds: Annotated[int, Query(ge=0, le=LONGEST, description="how long a stream stays open")] = LONGEST,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
    last_event_id: Annotated[str | None, Header(description="where a stream goes on, as browsers send it")] = None,
) -> Response | Changes:
    """Placements whose band changed: a page of them, or with `Accept: text/event-stream` a stream that goes on.

    An office reads of the placements it looks after, a system of those it registered. Whoever asks
    again with the last number misses nothing and gets nothing twice.
    """
    if EVENT_STREAM not in accept:
        return await run_in_threadpool(_page, running, caller, after, limit)
    start = after if last_event_id is None else _stopped_at(last_event_id)
    told = stream(request, running, caller, start, seconds=seconds)
    return StreamingResponse(told, media_type=EVENT_STREAM, headers={"X-Accel-Buffering": "no"})


def _stopped_at(sent: str) -> int:
    """Return the number after which a stream goes on; a page does not read it, so only a stream judges it.

    Raises:
        RequestValidationError: it is no number that a change can have.
    """
    fault = {"loc": ("header", "last-event-id"), "msg": ""}
    if not (sent.isascii() and sent.isdigit()):
        raise RequestValidationError([{**fault, "type": "int_type"}])
    if len(sent) > len(str(LARGEST_SEQ)) or int(sent) > LARGEST_SEQ:
        raise RequestValidationError([{**fault, "type": "less_than_equal", "ctx": {"le": LARGEST_SEQ}}])
    return int(sent)


async def stream(
    request: Request, running: Running, caller: Principal, after: int, *, seconds: float
) -> AsyncIterator[str]:
    """Yield changes as server-sent events until `seconds` have passed or the caller has gone."""
    end, quiet = monotonic() + seconds, monotonic()
    while True:
        page = await run_in_threadpool(_page, running, caller, after, MOST)
        for change in page.changes:
            yield f"id: {change.seq}\nevent: band_changed\ndata: {change.model_dump_json()}\n\n"
        after, now = page.next, monotonic()
        if page.changes:
            quiet = now
        elif now - quiet > COMMENT_EVERY:
            quiet = now
            yield ": nothing new\n\n"
        if now >= end or await request.is_disconnected() or not await run_in_threadpool(_still, request, running):
            return
        await asyncio.sleep(LOOK_EVERY)


def _still(request: Request, running: Running) -> bool:
    """Whether who began the stream may still read: a revoked key ends it."""
    try:
        return identify(request, running, utc_now()).may("changes.read")
    except ProblemError:
        return False


def _page(running: Running, caller: Principal, after: int, limit: int) -> Changes:
    seen = offices_seen(caller, running.offices)
    found, reached = changes_after(
        running.engine,
        after,
        limit=limit,
        offices=None if seen is None else [running.offices[code] for code in sorted(seen)],
        owner=caller.owner if caller.role == PLACEMENT_SYSTEM else None,
    )
    told: list[dict[str, Any]] = [{**row, "at": in_utc(row["at"])} for row in found]
    return Changes.model_validate({"changes": told, "next": reached})
