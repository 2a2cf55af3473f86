"""How does an instant stand in the database?"""

from calendar import monthrange
from datetime import UTC, datetime


def naive_utc(moment: datetime) -> datetime:
    """Return an instant that knows its zone as the database keeps it: UTC without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def months_before(moment: datetime, months: int) -> datetime:
    """Return the same day and time of an earlier month, or its last day where it has no such day.

    >>> months_before(datetime(2026, 3, 31, 8), 13)
    datetime.datetime(2025, 2, 28, 8, 0)
    """
    year, month = divmod(12 * moment.year + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))
