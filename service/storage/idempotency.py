"""Which requests were carried out already, and what was answered?

A claim is taken before a request runs. Every transaction in which the request writes also marks the
claim as applied, so both are committed or neither, and only the run that holds the claim can commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.tables.keeping import idempotency_keys as keys

RUNNING, APPLIED, ANSWERED = "running", "applied", "answered"
NEW, TAKEN, CHANGED, LOST = "new", "taken", "changed", "lost"
INSERTS: Final[Mapping[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Claim:
    """One run of a request: whose, under which hashed key, and the `token` that only this run holds."""

    caller: str
    key: str
    token: str


@dataclass(frozen=True)
class Found:
    """What is known of a request.

    `what` is new (it may run), taken (it runs elsewhere), changed (the key was used for another
    request), lost (it took effect, its answer is gone) or answered, with the `answer` as it was kept.
    """

    what: str
    answer: bytes | None = None


class ClaimLostError(Exception):
    """Another run took the place of this one, which must not commit anything."""


def claim(connection: Connection, mine: Claim, request_hash: str, *, at: datetime, free_at: datetime) -> Found:
    """Take the key for this run, or return what became of the request that had it first."""
    row = {
        "caller": mine.caller,
        "key": mine.key,
        "request_hash": request_hash,
        "state": RUNNING,
        "token": mine.token,
        "created_at": at,
        "free_at": free_at,
    }
    insert = INSERTS[connection.dialect.name]
    taken = insert(keys).values(row).on_conflict_do_nothing().returning(keys.c.token)
    if connection.execute(taken).first() is not None:
        return Found(NEW)
    first = connection.execute(select(keys).where(_is(mine)).with_for_update()).one()
    if first.request_hash != request_hash:
        return Found(CHANGED)
    if first.state == ANSWERED:
        return Found(ANSWERED, first.answer)
    if at < first.free_at:
        return Found(TAKEN)
    if first.state == APPLIED:
        return Found(LOST)
    connection.execute(update(keys).where(_is(mine)).values(token=mine.token, free_at=free_at))
    return Found(NEW)


def mark_applied(connection: Connection, mine: Claim) -> None:
    """Mark, in the transaction of the effect, that the request took effect.

    Raises:
        ClaimLostError: this run holds the claim no longer; its transaction has to be rolled back.
    """
    marked = connection.execute(update(keys).where(_is(mine, only_run=True)).values(state=APPLIED))
    if marked.rowcount != 1:
        raise ClaimLostError(mine.key)


def keep_answer(connection: Connection, mine: Claim, answer: bytes) -> None:
    """Keep what the request was answered; nothing where another run took its place."""
    connection.execute(update(keys).where(_is(mine, only_run=True)).values(state=ANSWERED, answer=answer))


def let_go(connection: Connection, mine: Claim, *, at: datetime) -> None:
    """Free the key of a request without an answer to keep, unless it took effect."""
    connection.execute(delete(keys).where(_is(mine, only_run=True), keys.c.state == RUNNING))
    connection.execute(update(keys).where(_is(mine, only_run=True)).values(free_at=at))


def forget_before(connection: Connection, limit: datetime) -> None:
    """Delete keys that were first used before `limit`."""
    connection.execute(delete(keys).where(keys.c.created_at < limit))


def forget_answers(connection: Connection) -> int:
    """Delete all kept answers, because a person is erased; return how many.

    They are encrypted, so nobody can tell which of them name the person. A repeated request is told
    that it took effect, and nothing is done twice.
    """
    forgotten: dict[str, Any] = {"state": APPLIED, "answer": None, "free_at": keys.c.created_at}
    return connection.execute(update(keys).where(keys.c.state == ANSWERED).values(forgotten)).rowcount


def _is(mine: Claim, *, only_run: bool = False) -> ColumnElement[bool]:
    this = (keys.c.caller == mine.caller) & (keys.c.key == mine.key)
    return this & (keys.c.token == mine.token) if only_run else this
