"""How does a member of staff change the own password?"""

from dataclasses import dataclass
from datetime import datetime

from service.access import Principal
from service.attempts import count_try, forgive, subjects_of
from service.audit_notes import note
from service.instants import naive_utc
from service.opened_session import SignedIn, begin_session
from service.passwords import hash_password, is_password
from service.problems import CONFLICT, FORBIDDEN, ProblemError
from service.running import Running
from service.storage.engine import for_writing
from service.storage.people import find_login, set_password
from service.storage.sessions import delete_sessions_of


@dataclass(frozen=True)
class PasswordWish:
    """The password as it is and as it shall be; `address` is where the wish came from."""

    old: str
    new: str
    address: str


def change_own_password(running: Running, caller: Principal, wish: PasswordWish, *, now: datetime) -> SignedIn:
    """Store another password of `caller`; every session ends, and a new one takes the place of the caller's.

    A wrong old password counts like a failed sign-in: whoever found a session open cannot guess on.

    Raises:
        ProblemError: 409 for a key, 429 where too many tries failed, 403 where the old password is wrong.
    """
    if caller.login is None:
        raise ProblemError(CONFLICT, "no_password")
    subjects, at = subjects_of(running, caller.login, wish.address), naive_utc(now)
    count_try(running, subjects, at)
    with running.engine.connect() as connection:
        found = find_login(connection, caller.login)
    user, stored = found or (None, None)
    if user is not None and is_password(wish.old, stored):
        hashed = hash_password(wish.new)
        with for_writing(running.engine).begin() as connection:
            if find_login(connection, caller.login) == found:  # no reset came in between
                forgive(connection, subjects, at)
                set_password(connection, user.user_id, hashed)
                delete_sessions_of(connection, user.user_id)
                note(connection, running, caller, "user.change_password", caller.who, now=now)
                return begin_session(connection, running, user, at)
    with for_writing(running.engine).begin() as connection:
        note(connection, running, caller, "user.refuse_password", caller.who, now=now)
    raise ProblemError(FORBIDDEN, "wrong_password")
