"""What does the service keep longer than it may, and is it dropped?"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from service.instants import naive_utc
from service.running import Running
from service.settings import Settings
from service.storage import audit
from service.storage.engine import for_writing
from service.storage.retention import Limits, drop_overdue, overdue

DAYS_OF_YEAR: Final = 365.25


def limits_of(settings: Settings, now: datetime) -> Limits:
    """Return before when each kind of row has to have been made so that it goes."""
    at = naive_utc(now)
    return Limits(
        answers=at - timedelta(days=settings.keep_answers_days),
        receipts=at - timedelta(days=DAYS_OF_YEAR * settings.keep_receipts_years),
        sessions=at,
        attempts=at - timedelta(days=settings.keep_answers_days),
        notes=at - timedelta(days=DAYS_OF_YEAR * settings.keep_notes_years),
    )


def retention(running: Running, now: datetime, *, apply: bool, by: tuple[str, str]) -> Mapping[str, int]:
    """Return how many rows of each kind are past their date; with `apply` they are dropped, all or nothing.

    `by` is who asks, and in which role. The audit log tells what was dropped; it is itself never shortened.
    """
    limits = limits_of(running.settings, now)
    if not apply:
        with running.engine.connect() as connection:
            return overdue(connection, limits)
    with for_writing(running.engine).begin() as connection:
        dropped = drop_overdue(connection, limits)
        entry = audit.Entry(now, *by, "retention.applied", None, dropped)
        audit.append(connection, entry, key=running.audit_key)
    return dropped
