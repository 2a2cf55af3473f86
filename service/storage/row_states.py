"""Where does the visit of each row stand, and what was done with it?

The rows of a list never change; this stands beside them, with everything that people did, in order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from service.tables.lists import list_rows, list_states, row_actions, row_flags, row_states
from service.tables.people import users
from service.tables.register import scores

Row = Mapping[str, Any]
OPEN, ACCEPTED, DEFERRED = "open", "accepted", "deferred"
NOT_REACHED, VISITED, DROPPED = "not_reached", "visited", "dropped"
TO_DO: Final = (OPEN, ACCEPTED, DEFERRED, NOT_REACHED)
RESTORED: Final = ("status", "office", "inspector", "priority", "reason_code", "note", "inspection_id")
"""What people change of where a row stands, beside `deferred_until`."""
UNDO: Final = "undo"
"""The action that takes the one before it back; its detail names that one by `action_id`."""
BEFORE: Final = "before"
"""Where, in the detail of an action, it is kept how the row stood."""
KEPT_NOTE: Final = row_actions.c.detail[(BEFORE, "note")].as_string()


@dataclass(frozen=True)
class Life:
    """What became of the rows of a list, by rank: `states` of `row_states`, `flags` of `row_flags`, newest first."""

    states: Mapping[int, Row]
    flags: Mapping[int, tuple[Row, ...]]


@dataclass(frozen=True)
class Action:
    """What somebody (`by`) does with a row at `at` (naive UTC); `detail` holds codes and ids, nothing personal."""

    action: str
    by: str
    at: datetime
    reason_code: str | None = None
    note: str | None = None
    detail: Mapping[str, Any] | None = None


def read_life(connection: Connection, list_id: str) -> Life:
    """Return what became of the rows of a list so far."""
    states = connection.execute(select(row_states).where(row_states.c.list_id == list_id)).mappings()
    newest_first = (row_flags.c.at.desc(), row_flags.c.flag_id.desc())
    flags: dict[int, list[Row]] = {}
    told = select(row_flags).where(row_flags.c.list_id == list_id).order_by(*newest_first)
    for flag in connection.execute(told).mappings():
        flags.setdefault(int(flag["rank"]), []).append(dict(flag))
    return Life({int(row["rank"]): dict(row) for row in states}, {rank: tuple(rows) for rank, rows in flags.items()})


def read_row(connection: Connection, list_id: str, rank: int) -> Row | None:
    """Return where a row stands, or None where there is no such row."""
    query = select(row_states).where(row_states.c.list_id == list_id, row_states.c.rank == rank)
    row = connection.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def lock_row(connection: Connection, list_id: str, rank: int) -> Row | None:
    """Return what `read_row` does; nobody else changes the row until the transaction ends."""
    query = select(row_states).where(row_states.c.list_id == list_id, row_states.c.rank == rank).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def find_rank(connection: Connection, list_id: str, placement_id: str) -> int | None:
    """Return the rank of a placement on a list, or None."""
    query = select(list_rows.c.rank).where(list_rows.c.list_id == list_id, list_rows.c.placement_id == placement_id)
    return connection.execute(query).scalar_one_or_none()


def drawn_row(connection: Connection, list_id: str, rank: int) -> Row:
    """Return a row as it was drawn."""
    query = select(list_rows).where(list_rows.c.list_id == list_id, list_rows.c.rank == rank)
    return dict(connection.execute(query).mappings().one())


def change_row(connection: Connection, before: Row, action: Action, **changes: Any) -> Row:
    """Write what `action` changes of a row that `lock_row` gave, and the action; return how the row stands now."""
    after = {**before, **changes, "version": before["version"] + 1, "updated_at": action.at}
    of_row = (row_states.c.list_id == before["list_id"], row_states.c.rank == before["rank"])
    connection.execute(update(row_states).where(*of_row).values(**after))
    add_action(connection, before, action)
    return after


def as_it_stood(state: Row) -> dict[str, Any]:
    """Return where a row stood as data that an action can keep, so that the action can be taken back."""
    until = state["deferred_until"]
    return {**{name: state[name] for name in RESTORED}, "deferred_until": until.isoformat() if until else None}


def to_restore(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `as_it_stood` kept as changes of a row."""
    until = kept["deferred_until"]
    return {**kept, "deferred_until": datetime.fromisoformat(until) if until else None}


def add_action(connection: Connection, row: Row, action: Action) -> None:
    """Write down what somebody did with `row`."""
    told = {
        "list_id": row["list_id"],
        "rank": row["rank"],
        "action": action.action,
        "by": action.by,
        "at": action.at,
        "reason_code": action.reason_code,
        "note": action.note,
        "detail": dict(action.detail or {}),
    }
    connection.execute(insert(row_actions), told)


def read_actions(connection: Connection, list_id: str, rank: int | None = None) -> list[Row]:
    """Return what was done with the rows of a list, or with one of them, oldest first."""
    query = select(row_actions).where(row_actions.c.list_id == list_id).order_by(row_actions.c.action_id)
    if rank is not None:
        query = query.where(row_actions.c.rank == rank)
    return [dict(row) for row in connection.execute(query).mappings()]


def standing(actions: Sequence[Row]) -> list[Row]:
    """Return those of `read_actions` that count: without those taken back, and without the taking back."""
    taken_back = {action["detail"].get("action_id") for action in actions if action["action"] == UNDO}
    return [action for action in actions if action["action"] != UNDO and action["action_id"] not in taken_back]


def kept_notes(connection: Connection, which: ColumnElement[bool]) -> list[tuple[int, Row]]:
    """Return the number of each such action that keeps a note the row had before, and its detail without the note."""
    query = select(row_actions.c.action_id, row_actions.c.detail).where(KEPT_NOTE.is_not(None), which)
    return [
        (row.action_id, {**row.detail, BEFORE: {**row.detail[BEFORE], "note": None}})
        for row in connection.execute(query).all()
    ]


def clear_kept_notes(connection: Connection, which: ColumnElement[bool]) -> int:
    """Clear the notes that such actions keep of how their row stood before; return how many kept one."""
    kept = kept_notes(connection, which)
    for action_id, detail in kept:
        of_action = row_actions.c.action_id == action_id
        connection.execute(update(row_actions).where(of_action).values(detail=dict(detail)))
    return len(kept)


def present_stage(connection: Connection, drawn: Row) -> str | None:
    """Return the stage of a row's placement now; as it was drawn where the register no longer holds it."""
    if drawn["placement_id"] is None:
        return None if drawn["stage"] is None else str(drawn["stage"])
    query = select(scores.c.stage).where(scores.c.placement_id == drawn["placement_id"])
    return str(connection.execute(query).scalar_one_or_none() or drawn["stage"])


def find_inspector(connection: Connection, user_id: str, roles: Sequence[str]) -> Row | None:
    """Return the active member of staff with this id and one of `roles`, or None."""
    query = select(users).where(users.c.user_id == user_id, users.c.active, users.c.role.in_(roles))
    row = connection.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def rows_in_hand(connection: Connection, inspector: str) -> int:
    """Return how many rows of lists at work wait for `inspector`."""
    query = (
        select(func.count())
        .select_from(row_states)
        .join(list_states, list_states.c.list_id == row_states.c.list_id)
        .where(row_states.c.inspector == inspector, row_states.c.status.in_(TO_DO), list_states.c.state != "closed")
    )
    return int(connection.execute(query).scalar_one())
