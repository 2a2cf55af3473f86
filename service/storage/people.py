"""Who may sign in, and which systems hold a key?

Passwords and secrets are here as hashes alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, update

from service.tables.people import api_keys, users


@dataclass(frozen=True)
class User:
    """One member of staff; `office` is null for roles that see every office, `version` counts the changes."""

    user_id: str
    login: str
    role: str
    office: str | None
    active: bool
    monthly_visits: int | None
    created_at: datetime
    version: int


@dataclass(frozen=True)
class Key:
    """One key of a system: `owner` names the system whose records it sees, `revoked_at` is null while it is good."""

    key_id: str
    owner: str
    role: str
    office: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


_USER = tuple(users.c[name] for name in User.__dataclass_fields__)
_KEY = tuple(api_keys.c[name] for name in Key.__dataclass_fields__)


def add_user(connection: Connection, user: User, password_hash: str | None) -> None:
    """Store a new user; `password_hash` is null where another system signs them in.

    Raises:
        IntegrityError: the login is taken.
    """
    values = {name: getattr(user, name) for name in User.__dataclass_fields__}
    connection.execute(insert(users), {**values, "password_hash": password_hash})


def find_user(connection: Connection, user_id: str) -> User | None:
    """Return the user with this number, or None."""
    row = connection.execute(select(*_USER).where(users.c.user_id == user_id)).one_or_none()
    return User(*row) if row else None


def find_login(connection: Connection, login: str) -> tuple[User, str | None] | None:
    """Return the user who signs in as `login`, with the hash of the password; None where nobody does."""
    row = connection.execute(select(*_USER, users.c.password_hash).where(users.c.login == login)).one_or_none()
    return (User(*row[:-1]), row[-1]) if row else None


def logins_of(connection: Connection, user_ids: Collection[str]) -> dict[str, str]:
    """Return by what each of these users signs in, by number; users that are not there are left out."""
    if not user_ids:
        return {}
    found = select(users.c.user_id, users.c.login).where(users.c.user_id.in_(user_ids))
    return {row.user_id: row.login for row in connection.execute(found)}


def list_users(engine: Engine, *, limit: int, after: str | None = None) -> list[User]:
    """Return at most `limit` users by login; `after` is the login that the page before ended with."""
    query = select(*_USER).order_by(users.c.login).limit(limit)
    if after is not None:
        query = query.where(users.c.login > after)
    with engine.connect() as connection:
        return [User(*row) for row in connection.execute(query)]


def count_active(connection: Connection, role: str) -> int:
    """Return how many active users have this role."""
    counted = select(func.count()).select_from(users).where(users.c.role == role, users.c.active.is_(True))
    return int(connection.execute(counted).scalar_one())


def change_user(connection: Connection, user_id: str, version: int, values: Mapping[str, Any]) -> bool:
    """Change a user who is still at `version`; return whether that was so. The version goes up by one."""
    changed = connection.execute(
        update(users)
        .where(users.c.user_id == user_id, users.c.version == version)
        .values(**values, version=version + 1)
    )
    return bool(changed.rowcount)


def set_password(connection: Connection, user_id: str, password_hash: str) -> None:
    """Store another password of a user."""
    connection.execute(update(users).where(users.c.user_id == user_id).values(password_hash=password_hash))


def add_key(connection: Connection, key: Key, key_hash: str) -> None:
    """Store a new key by the hash of its secret."""
    values = {name: getattr(key, name) for name in Key.__dataclass_fields__}
    connection.execute(insert(api_keys), {**values, "scopes": list(key.scopes), "key_hash": key_hash})


def find_key(connection: Connection, key_id: str) -> tuple[Key, str] | None:
    """Return a key, also one that expired or was revoked, with the hash of its secret; None where there is none."""
    row = connection.execute(select(*_KEY, api_keys.c.key_hash).where(api_keys.c.key_id == key_id)).one_or_none()
    return (_key(row[:-1]), str(row[-1])) if row else None


def list_keys(engine: Engine, *, limit: int, after: str | None = None) -> list[Key]:
    """Return at most `limit` keys by number, those revoked as well."""
    query = select(*_KEY).order_by(api_keys.c.key_id).limit(limit)
    if after is not None:
        query = query.where(api_keys.c.key_id > after)
    with engine.connect() as connection:
        return [_key(row) for row in connection.execute(query)]


def revoke_key(connection: Connection, key_id: str, at: datetime) -> None:
    """Make a key worthless from now on; one that is revoked already keeps its date."""
    good = (api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
    connection.execute(update(api_keys).where(*good).values(revoked_at=at))


def _key(row: Any) -> Key:
    found = dict(zip(Key.__dataclass_fields__, row, strict=True))
    return Key(**{**found, "scopes": tuple(found["scopes"])})
