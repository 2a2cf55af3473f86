"""What is held about one person, and how is it corrected, objected to and erased?"""

from typing import Annotated

from fastapi import APIRouter, Path

from service.access import Principal
from service.corrections import correct
from service.erasing import erase_worker
from service.identity import allowed
from service.objections import decide_objection, lodge_objection
from service.payloads.requests import LONGEST_ID
from service.payloads.worker_examples import REQUEST_ID, WORKER_REF
from service.payloads.worker_record import WorkerRecord
from service.payloads.workers import Corrected, CorrectionIn, DecisionIn, ErasedWorker, Objection, ObjectionIn
from service.persons import worker_record
from service.problems import CONFLICT, FORBIDDEN, NOT_FOUND, NOT_SIGNED_IN, UNAVAILABLE, UNPROCESSABLE, responses
from service.running import Now, Service

router = APIRouter(prefix="/v1/workers/{worker_ref}", tags=["rights of a person"])

PROBLEMS = responses(NOT_SIGNED_IN, FORBIDDEN, NOT_FOUND, UNPROCESSABLE, UNAVAILABLE)
PROBLEMS_OF_REQUESTS = {**PROBLEMS, **responses(CONFLICT)}

WorkerRef = Annotated[
    str,
    Path(
        min_length=1,
        max_length=LONGEST_ID,
        pattern=r"^[^\x00-\x1f\x7f/]+$",
        examples=[WORKER_REF],
        description="keyed reference of the worker, as the source system gives it; never a NIK",
    ),
]
RequestId = Annotated[str, Path(min_length=1, max_length=LONGEST_ID, examples=[REQUEST_ID])]
Reader = Annotated[Principal, allowed("workers.read")]
Writer = Annotated[Principal, allowed("workers.write")]
Eraser = Annotated[Principal, allowed("workers.erase")]


@router.get("/record", responses=PROBLEMS)
def read_worker_record(worker_ref: WorkerRef, running: Service, now: Now, caller: Reader) -> WorkerRecord:
    """All that is held and scored about one person, with words in both languages, as far as you see it.

    Not the notes of officers, nor who they are: those may be about others. Reading it is audited.
    """
    return worker_record(running, caller, worker_ref, now=now)


@router.post("/corrections", status_code=201, responses=PROBLEMS)
def correct_worker(worker_ref: WorkerRef, asked: CorrectionIn, running: Service, now: Now, caller: Writer) -> Corrected:
    """Correct one value of a placement; the score is made anew at once and every open list it touches is told.

    A certificate is verified, not corrected: by an event `certificate_verified`, or a key with the scope `verify`.
    """
    return correct(running, caller, worker_ref, asked, now=now)


@router.post("/objections", status_code=201, responses=PROBLEMS_OF_REQUESTS)
def object_to_score(worker_ref: WorkerRef, asked: ObjectionIn, running: Service, now: Now, caller: Writer) -> Objection:
    """Object to the automated score of a placement; until a person decides, it orders nothing.

    The placement stays on lists that were issued, flagged, and may be drawn by chance and as a mandatory case.
    """
    return lodge_objection(running, caller, worker_ref, asked, now=now)


@router.post("/objections/{request_id}/decision", responses=PROBLEMS_OF_REQUESTS)
def decide_on_objection(
    worker_ref: WorkerRef, request_id: RequestId, decided: DecisionIn, running: Service, now: Now, *, caller: Writer
) -> Objection:
    """Decide an objection: upheld, the score goes on ordering nothing; dismissed, it orders again."""
    return decide_objection(running, caller, (worker_ref, request_id), decided, now=now)


@router.delete("", responses=PROBLEMS)
def erase_worker_links(worker_ref: WorkerRef, running: Service, now: Now, caller: Eraser) -> ErasedWorker:
    """Erase every link to a person and what was written freely; receipts and counts stay, without the link."""
    return erase_worker(running, caller, worker_ref, now=now)
