"""How does a session begin for somebody who showed who they are?"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from service.passwords import new_token, token_hash
from service.running import Running
from service.storage import audit
from service.storage.people import User
from service.storage.sessions import add_session


@dataclass(frozen=True)
class SignedIn:
    """A new session: `token` goes into the cookie and nowhere else."""

    user: User
    token: str
    form_token: str
    expires_at: datetime


def begin_session(connection: Connection, running: Running, user: User, at: datetime, **detail: str) -> SignedIn:
    """Open a session of `user` and write that down, in the transaction of `connection`; `at` is naive UTC."""
    opened = SignedIn(user, new_token(), new_token(), at + timedelta(hours=running.settings.session_hours))
    add_session(
        connection,
        token_hash(opened.token),
        user.user_id,
        form_token=opened.form_token,
        at=at,
        expires_at=opened.expires_at,
    )
    entry = audit.Entry(at.replace(tzinfo=UTC), f"user:{user.user_id}", user.role, "session.open", None, detail)
    audit.append(connection, entry, key=running.audit_key)
    return opened
