"""What does a correction of a person's record change, and which lists does it touch?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy import Connection, select

from risk_model.data.states import state_of
from service.access import Principal
from service.applying import versions_recorded
from service.audit_notes import note
from service.instants import naive_utc
from service.payloads.examples import PLACEMENT
from service.payloads.requests import PlacementIn
from service.payloads.workers import NEVER_NULL, Corrected, CorrectionIn, OnList, ShortScore, Value
from service.running import Running
from service.storage.happenings import add_rows, told_states
from service.storage.persons import APPLIED, CORRECTION, add_request, flags_after, newest_flag
from service.tables.happenings import placement_versions
from service.tables.register import scores
from service.whose import check_placement, find_worker, new_request_id

Row = Mapping[str, Any]
VERSION: Final = tuple(column.name for column in placement_versions.c if column.name != "version_id")
JUST_AFTER: Final = timedelta(microseconds=1)
"""A correction is newer than whatever was told before it, also where a clock runs ahead."""
LEVEL, VERIFIED = "certification_level", "certification_verified"


def correct(running: Running, caller: Principal, worker_ref: str, asked: CorrectionIn, *, now: datetime) -> Corrected:
    """Store the placement with the corrected value, score it anew, and flag every row of an issued list.

    Another certification level counts as not verified until somebody verifies it. All or nothing.

    Raises:
        RequestValidationError: a value that the field cannot have.
        ProblemError: 404 for a placement the caller does not see.
    """
    value = checked_value(asked)
    request_id = new_request_id(now)
    with running.following.turn() as turn:
        connection = turn.connection
        worker = find_worker(connection, running, caller, worker_ref)
        check_placement(worker, asked.placement_id)
        versions = worker.versions[asked.placement_id]
        state = state_of(versions, told_states(connection, [asked.placement_id]).get(asked.placement_id, ()))
        before, flag = _score(connection, asked.placement_id), newest_flag(connection)
        changed = state[asked.field] != value
        if changed:
            newest = max(row["recorded_at"] for row in versions)
            row = _version(state, asked.field, value, recorded_at=max(naive_utc(now), newest + JUST_AFTER))
            versions_recorded(running, turn, add_rows(connection, placement_versions, [row]), now)
        lists = [OnList(list_id=name, rank=rank) for name, rank in flags_after(connection, flag)] if changed else []
        made = Corrected(
            request_id=request_id,
            placement_id=asked.placement_id,
            field=asked.field,
            before=_plain(state[asked.field]),
            after=_plain(value),
            changed=changed,
            score_before=before,
            score_after=_score(connection, asked.placement_id),
            lists=tuple(lists),
        )
        _keep(connection, worker_ref, asked, made, (caller, now))
        told = {"request": request_id, "field": asked.field, "source": asked.source, "rows": len(lists)}
        note(connection, running, caller, "worker.corrected", asked.placement_id, now=now, **told)
    return made


def checked_value(asked: CorrectionIn) -> Any:
    """Return the corrected value as a placement's field holds it.

    Raises:
        RequestValidationError: the field cannot have it.
    """
    if asked.value is None and asked.field in NEVER_NULL:
        raise RequestValidationError([{"type": "missing", "loc": ("body", "value"), "msg": ""}])
    try:
        placement = PlacementIn.model_validate({**PLACEMENT, asked.field: asked.value})
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", "value")} for fault in error.errors()]
        raise RequestValidationError(faults) from None
    return getattr(placement, asked.field)


def _version(state: Row, field: str, value: Any, *, recorded_at: datetime) -> Row:
    """Return the placement as known with one value changed; it stays with whoever registered it."""
    row = {name: state[name] for name in VERSION}
    verified = {VERIFIED: None} if field == LEVEL else {}
    return {**row, **verified, field: value, "import_id": None, "recorded_at": recorded_at}


def _keep(
    connection: Connection, worker_ref: str, asked: CorrectionIn, made: Corrected, by: tuple[Principal, datetime]
) -> None:
    caller, now = by
    detail = {
        "field": asked.field,
        "before": made.before,
        "after": made.after,
        "source": asked.source,
        "lists": [row.model_dump() for row in made.lists],
    }
    add_request(
        connection,
        {
            "request_id": made.request_id,
            "worker_ref": worker_ref,
            "kind": CORRECTION,
            "placement_id": asked.placement_id,
            "detail": detail,
            "made_at": naive_utc(now),
            "made_by": caller.who,
            "state": APPLIED,
        },
    )


def _score(connection: Connection, placement_id: str) -> ShortScore | None:
    query = select(scores.c.band, scores.c.risk).where(scores.c.placement_id == placement_id)
    found = connection.execute(query).mappings().one_or_none()
    return ShortScore(**found) if found else None


def _plain(value: Any) -> Value:
    known: Value = value.isoformat() if hasattr(value, "isoformat") else value
    return known
