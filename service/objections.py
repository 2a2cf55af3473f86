"""What happens when a person objects to the automated score?

The score orders nothing until a person has decided: on a new list the placement counts as one without
a number, which every arm but the risk arm may draw, and rows of issued lists are flagged.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from service.access import Principal
from service.audit_notes import note
from service.instants import naive_utc
from service.payloads.workers import DecisionIn, Objection, ObjectionIn, OnList
from service.person_texts import ORDERS_NOTHING
from service.problems import CONFLICT, NOT_FOUND, ProblemError
from service.rescoring import Flag, flag_rows
from service.running import Running
from service.storage.persons import (
    OBJECTION,
    OPEN,
    UNDECIDED_OR_UPHELD,
    add_request,
    flags_after,
    newest_flag,
    requests_of,
    settle_request,
)
from service.whose import check_placement, find_worker, new_request_id

Row = Mapping[str, Any]
OBJECTED, DECIDED = "objection", "objection_decided"
"""Kinds of flags beside a row."""
OPEN_STATES: Final = frozenset(UNDECIDED_OR_UPHELD)


def lodge_objection(
    running: Running, caller: Principal, worker_ref: str, asked: ObjectionIn, *, now: datetime
) -> Objection:
    """Record the objection, flag the rows of issued lists, and let the score order nothing until it is decided.

    Raises:
        ProblemError: 404 for a placement the caller does not see, 409 where one is open already.
    """
    row = {
        "request_id": new_request_id(now),
        "worker_ref": worker_ref,
        "kind": OBJECTION,
        "placement_id": asked.placement_id,
        "detail": {"reason": asked.reason},
        "made_at": naive_utc(now),
        "made_by": caller.who,
        "state": OPEN,
    }
    with running.following.turn() as turn:
        worker = find_worker(turn.connection, running, caller, worker_ref)
        check_placement(worker, asked.placement_id)
        for other in requests_of(turn.connection, worker_ref, [asked.placement_id]):
            if other["kind"] == OBJECTION and other["state"] == OPEN:
                raise ProblemError(CONFLICT, "objection_open", name=other["request_id"])
        add_request(turn.connection, row)
        flag = Flag(asked.placement_id, OBJECTED, {"request": row["request_id"], "reason": asked.reason})
        lists = _flagged(turn.connection, flag, now)
        told = {"request": row["request_id"], "reason": asked.reason, "rows": len(lists)}
        note(turn.connection, running, caller, "worker.objected", asked.placement_id, now=now, **told)
    return _answer(row, lists)


def decide_objection(
    running: Running, caller: Principal, request: tuple[str, str], decided: DecisionIn, *, now: datetime
) -> Objection:
    """Record what a person decided, and flag the rows of issued lists.

    Args:
        running: what the service holds.
        caller: who decides.
        request: the worker's reference and the number of the objection.
        decided: upheld or dismissed, and why.
        now: when.

    Raises:
        ProblemError: 404 where the worker has no such objection, 409 where it was decided.
    """
    worker_ref, request_id = request
    with running.following.turn() as turn:
        worker = find_worker(turn.connection, running, caller, worker_ref)
        row = _objection(turn.connection, worker_ref, request_id, worker.placement_ids)
        if row["state"] != OPEN:
            raise ProblemError(CONFLICT, "already_decided", name=request_id, state=row["state"])
        made = {"decided_at": naive_utc(now).isoformat(), "decided_by": caller.who, "decision": decided.reason}
        settle_request(turn.connection, request_id, state=decided.outcome, detail={**row["detail"], **made})
        detail = {"request": request_id, "outcome": decided.outcome, "reason": decided.reason}
        lists = _flagged(turn.connection, Flag(row["placement_id"], DECIDED, detail), now)
        note(turn.connection, running, caller, "worker.objection_decided", row["placement_id"], now=now, **detail)
    return _answer({**row, "state": decided.outcome}, lists)


def _objection(connection: Connection, worker_ref: str, request_id: str, ids: tuple[str, ...]) -> Row:
    for row in requests_of(connection, worker_ref, ids):
        if row["request_id"] == request_id and row["kind"] == OBJECTION:
            return row
    raise ProblemError(NOT_FOUND, "no_such_request", name=request_id)


def _flagged(connection: Connection, flag: Flag, now: datetime) -> tuple[OnList, ...]:
    before = newest_flag(connection)
    flag_rows(connection, [flag], now=naive_utc(now))
    return tuple(OnList(list_id=list_id, rank=rank) for list_id, rank in flags_after(connection, before))


def _answer(row: Row, lists: tuple[OnList, ...]) -> Objection:
    texts = ORDERS_NOTHING if row["state"] in OPEN_STATES else (None, None)
    return Objection(
        request_id=row["request_id"],
        placement_id=row["placement_id"],
        state=row["state"],
        lists=lists,
        note_id=texts[0],
        note_en=texts[1],
    )
