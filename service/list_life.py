"""What may be done with a list and its rows, and when?

Draft, issued, in progress, closed. What was drawn never changes; what people decide stands beside it,
with the reason. Nothing leaves a list without a reason.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from service.access import Principal, offices_seen
from service.applying import visits_recorded
from service.audit_notes import note
from service.following import Turn
from service.instants import naive_utc
from service.problems import CONFLICT, NOT_FOUND, ProblemError
from service.running import Running
from service.storage.lists import CLOSED, DRAFT, ISSUED, change_state, lock_state, supersede
from service.storage.row_states import (
    ACCEPTED,
    BEFORE,
    DEFERRED,
    DROPPED,
    NOT_REACHED,
    OPEN,
    TO_DO,
    Action,
    Row,
    as_it_stood,
    change_row,
    read_life,
)
from service.storage.visits import add_visit
from service.versions import require_version
from service.working_rows import (
    LISTED,
    Deed,
    Why,
    WorkingRow,
    begin_work,
    seen_head,
    working_row,
)

CLOSE: Final = "close"
ACCEPT: Final = "accept"
ALLOWED: Final[Mapping[str, tuple[str, ...]]] = {
    "assign": TO_DO,
    ACCEPT: (OPEN, DEFERRED, NOT_REACHED),
    "hand_over": TO_DO,
    "defer": TO_DO,
    "override": TO_DO,
    "not_reached": TO_DO,
}
"""From which statuses each action is allowed; a visited or dropped row allows none."""


Maker = Callable[[Connection, WorkingRow], Deed]
"""Says what is done with a row once it is in hand."""


def issue_list(running: Running, list_id: str, *, caller: Principal, now: datetime) -> None:
    """Issue a draft; it takes the place of the lists at work of the same office and unit. Issuing twice is once.

    Raises:
        ProblemError: 404.
    """
    at = naive_utc(now)
    with running.following.turn() as turn:
        head = _own_head(turn.connection, running, caller, list_id)
        state = lock_state(turn.connection, list_id)
        if state["state"] != DRAFT:
            return
        change_state(turn.connection, state, by=caller.who, at=at, state=ISSUED, issued_at=at)
        earlier = supersede(turn.connection, head, by=caller.who, at=at)
        note(turn.connection, running, caller, "list.issue", list_id, now=now, supersedes=earlier)


def act(
    running: Running,
    row: tuple[str, int],
    make: Maker,
    *,
    seen: int | None,
    caller: Principal,
    now: datetime,
) -> tuple[Row, Deed]:
    """Do with the row `(list_id, rank)` what `make` says; return where it stands now, and what was done.

    Args:
        running: what the service holds.
        row: number of the list, and rank.
        make: says what is done.
        seen: the version that the caller has seen.
        caller: who does it.
        now: when.

    Raises:
        ProblemError: 404, 409 (not allowed now), 412 (changed meanwhile) or 428 (no version named).
    """
    list_id, rank = row
    at = naive_utc(now)
    with running.following.turn() as turn:
        working = working_row(turn.connection, running, caller, list_id=list_id, rank=rank)
        deed = make(turn.connection, working)
        _require_status(working, deed.action)
        require_version(working.state["version"], seen)
        changes, detail = dict(deed.changes), {**deed.detail, BEFORE: as_it_stood(working.state)}
        if deed.outcome is not None:
            changes["inspection_id"] = _attempt(running, turn, working, deed, by=caller.who, now=now)
            detail["inspection_id"] = changes["inspection_id"]
        action = Action(deed.action, caller.who, at, deed.why.reason_code, deed.why.note, detail)
        after = change_row(turn.connection, working.state, action, **changes)
        begin_work(turn.connection, working, by=caller.who, at=at)
        told = {"reason_code": deed.why.reason_code, **deed.detail}
        note(turn.connection, running, caller, f"row.{deed.action}", f"{list_id}/{rank}", now=now, **told)
    return after, deed


def _require_status(working: WorkingRow, action: str) -> None:
    status, rank = working.state["status"], working.drawn["rank"]
    if status not in ALLOWED[action]:
        key = "row_is_accepted" if status == ACCEPTED else "row_is_done"
        raise ProblemError(CONFLICT, key, rank=rank, row_status=status)


def close_list(
    running: Running,
    list_id: str,
    reasons: Mapping[int, Why],
    *,
    seen: int | None,
    caller: Principal,
    now: datetime,
) -> None:
    """Close a list; each row that was not visited needs a reason, here (by rank) or since it was deferred or tried.

    A row that nobody tried is dropped, and recorded as deferred, so that estimates know it was not visited.

    Raises:
        ProblemError: 404, 409 (a draft, closed already, or rows without a reason), 412 or 428.
    """
    at = naive_utc(now)
    with running.following.turn() as turn:
        head = _own_head(turn.connection, running, caller, list_id)
        state = lock_state(turn.connection, list_id)
        if state["state"] in (DRAFT, CLOSED):
            key = "list_is_draft" if state["state"] == DRAFT else "list_is_closed"
            raise ProblemError(CONFLICT, key, name=list_id)
        require_version(state["version"], seen)
        _check_reasons(read_life(turn.connection, list_id).states, reasons)
        for rank in sorted(reasons):
            row = working_row(turn.connection, running, caller, list_id=list_id, rank=rank, reach=LISTED)
            _drop(running, turn, row, reasons[rank], by=caller.who, now=now)
        change_state(turn.connection, state, by=caller.who, at=at, state=CLOSED, closed_at=at)
        what = str(head["list_id"])
        note(turn.connection, running, caller, "list.close", what, now=now, dropped=sorted(reasons))


def _own_head(connection: Connection, running: Running, caller: Principal, list_id: str) -> Row:
    """Return the head of a list of one of the caller's offices; a row handed over does not make it theirs."""
    head = seen_head(connection, running, caller, list_id)
    seen = offices_seen(caller, running.offices)
    if seen is not None and head["office"] not in seen:
        raise ProblemError(NOT_FOUND, "no_such_list", name=list_id)
    return head


def _check_reasons(states: Mapping[int, Row], given: Mapping[int, Why]) -> None:
    finished = sorted(rank for rank in given if rank not in states or states[rank]["status"] not in TO_DO)
    if finished:
        raise ProblemError(CONFLICT, "reason_for_finished_row", ranks=_listed(finished)).with_members(rows=finished)
    missing = sorted(rank for rank, state in states.items() if rank not in given and _lacks_reason(state))
    if missing:
        raise ProblemError(CONFLICT, "rows_without_reason", ranks=_listed(missing)).with_members(rows=missing)


def _lacks_reason(state: Row) -> bool:
    tried = state["status"] in (DEFERRED, NOT_REACHED)
    return state["status"] in (OPEN, ACCEPTED) or (tried and state["reason_code"] is None)


def _drop(running: Running, turn: Turn, working: WorkingRow, why: Why, *, by: str, now: datetime) -> None:
    status = working.state["status"]
    changes = {
        "status": status if status in (DEFERRED, NOT_REACHED) else DROPPED,
        "reason_code": why.reason_code,
        "note": why.note,
    }
    if working.state["inspection_id"] is None:
        changes["inspection_id"] = _attempt(running, turn, working, Deed(CLOSE, {}, why, DEFERRED), by=by, now=now)
    action = Action(CLOSE, by, naive_utc(now), why.reason_code, why.note)
    change_row(turn.connection, working.state, action, **changes)


def _attempt(running: Running, turn: Turn, working: WorkingRow, deed: Deed, *, by: str, now: datetime) -> str:
    """Record that a row was not visited, with arm and probability, as estimates need it; return the visit's id."""
    state = working.state
    told = {
        **working.stands_for,
        "inspection_id": f"{state['list_id']}-{state['rank']}-{state['version'] + 1}",
        "visited_at": naive_utc(now),
        "outcome": deed.outcome,
        "category": None,
        "severity": None,
        "note": deed.why.note,
        "inspector": by,
        "recorded_at": naive_utc(now),
    }
    visits_recorded(running, turn, [add_visit(turn.connection, told)], now)
    return str(told["inspection_id"])


def _listed(ranks: Sequence[int]) -> str:
    return ", ".join(map(str, ranks))
