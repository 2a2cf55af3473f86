"""How is what somebody has just done with a row taken back?

By who did it, within seconds, and only while nothing was done with the row since. The history keeps both; a
deed that was recorded as a visit goes the way of a visit that is taken back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from service.access import Principal
from service.audit_notes import note
from service.following import Turn
from service.instants import naive_utc
from service.payloads.list_life import RowAction
from service.problems import CONFLICT, FORBIDDEN, NOT_FOUND, ProblemError
from service.running import Running
from service.storage.row_states import (
    BEFORE,
    UNDO,
    Action,
    Row,
    change_row,
    read_actions,
    to_restore,
)
from service.storage.visits import UNDONE, find_visit, replace_visit, replaced_visit
from service.versions import require_version
from service.visits import follow_up, seen_visit
from service.working_rows import ANYWHERE, LISTED, Reach, working_row

UNDO_SECONDS: Final = 10


def undo_deed(running: Running, row: tuple[str, int], *, seen: int | None, caller: Principal, now: datetime) -> Row:
    """Take back what `caller` did last with the row `(list_id, rank)`; return where it stands now: as before that.

    A row that went to another office by it can be taken back as well.

    Raises:
        ProblemError: 403 for another person, 404, 409 (too late, something was done since, list closed), 412 or 428.
    """
    list_id, rank = row
    with running.following.turn() as turn:
        done = read_actions(turn.connection, list_id, rank)
        known = any(action["by"] == caller.who for action in done)
        reach: Reach = ANYWHERE if known else LISTED
        working = working_row(turn.connection, running, caller, list_id=list_id, rank=rank, reach=reach)
        deed = _last_of(caller, done, rank=rank, now=now)
        require_version(working.state["version"], seen)
        told = {"undone": deed["action"]}
        visit = find_visit(turn.connection, str(deed["detail"].get("inspection_id")))
        if visit is not None:
            _withdraw(running, turn, visit, now=now)
            told["inspection_id"] = visit["inspection_id"]
        after = _restore(turn.connection, working.state, deed, by=caller.who, at=now)
        note(turn.connection, running, caller, "row.undo", f"{list_id}/{rank}", now=now, **told)
    return after


def undo_visit(running: Running, inspection_id: str, *, caller: Principal, now: datetime) -> None:
    """Take back a visit that was recorded a moment ago, by who recorded it; what it changed is as before.

    Raises:
        ProblemError: 403 for another person, 404, 409 (too late, something was done with its row since, list closed).
    """
    with running.following.turn() as turn:
        visit = seen_visit(running, turn, inspection_id, caller)
        if visit["replaced_by"] is not None:
            raise ProblemError(NOT_FOUND, "no_such_visit", name=inspection_id)
        if visit["inspector"] != caller.who:
            raise ProblemError(FORBIDDEN, "not_your_visit", name=inspection_id)
        if not _in_time(visit["recorded_at"], now):
            raise ProblemError(CONFLICT, "too_late_to_undo", name=inspection_id, seconds=UNDO_SECONDS)
        row = _row_of(running, turn, visit, caller)
        _withdraw(running, turn, visit, now=now)
        if row is not None:
            _restore(turn.connection, *row, by=caller.who, at=now)
        note(turn.connection, running, caller, "visit.undo", inspection_id, now=now)


def seconds_to_undo(done: Sequence[RowAction], caller: Principal, now: datetime) -> float:
    """Return for how long `caller` may still take back the last of what was done with a row, oldest first; else 0."""
    if not done or done[-1].by != caller.who or BEFORE not in done[-1].detail:
        return 0
    passed = (now - done[-1].at).total_seconds()
    return max(0, UNDO_SECONDS - passed) if passed >= 0 else 0


def _last_of(caller: Principal, done: Sequence[Row], *, rank: int, now: datetime) -> Row:
    """Return what was done last with a row, where it was done by `caller` and may be taken back."""
    if not done:
        raise ProblemError(CONFLICT, "nothing_to_undo", rank=rank)
    own = next((action for action in reversed(done) if action["by"] == caller.who), None)
    if own is None:
        raise ProblemError(FORBIDDEN, "not_your_deed", rank=rank)
    if not _in_time(own["at"], now):  # asked first, so that nobody learns what another office did later
        raise ProblemError(CONFLICT, "deed_too_late_to_undo", rank=rank, seconds=UNDO_SECONDS)
    if own is not done[-1]:
        raise ProblemError(CONFLICT, "done_since", rank=rank)
    if BEFORE not in own["detail"]:
        raise ProblemError(CONFLICT, "nothing_to_undo", rank=rank)
    return own


def _row_of(running: Running, turn: Turn, visit: Row, caller: Principal) -> tuple[Row, Row] | None:
    """Return where the row of a visit stands, and the deed that recorded it; None where it changed no row."""
    if visit["list_id"] is None:
        return None
    list_id, rank = visit["list_id"], visit["rank"]
    working = working_row(turn.connection, running, caller, list_id=list_id, rank=rank, reach=ANYWHERE)
    if working.state["inspection_id"] != visit["inspection_id"]:
        return None
    deed = read_actions(turn.connection, list_id, rank)[-1]
    if deed["detail"].get("inspection_id") != visit["inspection_id"]:
        raise ProblemError(CONFLICT, "done_since", rank=rank)
    return working.state, deed


def _withdraw(running: Running, turn: Turn, visit: Row, *, now: datetime) -> None:
    """Let a visit count no more, and the one that it corrected count again."""
    corrected = replaced_visit(turn.connection, visit["inspection_id"])
    if corrected is not None:
        replace_visit(turn.connection, corrected["inspection_id"], None)
    replace_visit(turn.connection, visit["inspection_id"], UNDONE)
    back = [] if corrected is None else [{**corrected, "replaced_by": None}]
    follow_up(running, turn, back, now=now, withdrawn=[visit])


def _restore(connection: Connection, state: Row, deed: Row, *, by: str, at: datetime) -> Row:
    """Put a row back to where it stood before `deed`; return where it stands now."""
    undo = Action(UNDO, by, naive_utc(at), detail={"undone": deed["action"], "action_id": deed["action_id"]})
    return change_row(connection, state, undo, **to_restore(deed["detail"][BEFORE]))


def _in_time(done_at: datetime, now: datetime) -> bool:
    return naive_utc(now) - done_at <= timedelta(seconds=UNDO_SECONDS)
