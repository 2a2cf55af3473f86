"""How long must the next try with a password wait?

Failures in a row are counted by login and by address, each try before the password is looked at, so that
many at once gain nothing.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import Connection

from service.problems import TOO_MANY, ProblemError
from service.running import Running
from service.storage.engine import for_writing
from service.storage.sessions import Attempts, forget_attempts, lock_attempts, read_attempts, write_attempts

FREE_TRIES: Final = {"login": 5, "address": 20}
"""Failures in a row before a wait; an office shares one address."""
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(days=1)


def subjects_of(running: Running, login: str, address: str) -> dict[str, str]:
    """Return what a try is counted under, by kind; nobody without the key reads login or address back."""
    values = {"login": login, "address": address}
    return {
        kind: hmac.new(running.audit_key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()
        for kind, value in values.items()
    }


def wait_after(failures: int, kind: str) -> timedelta:
    """Return how long the next try waits after so many failures in a row: it doubles with each.

    >>> [wait_after(failures, "login").seconds for failures in (4, 5, 6, 8, 30)]
    [0, 1, 2, 8, 900]
    """
    over = failures - FREE_TRIES[kind]
    return min(timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT) if over >= 0 else timedelta()


def count_try(running: Running, subjects: dict[str, str], at: datetime) -> None:
    """Count a try as failed before anybody knows.

    Raises:
        ProblemError: 429, the wait after the failures before is not over.
    """
    with for_writing(running.engine).begin() as connection:
        lock_attempts(connection)
        forget_attempts(connection, at - FORGOTTEN_AFTER)
        before = read_attempts(connection, subjects.values())
        waits = [
            before[subject].newest_at + wait_after(before[subject].failures, kind) - at
            for kind, subject in subjects.items()
            if subject in before
        ]
        wait = max(waits, default=timedelta())
        if wait > timedelta():
            seconds = ceil(wait.total_seconds())
            raise ProblemError(TOO_MANY, "too_many_attempts", headers={"Retry-After": str(seconds)}, seconds=seconds)
        counted = ((subject, _plus(before.get(subject), 1, at)) for subject in subjects.values())
        write_attempts(connection, counted)


def forgive(connection: Connection, subjects: dict[str, str], at: datetime) -> None:
    """Forget the failures of the login; the address loses only this try, or one good login would free it."""
    lock_attempts(connection)
    before = read_attempts(connection, subjects.values())
    address = subjects["address"]
    write_attempts(connection, [(subjects["login"], Attempts(0, at)), (address, _plus(before.get(address), -1, at))])


def _plus(found: Attempts | None, one: int, at: datetime) -> Attempts:
    return Attempts((found.failures if found else 0) + one, at)
