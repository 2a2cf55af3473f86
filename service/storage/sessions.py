"""Who is signed in at present, and who tried in vain?"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, text, update

from service.storage.people import User
from service.tables.people import sessions, sign_in_attempts, users

LOCK: Final = 7_305_003
"""Number of the PostgreSQL lock of those who count attempts."""


@dataclass(frozen=True)
class Session:
    """One open session: who, what its forms must send back, until when at most, and when it was last used."""

    user: User
    form_token: str
    expires_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class Attempts:
    """Failed attempts in a row of one login or address, and the newest of them."""

    failures: int
    newest_at: datetime


def add_session(
    connection: Connection, token_hash: str, user_id: str, *, form_token: str, at: datetime, expires_at: datetime
) -> None:
    """Open a session and forget those that are over."""
    connection.execute(delete(sessions).where(sessions.c.expires_at <= at))
    connection.execute(
        insert(sessions),
        {
            "token_hash": token_hash,
            "user_id": user_id,
            "form_token": form_token,
            "created_at": at,
            "expires_at": expires_at,
            "seen_at": at,
        },
    )


def find_session(connection: Connection, token_hash: str) -> Session | None:
    """Return the session with this hash, also one that is over, or None."""
    of_user = [users.c[name] for name in User.__dataclass_fields__]
    query = select(sessions.c.form_token, sessions.c.expires_at, sessions.c.seen_at, *of_user).join_from(
        sessions, users, users.c.user_id == sessions.c.user_id
    )
    row = connection.execute(query.where(sessions.c.token_hash == token_hash)).one_or_none()
    return Session(User(*row[3:]), *row[:3]) if row else None


def mark_seen(connection: Connection, token_hash: str, at: datetime) -> None:
    """Write down that a session was used."""
    connection.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=at))


def delete_session(connection: Connection, token_hash: str) -> None:
    """Close one session; nothing happens where there is none."""
    connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


def delete_sessions_of(connection: Connection, user_id: str) -> None:
    """Close every session of a user."""
    connection.execute(delete(sessions).where(sessions.c.user_id == user_id))


def lock_attempts(connection: Connection) -> None:
    """Let one writer at a time count attempts until the transaction ends; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def read_attempts(connection: Connection, subjects: Collection[str]) -> dict[str, Attempts]:
    """Return what failed before, by subject."""
    query = select(sign_in_attempts).where(sign_in_attempts.c.subject.in_(subjects))
    return {row.subject: Attempts(row.failures, row.newest_at) for row in connection.execute(query)}


def forget_attempts(connection: Connection, before: datetime) -> None:
    """Delete what failed long ago."""
    connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.newest_at < before))


def write_attempts(connection: Connection, attempts: Iterable[tuple[str, Attempts]]) -> None:
    """Replace the attempts of each named subject; no failures leave no row."""
    for subject, counted in attempts:
        connection.execute(delete(sign_in_attempts).where(sign_in_attempts.c.subject == subject))
        if counted.failures > 0:
            values: dict[str, Any] = {"failures": counted.failures, "newest_at": counted.newest_at}
            connection.execute(insert(sign_in_attempts), {"subject": subject, **values})
