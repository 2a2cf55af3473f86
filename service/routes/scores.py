"""What is the risk of this placement, or of each of these?"""

import json
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from service.access import Principal
from service.asked import Asked
from service.identity import allowed
from service.kinds import kind_sent
from service.limits import MEGABYTE
from service.payloads import examples
from service.payloads.answers import Score
from service.payloads.requests import PlacementIn
from service.problems import TOO_LARGE, UNAVAILABLE, UNPROCESSABLE, WRONG_TYPE, ProblemError, responses
from service.routes.dependencies import ReaderLanguage
from service.running import Now, Service
from service.score_answers import RefusedRow, answered_lines, answers_in_place, answers_of

router = APIRouter(prefix="/v1/scores", tags=["scores"])

LATEST: Final = date(2100, 12, 31)
"""Far beyond every contract; what holds until later cannot be written as an instant."""
MOST_IN_ARRAY: Final = 1000
IN_MEMORY: Final = MEGABYTE
"""Bytes of a stream that are held; what is beyond lies in a file that nobody else can read."""
ARRAY: Final = msgspec.json.Decoder(list[msgspec.Raw])
JSON, LINES = "application/json", "application/x-ndjson"
ONE_LINE: Final = json.dumps(examples.PLACEMENT)
BATCH_BODY: Final[dict[str, Any]] = {
    "required": True,
    "content": {
        JSON: {
            "schema": {
                "type": "array",
                "maxItems": MOST_IN_ARRAY,
                "items": {"$ref": "#/components/schemas/PlacementIn"},
            },
            "example": [examples.PLACEMENT],
        },
        LINES: {"schema": {"type": "string"}, "example": f"{ONE_LINE}\n{ONE_LINE}\n"},
    },
}
BATCH_ANSWER: Final[dict[str, Any]] = {
    "description": "In the order of the rows: the score of each, or its problem",
    "content": {
        JSON: {"example": [examples.SCORE]},
        LINES: {"schema": {"type": "string"}, "example": f"{json.dumps(examples.SCORE)}\n"},
    },
}


def _not_too_late(as_of: date) -> date:
    if as_of > LATEST:
        raise PydanticCustomError("date_too_late", "too late", {"allowed": str(LATEST)})
    return as_of


AsOf = Annotated[
    Annotated[date, AfterValidator(_not_too_late)] | None,
    Query(description=f"score as of this date (UTC midnight), {LATEST} at the latest; default: now"),
]


def _asked(
    caller: Annotated[Principal, allowed("scores.make")],
    running: Service,
    now: Now,
    language: ReaderLanguage,
    as_of: AsOf = None,
) -> Asked:
    return Asked(running, caller, as_of=as_of, now=now, language=language)


Asking = Annotated[Asked, Depends(_asked)]


@router.post("", response_model=Score, responses=responses(UNPROCESSABLE, UNAVAILABLE))
def score_placement(asked: Asking, placement: PlacementIn) -> Response:
    """Score one placement. Only the receipt is stored: what the score was made from, signed.

    Without support (`supported: false`) there is no number: a person decides. A certificate that is
    not verified changes nothing. A score orders visits and support; it never refuses a worker. For a
    placement system it follows from what is sent; what workers told is not looked up by its id.
    """
    return Response(answers_of(asked, [placement])[0], media_type=JSON)


@router.post(
    "/batch",
    response_model=list[Score | RefusedRow],
    openapi_extra={"requestBody": BATCH_BODY},
    responses={200: BATCH_ANSWER, **responses(TOO_LARGE, WRONG_TYPE, UNPROCESSABLE, UNAVAILABLE)},
)
async def score_batch(asked: Asking, request: Request) -> Response:
    """Score up to 1,000 placements in one JSON array, or any number as one JSON object per line (NDJSON).

    Each row is answered in its place, by its score with a receipt or by its problem. Of a stream little
    is held in memory, and answers are sent while later lines are still being scored.
    """
    media_type = kind_sent(request)
    if media_type == LINES:
        return await _stream(asked, request)
    if media_type != JSON:
        raise ProblemError(WRONG_TYPE, "wrong_type", expected=f"{JSON}, {LINES}")
    rows = _rows(await request.body())
    answers = await run_in_threadpool(answers_in_place, asked, dict(enumerate(rows, start=1)))
    return Response(b"[" + b",".join(answers) + b"]", media_type=JSON)


def _rows(body: bytes) -> list[bytes]:
    """Return each element of the array in a body as it was sent."""
    try:
        rows = ARRAY.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise ProblemError(UNPROCESSABLE, "not_an_array") from None
    if len(rows) > MOST_IN_ARRAY:
        raise ProblemError(UNPROCESSABLE, "too_many_rows", found=len(rows), most=MOST_IN_ARRAY)
    return [bytes(row) for row in rows]


async def _stream(asked: Asked, request: Request) -> Response:
    """Take the lines in first: a client that sends all before it reads would else wait for one that waits for it."""
    lines = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  closed when the answer has been sent
    async for chunk in request.stream():
        await run_in_threadpool(lines.write, chunk)
    lines.seek(0)
    return StreamingResponse(answered_lines(asked, lines), media_type=LINES)
