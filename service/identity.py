"""Who makes this request, and may they?"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from service.access import NATIONAL, Principal, offices_seen
from service.problems import ProblemError
from service.running import Running, running_of, utc_now

FORBIDDEN = 403


def identify(request: Request, running: Running, now: datetime) -> Principal:
    """Return who makes `request`."""
    return Principal("user:local", NATIONAL)


def _caller(
    request: Request,
    running: Annotated[Running, Depends(running_of)],
    now: Annotated[datetime, Depends(utc_now)],
) -> Principal:
    return identify(request, running, now)


Caller = Annotated[Principal, Depends(_caller)]


def allowed(permission: str) -> Any:
    """Return the dependency of a route that needs `permission`; it gives the caller."""

    def check(caller: Caller) -> Principal:
        if not caller.may(permission):
            raise ProblemError(FORBIDDEN, "not_allowed", permission=permission, role=caller.role)
        return caller

    check.permission = permission  # type: ignore[attr-defined]  # the table of routes and roles reads it
    return Depends(check)


def sees_office(caller: Principal, running: Running, office: str | None) -> bool:
    """Return whether what belongs to `office` (None: to the whole register) exists for `caller`."""
    seen = offices_seen(caller, running.offices)
    return seen is None or office in seen
