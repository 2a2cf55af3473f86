"""May this caller work on this row now, and what does it stand for?

What the life of a row and the recording of visits have in common: the row is locked, it exists for
the caller, its list is at work, and it is with an office of the caller's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection

from service.access import Principal, offices_seen
from service.problems import CONFLICT, NOT_FOUND, ProblemError
from service.running import Running
from service.storage.lists import CLOSED, DRAFT, IN_PROGRESS, ISSUED, change_state, find_head, lock_state
from service.storage.row_states import Row, drawn_row, lock_row

Reach = Literal["held", "listed", "anywhere"]
HELD: Final = "held"
LISTED: Final = "listed"
ANYWHERE: Final = "anywhere"


@dataclass(frozen=True)
class WorkingRow:
    """A row in hand: the head of its list, where list and row stand (both locked), and the row as drawn."""

    head: Row
    list_state: Row
    state: Row
    drawn: Row

    @property
    def stands_for(self) -> Mapping[str, Any]:
        """What a visit to the row is recorded with: whom or what it goes to, and how it came onto the list."""
        unit, unit_id = self.head["unit"], self.drawn["unit_id"]
        return {
            "placement_id": self.drawn["placement_id"],
            "agency_id": unit_id if unit == "agency" else None,
            "area": unit_id if unit == "area" else None,
            "list_id": self.head["list_id"],
            "rank": self.drawn["rank"],
            "arm": self.drawn["arm"],
            "inclusion_probability": self.drawn["inclusion_probability"],
            "office": self.state["office"],
            "data_origin": self.head["data_origin"],
        }


@dataclass(frozen=True)
class Why:
    """The reason that a person gives for something: a code of the table `override_reasons`, and words."""

    reason_code: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Deed:
    """What somebody does with a row: what it `changes` of where the row stands, and why.

    `outcome` says that it is recorded as a visit that reached nobody: not_reached or deferred. `warnings` are
    codes of what the caller should know.
    """

    action: str
    changes: Mapping[str, Any]
    why: Why = Why()
    outcome: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def seen_head(connection: Connection, running: Running, caller: Principal, list_id: str) -> Row:
    """Return the head of a list that exists for `caller`, by its office or by a row that was handed over.

    Raises:
        ProblemError: 404.
    """
    return _head(connection, list_id, offices_seen(caller, running.offices))


def _head(connection: Connection, list_id: str, seen: frozenset[str] | None) -> Row:
    head = find_head(connection, list_id, seen)
    if head is None:
        raise ProblemError(NOT_FOUND, "no_such_list", name=list_id)
    return head


def working_row(
    connection: Connection,
    running: Running,
    caller: Principal,
    *,
    list_id: str,
    rank: int,
    reach: Reach = HELD,
) -> WorkingRow:
    """Return the row for a change; nobody else changes it until the transaction ends.

    `reach` LISTED takes it also where another office than the caller's has it now, as who closes the list has to;
    ANYWHERE also where it no longer exists for the caller, as who has just handed it over has to.

    Raises:
        ProblemError: 404 where it does not exist for the caller, 409 where nothing may be done with it.
    """
    seen = None if reach == ANYWHERE else offices_seen(caller, running.offices)
    head = _head(connection, list_id, seen)
    list_state, state = lock_state(connection, list_id), lock_row(connection, list_id, rank)
    if state is None or (seen is not None and not {head["office"], state["office"]} & seen):
        raise ProblemError(NOT_FOUND, "no_such_row", name=list_id, rank=rank)
    if list_state["state"] == DRAFT:
        raise ProblemError(CONFLICT, "list_is_draft", name=list_id)
    if list_state["state"] == CLOSED:
        raise ProblemError(CONFLICT, "list_is_closed", name=list_id)
    if seen is not None and state["office"] not in seen and reach == HELD:
        raise ProblemError(CONFLICT, "row_elsewhere", rank=rank, office=state["office"])
    return WorkingRow(head, list_state, state, drawn_row(connection, list_id, rank))


def begin_work(connection: Connection, working: WorkingRow, *, by: str, at: datetime) -> None:
    """Let the first thing that is done with a row of an issued list put the list in progress."""
    if working.list_state["state"] == ISSUED:
        change_state(connection, working.list_state, by=by, at=at, state=IN_PROGRESS)
