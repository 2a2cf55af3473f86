"""What is kept longer than it may be, and how is it dropped?"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, func, select, union_all, update

from service.storage.persons import clear_events, unneeded_details
from service.storage.receipts import bundle_of_link
from service.storage.row_states import clear_kept_notes, kept_notes
from service.tables.happenings import events, inspections
from service.tables.keeping import idempotency_keys, receipt_bundles, receipt_links, receipts
from service.tables.lists import row_actions, row_states
from service.tables.people import sessions, sign_in_attempts


@dataclass(frozen=True)
class Limits:
    """What was made before each of these instants (naive UTC) has to go."""

    answers: datetime
    receipts: datetime
    sessions: datetime
    attempts: datetime
    notes: datetime


NOTES: Final = ((inspections, "recorded_at"), (row_states, "updated_at"), (row_actions, "at"))


def overdue(connection: Connection, limits: Limits) -> dict[str, int]:
    """Return how many rows of each kind are past their date."""
    counts = {kind: _number(connection, table, past) for kind, (table, past) in _whole_rows(limits).items()}
    counts["receipts"] += _number_in_bundles(connection, limits)
    counts["notes"] = sum(_number(connection, table, past) for table, past in _noted(limits))
    counts["notes"] += len(kept_notes(connection, row_actions.c.at < limits.notes))
    counts["event_details"] = len(unneeded_details(connection, events.c.recorded_at < limits.notes))
    return counts


def drop_overdue(connection: Connection, limits: Limits) -> dict[str, int]:
    """Drop what is past its date, and return how many rows of each kind; `connection` is open for writing.

    Of visits, rows and events only what was written freely goes.
    """
    in_bundles = _number_in_bundles(connection, limits)
    past = union_all(
        select(receipts.c.receipt_id).where(receipts.c.made_at < limits.receipts),
        select(receipt_bundles.c.bundle_id).where(_past_bundles(limits)),
    )
    connection.execute(delete(receipt_links).where(bundle_of_link().in_(past)))
    connection.execute(delete(receipt_bundles).where(_past_bundles(limits)))
    counts = {
        kind: connection.execute(delete(table).where(past)).rowcount
        for kind, (table, past) in _whole_rows(limits).items()
    }
    counts["receipts"] += in_bundles
    counts["notes"] = sum(
        connection.execute(update(table).where(past).values(note=None)).rowcount for table, past in _noted(limits)
    )
    counts["notes"] += clear_kept_notes(connection, row_actions.c.at < limits.notes)
    counts["event_details"] = clear_events(connection, events.c.recorded_at < limits.notes)
    return counts


def _whole_rows(limits: Limits) -> Mapping[str, tuple[Table, ColumnElement[bool]]]:
    return {
        "answers": (idempotency_keys, idempotency_keys.c.created_at < limits.answers),
        "receipts": (receipts, receipts.c.made_at < limits.receipts),
        "sessions": (sessions, sessions.c.expires_at < limits.sessions),
        "sign_in_attempts": (sign_in_attempts, sign_in_attempts.c.newest_at < limits.attempts),
    }


def _past_bundles(limits: Limits) -> ColumnElement[bool]:
    return receipt_bundles.c.made_at < limits.receipts


def _number_in_bundles(connection: Connection, limits: Limits) -> int:
    number = func.coalesce(func.sum(receipt_bundles.c.number), 0)
    return int(connection.execute(select(number).where(_past_bundles(limits))).scalar_one())


def _noted(limits: Limits) -> list[tuple[Table, ColumnElement[bool]]]:
    return [(table, and_(table.c.note.is_not(None), table.c[when] < limits.notes)) for table, when in NOTES]


def _number(connection: Connection, table: Table, past: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(past)).scalar_one())
