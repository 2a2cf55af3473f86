"""How does a route say that somebody read what is about people?

By one line: `dependencies=[reads("list.read", "list_id")]`. The entry is written once the route has
found what was asked for and before the answer is sent, so addresses that lead nowhere leave nothing
of what they held in the log.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import Depends, Request

from service.access import Principal
from service.identity import Caller
from service.running import Now, Running, Service
from service.storage.audit import Entry


def record_read(
    running: Running, caller: Principal, action: str, what: str | None, now: datetime, **detail: Any
) -> None:
    """Write down that `caller` read `what`, an opaque id; return once it is on disk.

    Never inside a transaction that writes: `storage.audit.append` belongs there.
    """
    running.audit_writer.write(Entry(now, caller.who, caller.role, action, what, detail))


def reads(action: str, parameter: str | None = None) -> Any:
    """Return the dependency of a route whose answer is written into the audit log.

    Args:
        action: what is read, such as `list.read`.
        parameter: the part of the path that names it; None where there is none.
    """

    def record(request: Request, caller: Caller, running: Service, now: Now) -> Iterator[None]:
        yield
        record_read(running, caller, action, request.path_params.get(parameter or ""), now)

    return Depends(record, scope="function")
