"""How does what a caller did or read get into the audit log?"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from service.access import Principal
from service.running import Running
from service.storage.audit import Entry, append


def note(
    connection: Connection,
    running: Running,
    caller: Principal,
    action: str,
    what: str | None,
    *,
    now: datetime,
    **detail: Any,
) -> None:
    """Write down what `caller` did to `what`, an opaque id, in the transaction in which it is done."""
    append(connection, Entry(now, caller.who, caller.role, action, what, detail), key=running.audit_key)


def record_read(
    running: Running, caller: Principal, action: str, what: str | None, now: datetime, **detail: Any
) -> None:
    """Write down that `caller` read `what`, an opaque id; return once it is on disk.

    Never inside a transaction that writes: `note` belongs there.
    """
    running.audit_writer.write([Entry(now, caller.who, caller.role, action, what, detail)])
