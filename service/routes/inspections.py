"""What did a visit find?"""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from service.access import Principal, offices_seen
from service.cursors import LARGEST_SEQ
from service.identity import allowed
from service.new_ids import random_id
from service.payloads.requests import LONGEST_ID
from service.payloads.visits import Inspection, InspectionIn, Inspections
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
from service.running import Now, Service
from service.storage.visits import newest_visits
from service.undoing import undo_visit
from service.versions import IfMatch, etag, sent_version
from service.visits import Recorder, record_visit, visit_answer

router = APIRouter(prefix="/v1/inspections", tags=["inspections"])

ID_BYTES: Final = 8
MOST_VISITS, USUAL_VISITS = 200, 50
Visitor = Annotated[Principal, allowed("visits.record")]
VisitId = Annotated[str, Path(max_length=LONGEST_ID, examples=["imbpakhhncojelba"])]
READING: Final = (FORBIDDEN, UNPROCESSABLE, UNAVAILABLE)


@router.post(
    "",
    status_code=201,
    responses=responses(NOT_FOUND, CONFLICT, PRECONDITION_FAILED, PRECONDITION_REQUIRED, *READING),
)
def record_inspection(
    caller: Visitor, told: InspectionIn, running: Service, now: Now, *, response: Response, if_match: IfMatch = None
) -> Inspection:
    """Record the outcome of a visit, to a row of a list or outside any list, or correct one (`replaces`).

    A row takes one outcome from whoever is first; another gets 409 with `current` and `yours`. A later visit to a
    row that nobody was reached at names the row's version in If-Match; a correction names the visit's. Not reached
    and deferred are outcomes of their own and never read as nothing found.
    """
    by = Recorder(caller, now, random_id(ID_BYTES), sent_version(if_match))
    recorded = record_visit(running, told, by)
    response.headers["Location"] = f"{router.prefix}/{recorded.inspection_id}"
    response.headers["ETag"] = etag(recorded.version)
    return recorded


@router.get("", responses=responses(*READING))
def read_inspections(
    caller: Visitor,
    running: Service,
    after: Annotated[int | None, Query(ge=1, le=LARGEST_SEQ, description="continue after this page's `next`")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_VISITS)] = USUAL_VISITS,
) -> Inspections:
    """The visits of the caller's offices, newest first, with those that were corrected (`replaced_by`)."""
    offices = offices_seen(caller, running.offices)
    found = newest_visits(running.engine, offices=offices, who=caller.who, limit=limit + 1, after=after)
    shown = found[:limit]
    following = int(shown[-1]["seq"]) if len(found) > limit else None
    return Inspections(inspections=tuple(visit_answer(visit) for visit in shown), next=following)


@router.delete("/{inspection_id}", status_code=204, responses=responses(NOT_FOUND, CONFLICT, *READING))
def undo_inspection(caller: Visitor, inspection_id: VisitId, running: Service, now: Now) -> None:
    """Take back a visit within ten seconds, by who recorded it; after that it is corrected."""
    undo_visit(running, inspection_id, caller=caller, now=now)
