"""How do users and keys come about, change, and end?

Each step stands in the audit log with who took it. Passwords and secrets are handed out once and
kept as hashes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from risk_model.errors import InputError, UnknownCodeError
from risk_model.vocabulary import Office
from service.access import ADMIN, OFFICE_ROLES, PLACEMENT_SYSTEM, ROLES
from service.instants import naive_utc
from service.new_ids import random_id
from service.passwords import hash_password, new_password, new_token, token_hash
from service.problems import CONFLICT, NOT_FOUND, PRECONDITION_FAILED, ProblemError
from service.running import Running
from service.storage import audit
from service.storage.engine import for_writing
from service.storage.people import (
    Key,
    User,
    add_key,
    add_user,
    change_user,
    count_active,
    find_key,
    find_user,
    revoke_key,
    set_password,
)
from service.storage.sessions import delete_sessions_of

USER_ROLES: Final = tuple(role for role in ROLES if role != PLACEMENT_SYSTEM)
"""Roles that a person may have; placement systems have keys."""
FIRST_VERSION: Final = 1
ID_BYTES: Final = 6
LOCAL: Final = ("user:local", "local")
"""Who acts on the command line of the machine itself, and as what."""


@dataclass(frozen=True)
class By:
    """Who takes a step, in which role, when."""

    who: str
    role: str
    at: datetime

    @property
    def stored_at(self) -> datetime:
        """The instant as the database keeps it."""
        return naive_utc(self.at)


@dataclass(frozen=True)
class NewUser:
    """A user to be made; without `password` one is drawn."""

    login: str
    role: str
    office: str | None
    monthly_visits: int | None = None
    password: str | None = None


@dataclass(frozen=True)
class NewKey:
    """A key to be made for the system `owner`, good for so many `days`."""

    owner: str
    role: str
    office: str | None
    scopes: tuple[str, ...]
    days: int


class PlaceError(InputError):
    """A role without the office it belongs to, or an office where none belongs; `fault` is which."""

    def __init__(self, role: str, *, needs_office: bool) -> None:
        """Build the message for `role`."""
        self.fault = "office_needed" if needs_office else "no_office"
        super().__init__(
            f"the role {role} "
            + ("belongs to an office; name it" if needs_office else "belongs to no office; leave it away")
        )


class LoginTakenError(InputError):
    """Somebody signs in by this login already."""


def check_place(role: str, office: str | None, roles: tuple[str, ...], offices: Mapping[str, Office]) -> None:
    """Check that a role is one of `roles` and has an office exactly where it belongs to one.

    Raises:
        UnknownCodeError: the role or the office is not known.
        PlaceError: an office is missing, or stands where none belongs.
    """
    if role not in roles:
        raise UnknownCodeError(role, column="role", known=roles)
    if role in OFFICE_ROLES and office is None:
        raise PlaceError(role, needs_office=True)
    if role not in OFFICE_ROLES and office is not None:
        raise PlaceError(role, needs_office=False)
    if office is not None and office not in offices:
        raise UnknownCodeError(office, column="office", known=offices)


def create_user(running: Running, wanted: NewUser, by: By) -> tuple[User, str]:
    """Store a new user; return it with the password, which nobody can read again.

    Raises:
        LoginTakenError: the login is taken.
        InputError: role and office do not go together, or are not known.
    """
    check_place(wanted.role, wanted.office, USER_ROLES, running.offices)
    password = wanted.password or new_password()
    login = wanted.login.strip().casefold()
    user = User(
        random_id(ID_BYTES),
        login,
        wanted.role,
        wanted.office,
        active=True,
        monthly_visits=wanted.monthly_visits,
        created_at=by.stored_at,
        version=FIRST_VERSION,
    )
    hashed = hash_password(password)
    try:
        with for_writing(running.engine).begin() as connection:
            add_user(connection, user, hashed)
            _log(connection, running, by, "user.create", f"user:{user.user_id}", role=user.role, office=user.office)
    except IntegrityError:
        raise LoginTakenError(f"login {login!r} is taken; choose another") from None
    return user, password


def update_user(running: Running, user_id: str, version: int, changed: Mapping[str, Any], by: By) -> User:
    """Change role, office, monthly visits or whether a user is active, who is still at `version`.

    Another role, office or an end of the account closes the user's sessions.

    Raises:
        ProblemError: 404, 412 where somebody changed the user meanwhile, 409 for the last administrator.
        InputError: role and office do not go together, or are not known.
    """
    with for_writing(running.engine).begin() as connection:
        user = _found(connection, user_id)
        after = {
            name: changed.get(name, getattr(user, name)) for name in ("role", "office", "active", "monthly_visits")
        }
        check_place(after["role"], after["office"], USER_ROLES, running.offices)
        stays_admin = after["role"] == ADMIN and after["active"]
        if user.role == ADMIN and user.active and not stays_admin and count_active(connection, ADMIN) == 1:
            raise ProblemError(CONFLICT, "last_admin")
        if not change_user(connection, user_id, version, after):
            raise ProblemError(PRECONDITION_FAILED, "changed_meanwhile", current_version=user.version, seen=version)
        if any(after[name] != getattr(user, name) for name in ("role", "office", "active")):
            delete_sessions_of(connection, user_id)
        _log(connection, running, by, "user.change", f"user:{user_id}", **after)
        return _found(connection, user_id)


def reset_password(running: Running, user_id: str, by: By) -> str:
    """Give a user another password, which ends every session; return it.

    Raises:
        ProblemError: 404, there is no such user.
    """
    password = new_password()
    hashed = hash_password(password)
    with for_writing(running.engine).begin() as connection:
        _found(connection, user_id)
        set_password(connection, user_id, hashed)
        delete_sessions_of(connection, user_id)
        _log(connection, running, by, "user.reset_password", f"user:{user_id}")
    return password


def create_key(running: Running, wanted: NewKey, by: By) -> tuple[Key, str]:
    """Store a new key; return it with what the system has to send, which nobody can read again.

    Raises:
        InputError: role and office do not go together, or are not known.
    """
    check_place(wanted.role, wanted.office, ROLES, running.offices)
    key = Key(
        random_id(ID_BYTES),
        wanted.owner,
        wanted.role,
        wanted.office,
        wanted.scopes,
        created_at=by.stored_at,
        expires_at=by.stored_at + timedelta(days=wanted.days),
        revoked_at=None,
    )
    secret = new_token()
    with for_writing(running.engine).begin() as connection:
        add_key(connection, key, token_hash(secret))
        _log(connection, running, by, "key.create", f"key:{key.key_id}", role=key.role, scopes=list(key.scopes))
    return key, f"rk_{key.key_id}_{secret}"


def end_key(running: Running, key_id: str, by: By) -> None:
    """Revoke a key.

    Raises:
        ProblemError: 404, there is no such key.
    """
    with for_writing(running.engine).begin() as connection:
        if find_key(connection, key_id) is None:
            raise ProblemError(NOT_FOUND, "no_such_key", key_id=key_id)
        revoke_key(connection, key_id, by.stored_at)
        _log(connection, running, by, "key.revoke", f"key:{key_id}")


def _found(connection: Connection, user_id: str) -> User:
    user = find_user(connection, user_id)
    if user is None:
        raise ProblemError(NOT_FOUND, "no_such_user", user_id=user_id)
    return user


def _log(connection: Connection, running: Running, by: By, action: str, of: str, **detail: Any) -> None:
    audit.append(connection, audit.Entry(by.at, by.who, by.role, action, of, detail), key=running.audit_key)
