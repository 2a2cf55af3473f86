"""How is a visit recorded and corrected, and what follows from it?

One transaction, in turn with all other writers: the visit, the row that led to it, the histories and
scores, and what the next lists need to know. A visit to a row takes arm and probability from the row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from service.access import Principal, offices_seen
from service.applying import visits_recorded
from service.audit_notes import note
from service.cases import settle_cases
from service.following import Turn
from service.instants import naive_utc
from service.payloads.visits import Inspection, InspectionIn
from service.problems import CONFLICT, NOT_FOUND, ProblemError, bad_field
from service.running import Running
from service.storage.lists import find_head, lock_state
from service.storage.row_states import (
    BEFORE,
    DEFERRED,
    NOT_REACHED,
    VISITED,
    Action,
    Row,
    as_it_stood,
    change_row,
    drawn_row,
    find_rank,
    lock_row,
)
from service.storage.visits import (
    OUTSIDE_LIST,
    UNDONE,
    add_visit,
    count_visit,
    find_placement,
    find_visit,
    newest_version,
    replace_visit,
    sees_placement,
    uncount_visit,
)
from service.versions import require_version
from service.working_rows import WorkingRow, begin_work, seen_head, working_row

STATUS: Final = {"not_reached": NOT_REACHED, "deferred": DEFERRED}
"""Where a row stands after an outcome; after all others it is visited."""
FRESH, REPLACED = 1, 2
"""Versions of a visit: it is changed once at most, by the correction that stands for it."""


@dataclass(frozen=True)
class Recorder:
    """Who records, when, under which new id, and which version (of row or visit) they have seen."""

    caller: Principal
    now: datetime
    inspection_id: str
    seen: int | None


def record_visit(running: Running, told: InspectionIn, by: Recorder) -> Inspection:
    """Record a visit, or with `replaces` the correction of one.

    Raises:
        ProblemError: 404, 409 with both versions where somebody else was first, 412 or 428.
        RequestValidationError: a date that cannot be, or a placement that is not that of the row.
    """
    if told.visited_at > by.now:
        raise bad_field("visited_at", "in_the_future", found=told.visited_at.isoformat(), allowed=by.now.isoformat())
    with running.following.turn() as turn:
        if told.replaces is not None:
            return _correct(running, turn, told, by)
        if told.list_id is not None:
            return _of_row(running, turn, told, by)
        return _outside(running, turn, told, by)


def visit_answer(visit: Row, row_version: int | None = None) -> Inspection:
    """Return what a caller reads of a visit; arm and probability stay hidden."""
    instants = {name: visit[name].replace(tzinfo=UTC) for name in ("visited_at", "recorded_at")}
    version = FRESH if visit["replaced_by"] is None else REPLACED
    return Inspection.model_validate({**visit, **instants, "version": version, "row_version": row_version})


def _of_row(running: Running, turn: Turn, told: InspectionIn, by: Recorder) -> Inspection:
    connection, list_id = turn.connection, str(told.list_id)
    head = seen_head(connection, running, by.caller, list_id)
    rank = told.rank if told.rank is not None else find_rank(connection, list_id, str(told.placement_id))
    if rank is None:
        raise ProblemError(NOT_FOUND, "no_such_row", name=list_id, rank=told.placement_id)
    working = working_row(connection, running, by.caller, list_id=list_id, rank=rank)
    _check_row(working, told)
    _check_first(turn, working, told, by)
    _check_date(head, told)
    named = {"placement_id": told.placement_id or working.drawn["placement_id"]}
    visit = add_visit(connection, {**working.stands_for, **named, **_found(told, by)})
    after = _change_row(turn, working.state, visit, told, by, action="visit")
    begin_work(connection, working, by=by.caller.who, at=naive_utc(by.now))
    follow_up(running, turn, [visit], now=by.now)
    _write_down(running, turn, "visit.record", visit, by)
    return visit_answer(visit, after["version"])


def _check_date(head: Row, told: InspectionIn) -> None:
    # a list that knows what was told today is of tomorrow's data, and visited today all the same
    drawn_for = min(head["as_of"], head["created_at"]).date()
    if naive_utc(told.visited_at).date() < drawn_for:
        raise bad_field("visited_at", "before_the_list", found=told.visited_at.isoformat(), allowed=drawn_for)


def _check_row(working: WorkingRow, told: InspectionIn) -> None:
    of_row = working.drawn["placement_id"]
    if told.placement_id is not None and of_row is not None and told.placement_id != of_row:
        raise bad_field("placement_id", "not_of_the_row", found=repr(told.placement_id), expected=of_row)


def _check_first(turn: Turn, working: WorkingRow, told: InspectionIn, by: Recorder) -> None:
    """Go on where the row has no outcome yet, or has one that the caller knows and that may be followed by another."""
    state = working.state
    if state["inspection_id"] is None:
        if by.seen is not None:
            require_version(state["version"], by.seen)
        return
    if state["status"] == VISITED or by.seen != state["version"]:
        there = find_visit(turn.connection, state["inspection_id"])
        problem = ProblemError(
            CONFLICT,
            "row_recorded",
            rank=state["rank"],
            replaces=state["inspection_id"],
            current_version=f'"{state["version"]}"',
        )
        raise problem.with_members(**_both(there, state["version"], told))


def _correct(running: Running, turn: Turn, told: InspectionIn, by: Recorder) -> Inspection:
    connection = turn.connection
    earlier = seen_visit(running, turn, str(told.replaces), by.caller)
    if earlier["replaced_by"] is not None:
        newest = newest_version(connection, earlier)
        problem = ProblemError(
            CONFLICT, "visit_replaced", name=earlier["inspection_id"], replaces=newest["inspection_id"]
        )
        raise problem.with_members(**_both(newest, None, told))
    require_version(FRESH, by.seen)
    head = find_head(connection, earlier["list_id"], None) if earlier["list_id"] is not None else None
    if head is not None:
        _check_date(head, told)
    kept = ("placement_id", "agency_id", "area", "list_id", "rank", "arm", "inclusion_probability", "office")
    same = {name: earlier[name] for name in (*kept, "data_origin")}
    visit = add_visit(connection, {**same, **_found(told, by)})
    replace_visit(connection, earlier["inspection_id"], visit["inspection_id"])
    version = None
    if visit["list_id"] is not None:
        lock_state(connection, visit["list_id"])
        state = lock_row(connection, visit["list_id"], visit["rank"])
        if state is not None and state["inspection_id"] == earlier["inspection_id"]:
            version = _change_row(turn, state, visit, told, by, action="correct")["version"]
    follow_up(running, turn, [visit], now=by.now, withdrawn=[earlier])
    _write_down(running, turn, "visit.correct", visit, by)
    return visit_answer(visit, version)


def _outside(running: Running, turn: Turn, told: InspectionIn, by: Recorder) -> Inspection:
    placement = None
    if told.placement_id is not None:
        placement = find_placement(turn.connection, told.placement_id)
        if placement is None or not _sees(running, turn, told.placement_id, by.caller):
            raise ProblemError(NOT_FOUND, "no_such_placement", name=told.placement_id)
    origin = placement["data_origin"] if placement else turn.histories.data_origin
    named = {name: getattr(told, name) for name in ("placement_id", "agency_id", "area")}
    of_none = {"list_id": None, "rank": None, "arm": OUTSIDE_LIST, "inclusion_probability": None}
    made = {"office": by.caller.office, "data_origin": origin or "real"}
    visit = add_visit(turn.connection, {**named, **of_none, **made, **_found(told, by)})
    follow_up(running, turn, [visit], now=by.now)
    _write_down(running, turn, "visit.record", visit, by)
    return visit_answer(visit)


def _sees(running: Running, turn: Turn, placement_id: str, caller: Principal) -> bool:
    seen = offices_seen(caller, running.offices)
    if seen is None:
        return True
    return any(sees_placement(turn.connection, placement_id, running.offices[code]) for code in sorted(seen))


def seen_visit(running: Running, turn: Turn, inspection_id: str, caller: Principal) -> Row:
    """Return a visit that exists for `caller`: of an office of theirs, or recorded by them, and not taken back.

    Raises:
        ProblemError: 404.
    """
    visit = find_visit(turn.connection, inspection_id)
    seen = offices_seen(caller, running.offices)
    hidden = visit is not None and seen is not None and visit["office"] not in seen
    if visit is None or visit["replaced_by"] == UNDONE or (hidden and visit["inspector"] != caller.who):
        raise ProblemError(NOT_FOUND, "no_such_visit", name=inspection_id)
    return visit


def _found(told: InspectionIn, by: Recorder) -> dict[str, Any]:
    return {
        "inspection_id": by.inspection_id,
        "visited_at": naive_utc(told.visited_at),
        "outcome": told.outcome,
        "category": told.category,
        "severity": told.severity,
        "note": told.note,
        "inspector": by.caller.who,
        "recorded_at": naive_utc(by.now),
    }


def _change_row(turn: Turn, state: Row, visit: Row, told: InspectionIn, by: Recorder, *, action: str) -> Row:
    detail = {"inspection_id": visit["inspection_id"], "outcome": told.outcome, BEFORE: as_it_stood(state)}
    until = told.deferred_until
    changes = {
        "status": STATUS.get(told.outcome, VISITED),
        "inspector": state["inspector"] or by.caller.who,
        "reason_code": told.reason_code,
        "note": told.note,
        "deferred_until": naive_utc(until) if until is not None else None,
        "inspection_id": visit["inspection_id"],
    }
    done = Action(action, by.caller.who, naive_utc(by.now), told.reason_code, told.note, detail)
    return change_row(turn.connection, state, done, **changes)


def follow_up(
    running: Running, turn: Turn, visits: Sequence[Row], *, now: datetime, withdrawn: Sequence[Row] = ()
) -> None:
    """Draw the consequences: histories, scores, flags, who rests, who was followed up, and what was visited lately."""
    visits_recorded(running, turn, visits, now, withdrawn=withdrawn)
    named = {str(visit["placement_id"]) for visit in withdrawn if visit["placement_id"] is not None}
    if named:
        settle_cases(turn.connection, named, now=naive_utc(now))
    for visit in withdrawn:
        uncount_visit(turn.connection, visit)
    for visit in visits:
        of_list = visit["list_id"] is not None
        count_visit(
            turn.connection, visit, drawn_row(turn.connection, visit["list_id"], visit["rank"]) if of_list else None
        )


def _both(there: Row | None, version: int | None, told: InspectionIn) -> dict[str, Any]:
    current = visit_answer(there, version).model_dump(mode="json") if there else None
    return {"current": current, "yours": told.model_dump(mode="json")}


def _write_down(running: Running, turn: Turn, action: str, visit: Row, by: Recorder) -> None:
    detail = {"list_id": visit["list_id"], "rank": visit["rank"], "outcome": visit["outcome"]}
    note(turn.connection, running, by.caller, action, visit["inspection_id"], now=by.now, **detail)
