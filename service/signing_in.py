"""How does a member of staff begin and end a session?

A login that is not known is answered like a wrong password, as late and as often.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import Principal
from service.attempts import count_try, forgive, subjects_of
from service.audit_notes import note
from service.instants import naive_utc
from service.opened_session import SignedIn, begin_session
from service.passwords import hash_password, is_outdated, is_password, token_hash
from service.problems import FORBIDDEN, NOT_SIGNED_IN, ProblemError
from service.running import Running
from service.storage import audit
from service.storage.engine import for_writing
from service.storage.people import find_login, set_password
from service.storage.sessions import delete_session

NOBODY: Final = "user:unknown"
CHALLENGE: Final = 'Bearer realm="placement-risk"'


@dataclass(frozen=True)
class Attempt:
    """One try to sign in; `address` is where it came from, `token` the session that it replaces."""

    login: str
    password: str
    address: str
    token: str | None = None


def sign_in(running: Running, attempt: Attempt, *, now: datetime) -> SignedIn:
    """Open a session for whoever knows the password; the one that the browser had is closed.

    Raises:
        ProblemError: 429 where too many tries failed, 401 where login or password is wrong.
    """
    login, at = attempt.login.strip().casefold(), naive_utc(now)
    subjects = subjects_of(running, login, attempt.address)
    count_try(running, subjects, at)
    with running.engine.connect() as connection:
        found = find_login(connection, login)
    user, stored = found or (None, None)
    right = is_password(attempt.password, stored)
    if user is None or stored is None or not right or not user.active:
        raise _refused(running, now)
    renewed = hash_password(attempt.password) if is_outdated(stored) else None
    with for_writing(running.engine).begin() as connection:
        if find_login(connection, login) == found:  # no reset and no other role came in between
            forgive(connection, subjects, at)
            if renewed:
                set_password(connection, user.user_id, renewed)
            if attempt.token:
                delete_session(connection, token_hash(attempt.token))
            return begin_session(connection, running, user, at)
    raise _refused(running, now)


def sign_in_as(running: Running, login: str, token: str | None, *, now: datetime) -> SignedIn:
    """Open a session for the user by whose login the provider knows somebody; nobody is made a user by it.

    Raises:
        ProblemError: 403 where no user who may sign in has this login.
    """
    with for_writing(running.engine).begin() as connection:
        found = find_login(connection, login.strip().casefold())
        if found is not None and found[0].active:
            if token:
                delete_session(connection, token_hash(token))
            return begin_session(connection, running, found[0], naive_utc(now), by="provider")
    _refused(running, now)
    raise ProblemError(FORBIDDEN, "not_a_user")


def sign_out(running: Running, caller: Principal, token: str, *, now: datetime) -> None:
    """Close the session of `token`."""
    with for_writing(running.engine).begin() as connection:
        delete_session(connection, token_hash(token))
        note(connection, running, caller, "session.close", None, now=now)


def _refused(running: Running, now: datetime) -> ProblemError:
    """Write down that a try failed; return what is answered, the same whatever was wrong."""
    with for_writing(running.engine).begin() as connection:
        audit.append(connection, audit.Entry(now, NOBODY, "none", "session.refuse"), key=running.audit_key)
    return ProblemError(NOT_SIGNED_IN, "bad_sign_in", headers={"WWW-Authenticate": CHALLENGE})
