"""How does a route say that somebody read what is about people?

By one line: `dependencies=[reads("list.read", "list_id")]`. The entry is written once the route has
found what was asked for and before the answer is sent, so addresses that lead nowhere leave nothing
of what they held in the log.
"""

from collections.abc import Iterator
from typing import Any

from fastapi import Depends, Request

from service.audit_notes import record_read
from service.identity import Caller
from service.running import Now, Service


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
