"""How does a member of staff begin and end a session?

A login that is not known is answered like a wrong password, as late and as often. Failures make the
next try wait, by login and by address, each try counted before the password is looked at.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import Connection

from service.access import Principal
from service.audit_notes import note
from service.instants import naive_utc
from service.passwords import hash_password, is_outdated, is_password, new_token, token_hash
from service.problems import NOT_SIGNED_IN, TOO_MANY, ProblemError
from service.running import Running
from service.storage import audit
from service.storage.engine import for_writing
from service.storage.people import User, find_login, set_password
from service.storage.sessions import (
    Attempts,
    add_session,
    delete_session,
    forget_attempts,
    lock_attempts,
    read_attempts,
    write_attempts,
)

FREE_TRIES: Final = {"login": 5, "address": 20}
"""Failures in a row before a wait; an office shares one address."""
LONGEST_WAIT: Final = timedelta(minutes=15)
FORGOTTEN_AFTER: Final = timedelta(days=1)
NOBODY: Final = "user:unknown"
CHALLENGE: Final = 'Bearer realm="placement-risk"'


@dataclass(frozen=True)
class Attempt:
    """One try to sign in; `address` is where it came from, `token` the session that it replaces."""

    login: str
    password: str
    address: str
    token: str | None = None


@dataclass(frozen=True)
class SignedIn:
    """A new session: `token` goes into the cookie and nowhere else."""

    user: User
    token: str
    form_token: str
    expires_at: datetime


def sign_in(running: Running, attempt: Attempt, *, now: datetime) -> SignedIn:
    """Open a session for whoever knows the password; the one that the browser had is closed.

    Raises:
        ProblemError: 429 where too many tries failed, 401 where login or password is wrong.
    """
    login, at = attempt.login.strip().casefold(), naive_utc(now)
    subjects = {
        kind: _subject(kind, value, running.audit_key)
        for kind, value in (("login", login), ("address", attempt.address))
    }
    _count(running, subjects, at)
    with running.engine.connect() as connection:
        found = find_login(connection, login)
    user, stored = found or (None, None)
    right = is_password(attempt.password, stored)
    if user is None or stored is None or not right or not user.active:
        raise _refused(running, now)
    renewed = hash_password(attempt.password) if is_outdated(stored) else None
    with for_writing(running.engine).begin() as connection:
        if find_login(connection, login) == found:  # no reset and no other role came in between
            _forgive(connection, subjects, at)
            if renewed:
                set_password(connection, user.user_id, renewed)
            if attempt.token:
                delete_session(connection, token_hash(attempt.token))
            return _open_session(connection, running, user, at)
    raise _refused(running, now)


def sign_out(running: Running, caller: Principal, token: str, *, now: datetime) -> None:
    """Close the session of `token`."""
    with for_writing(running.engine).begin() as connection:
        delete_session(connection, token_hash(token))
        note(connection, running, caller, "session.close", None, now=now)


def wait_after(failures: int, kind: str) -> timedelta:
    """Return how long the next try waits after so many failures in a row: it doubles with each.

    >>> [wait_after(failures, "login").seconds for failures in (4, 5, 6, 8, 30)]
    [0, 1, 2, 8, 900]
    """
    over = failures - FREE_TRIES[kind]
    return min(timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT) if over >= 0 else timedelta()


def _refused(running: Running, now: datetime) -> ProblemError:
    """Write down that a try failed; return what is answered, the same whatever was wrong."""
    with for_writing(running.engine).begin() as connection:
        audit.append(connection, audit.Entry(now, NOBODY, "none", "session.refuse"), key=running.audit_key)
    return ProblemError(NOT_SIGNED_IN, "bad_sign_in", headers={"WWW-Authenticate": CHALLENGE})


def _subject(kind: str, value: str, key: bytes) -> str:
    """A login or an address under which failures are counted; nobody without the key reads it back."""
    return hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def _count(running: Running, subjects: dict[str, str], at: datetime) -> None:
    """Count a try as failed before anybody knows, so that many at once gain nothing."""
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


def _forgive(connection: Connection, subjects: dict[str, str], at: datetime) -> None:
    """Forget the failures of the login; the address loses only this try, or one good login would free it."""
    lock_attempts(connection)
    before = read_attempts(connection, subjects.values())
    address = subjects["address"]
    write_attempts(connection, [(subjects["login"], Attempts(0, at)), (address, _plus(before.get(address), -1, at))])


def _plus(found: Attempts | None, one: int, at: datetime) -> Attempts:
    return Attempts((found.failures if found else 0) + one, at)


def _open_session(connection: Connection, running: Running, user: User, at: datetime) -> SignedIn:
    opened = SignedIn(user, new_token(), new_token(), at + timedelta(hours=running.settings.session_hours))
    add_session(
        connection,
        token_hash(opened.token),
        user.user_id,
        form_token=opened.form_token,
        at=at,
        expires_at=opened.expires_at,
    )
    entry = audit.Entry(at.replace(tzinfo=UTC), f"user:{user.user_id}", user.role, "session.open")
    audit.append(connection, entry, key=running.audit_key)
    return opened
