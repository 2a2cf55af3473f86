"""How is one row said to a caller, with what was done with it?"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection

from service.access import Principal, offices_seen
from service.audit_notes import record_read
from service.payloads.list_life import RowAction, RowHistory, RowState, Warned
from service.problems import NOT_FOUND, ProblemError
from service.row_deeds import OVER_CAPACITY
from service.running import Running
from service.storage.row_states import Row, read_actions, read_row
from service.working_rows import seen_head

WARNINGS: Final = {
    OVER_CAPACITY: (
        "Petugas ini memegang lebih banyak baris daripada kunjungan yang dapat dilakukannya dalam sebulan.",
        "This inspector has more rows in hand than visits in a month.",
    )
}


def row_state(state: Row, warnings: Sequence[str] = ()) -> RowState:
    """Return where a row stands, with warnings by code."""
    until = state["deferred_until"]
    told = tuple(Warned(code=code, text_id=WARNINGS[code][0], text_en=WARNINGS[code][1]) for code in warnings)
    instants = {
        "deferred_until": until.replace(tzinfo=UTC) if until else None,
        "updated_at": state["updated_at"].replace(tzinfo=UTC),
    }
    return RowState.model_validate({**state, **instants, "warnings": told})


def row_actions(connection: Connection, list_id: str, rank: int) -> tuple[RowAction, ...]:
    """Return what was done with a row, oldest first."""
    return tuple(
        RowAction.model_validate({**action, "at": action["at"].replace(tzinfo=UTC)})
        for action in read_actions(connection, list_id, rank)
    )


def row_history(running: Running, caller: Principal, *, list_id: str, rank: int, now: datetime) -> RowHistory:
    """Return a row that exists for `caller`, with all that was done with it; the reading is logged.

    Raises:
        ProblemError: 404.
    """
    seen = offices_seen(caller, running.offices)
    with running.engine.connect() as connection:
        head = seen_head(connection, running, caller, list_id)
        state = read_row(connection, list_id, rank)
        if state is None or (seen is not None and not {head["office"], state["office"]} & seen):
            raise ProblemError(NOT_FOUND, "no_such_row", name=list_id, rank=rank)
        actions = row_actions(connection, list_id, rank)
    record_read(running, caller, "row.read", f"{list_id}/{rank}", now)
    return RowHistory(row=row_state(state), actions=actions)
