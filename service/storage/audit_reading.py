"""Which entries of the audit log fit what somebody looks for, newest first?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from service.storage.audit_check import read_head
from service.tables.keeping import audit_log


@dataclass(frozen=True)
class LogRow:
    """One entry as it stands in the log; `at` is naive UTC, `detail` its JSON."""

    seq: int
    at: datetime
    who: str
    role: str
    action: str
    object: str | None
    detail: str


@dataclass(frozen=True)
class LogFilter:
    """What entries must fit, each None where it does not matter; `since` <= at < `until`, both naive UTC."""

    who: str | None = None
    action: str | None = None
    object: str | None = None
    since: datetime | None = None
    until: datetime | None = None


_ROW = tuple(audit_log.c[name] for name in LogRow.__dataclass_fields__)


def newest_entries(connection: Connection, wanted: LogFilter, *, limit: int, before: int | None = None) -> list[LogRow]:
    """Return at most `limit` entries that fit, newest first; `before` is the last number of the page before.

    Read in the order of the key, so a page is quick however long the log is, unless few entries fit.
    """
    query = select(*_ROW).order_by(audit_log.c.seq.desc()).limit(limit)
    for name in ("who", "action", "object"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(audit_log.c[name] == value)
    if wanted.since is not None:
        query = query.where(audit_log.c.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit_log.c.at < wanted.until)
    if before is not None:
        query = query.where(audit_log.c.seq < before)
    return [LogRow(*row) for row in connection.execute(query)]


def log_length(connection: Connection) -> int:
    """Return how many entries the log holds, as its head says."""
    head = read_head(connection)
    return head.seq if head else 0
