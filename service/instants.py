"""How does an instant stand in the database?"""

from datetime import UTC, datetime


def naive_utc(moment: datetime) -> datetime:
    """Return an instant that knows its zone as the database keeps it: UTC without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None)
