"""Which placements are registered, and how do they stand?"""

import re
from pathlib import Path as FilePath
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, File, Form, Path, Response, UploadFile
from fastapi.exceptions import RequestValidationError

from risk_model.data.worker_reference import worker_reference
from risk_model.errors import InputError
from service.access import Principal, may_verify, sees_placement
from service.applying import register_placements
from service.audit_notes import record_read
from service.identity import allowed
from service.payloads.placements import PlacementState, PlacementWanted, Uploaded
from service.payloads.requests import Id
from service.placement_states import known_state, state_answer
from service.problems import (
    FORBIDDEN,
    NOT_FOUND,
    NOT_SIGNED_IN,
    UNAVAILABLE,
    UNPROCESSABLE,
    ProblemError,
    responses,
)
from service.running import Now, Running, Service

router = APIRouter(prefix="/v1/placements", tags=["placements"])

CREATED: Final = 201
REFERENCE: Final = re.compile(r"[0-9a-f]{64}")
"""What the reference of a worker looks like: a keyed SHA-256."""
PROBLEMS: Final = responses(NOT_SIGNED_IN, FORBIDDEN, NOT_FOUND, UNPROCESSABLE, UNAVAILABLE)

UPLOAD_EXAMPLE: Final = {
    "content": {"multipart/form-data": {"example": {"file": "siskop2mi_2026.xlsx", "mapping": "siskop2mi"}}}
}

PlacementId = Annotated[Id, Path(examples=["CONTOH-0017"])]
Writer = Annotated[Principal, allowed("placements.write")]
Reader = Annotated[Principal, allowed("placements.read")]


@router.put("/{placement_id}", responses={**PROBLEMS, CREATED: {"model": PlacementState, "description": "Registered"}})
def register_placement(
    placement_id: PlacementId,
    wanted: PlacementWanted,
    running: Service,
    now: Now,
    *,
    caller: Writer,
    response: Response,
) -> PlacementState:
    """Register a placement, or correct it; it is scored at once, with the others of its agency.

    The whole placement is sent; what is left away counts as not recorded, until an event tells it. A
    certificate counts once it is verified, and only a key with the scope `verify` may say so here.
    Sending the same again changes nothing.
    """
    _refuse(placement_id, wanted, caller)
    row = wanted.model_dump(exclude={"worker_ref"})
    workers = {} if wanted.worker_ref is None else {placement_id: _reference(wanted.worker_ref, running.worker_key)}
    done = register_placements(running, [row], now, caller=caller, workers=workers)
    if done.refused:
        raise ProblemError(NOT_FOUND, "no_such_placement", name=placement_id)
    if done.new:
        response.status_code = CREATED
    return _visible(placement_id, running, caller, written=True)


@router.get("/{placement_id}", responses=PROBLEMS)
def read_placement(placement_id: PlacementId, running: Service, now: Now, *, caller: Reader) -> PlacementState:
    """One placement as it stands, with its score. A system reads what it registered, an office what it looks after."""
    found = _visible(placement_id, running, caller)
    record_read(running, caller, "placement.read", placement_id, now)
    return found


@router.post("/import", openapi_extra={"requestBody": UPLOAD_EXAMPLE}, responses=PROBLEMS)
def upload_placements(
    running: Service,
    now: Now,
    *,
    caller: Writer,
    file: Annotated[UploadFile, File(description="CSV, XLSX or Parquet, as an office exports it")],
    mapping: Annotated[
        Literal["siskop2mi", "complaints", "verifications"],
        Form(description="what the columns are: placements, complaints, or verifications of certificates"),
    ],
) -> Uploaded:
    """Register the placements, or tell the events, of a file; every refused row is named with its repair.

    Rows that are in order are stored all at once. The same file again changes nothing.
    """
    from service.uploading import KINDS, Upload, import_upload

    kind = FilePath(file.filename or "").suffix.lower()
    if kind not in KINDS:
        reason = f"the file is of another kind; send {', '.join(KINDS)}"
        raise ProblemError(UNPROCESSABLE, "unusable_upload", reason=reason)
    try:
        return import_upload(running, Upload(file.file, f"upload{kind}", mapping), caller=caller, now=now)
    except InputError as error:
        raise ProblemError(UNPROCESSABLE, "unusable_upload", reason=str(error)) from None


def _visible(placement_id: str, running: Running, caller: Principal, *, written: bool = False) -> PlacementState:
    state = known_state(running, placement_id)
    if state is None or not (written or sees_placement(caller, running.offices, state)):
        raise ProblemError(NOT_FOUND, "no_such_placement", name=placement_id)
    return state_answer(running, state)


def _refuse(placement_id: str, wanted: PlacementWanted, caller: Principal) -> None:
    """Raise RequestValidationError where the body is about another placement, or confirms what the caller cannot."""
    faults: list[dict[str, Any]] = []
    if wanted.placement_id != placement_id:
        context = {"allowed": repr(placement_id)}
        faults.append({"type": "other_placement", "loc": ("body", "placement_id"), "msg": "", "ctx": context})
    if wanted.certification_verified and not may_verify(caller):
        faults.append({"type": "not_verified", "loc": ("body", "certification_verified"), "msg": ""})
    if faults:
        raise RequestValidationError(faults)


def _reference(given: str, key: bytes) -> str:
    """Return the reference of a worker: what was sent where it is one, else made from the number in its place."""
    if REFERENCE.fullmatch(given):
        return given
    return worker_reference("".join(character for character in given if character.isalnum()), key=key)
