"""Who did or read what, so that nobody can change it afterwards?

Every row holds the hash of the row before it. The newest row is sealed with a key that the database
does not hold, so that a cut tail shows as well. Rows are written in the transaction of what they tell.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select, text, update

from service.instants import naive_utc
from service.tables.keeping import audit_head, audit_log

GENESIS: Final = "0" * 64
HEAD: Final = 1
LOCK: Final = 7_305_001
"""Number of the PostgreSQL lock that lets one writer at a time extend the chain; SQLite has one writer anyway."""


@dataclass(frozen=True)
class Entry:
    """What one row of the log tells: `object` is an opaque id, `detail` codes and numbers, nothing personal."""

    at: datetime
    who: str
    role: str
    action: str
    object: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


def append(connection: Connection, entry: Entry, *, key: bytes) -> int:
    """Add `entry` to the log in the transaction of `connection`, which must be open for writing; return its number."""
    return append_all(connection, (entry,), key=key)


def append_all(connection: Connection, entries: Sequence[Entry], *, key: bytes) -> int:
    """Add several entries, at least one, in their order; return the number of the last."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    head = connection.execute(
        select(audit_head.c.seq, audit_head.c.hash).where(audit_head.c.head == HEAD)
    ).one_or_none()
    seq, hashed = (head.seq, head.hash) if head else (0, GENESIS)
    rows = []
    for entry in entries:
        seq += 1
        row = {"seq": seq, **_told(entry), "previous_hash": hashed}
        hashed = row_hash(row)
        rows.append({**row, "hash": hashed})
    connection.execute(insert(audit_log), rows)
    sealed = {"seq": seq, "hash": hashed, "seal": seal(seq, hashed, key)}
    if head:
        connection.execute(update(audit_head).where(audit_head.c.head == HEAD).values(**sealed))
    else:
        connection.execute(insert(audit_head), {"head": HEAD, **sealed})
    return seq


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "at": naive_utc(entry.at),
        "who": entry.who,
        "role": entry.role,
        "action": entry.action,
        "object": entry.object,
        "detail": json.dumps(entry.detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False),
    }


def row_hash(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a row's content and of the hash before it."""
    names = ("seq", "at", "who", "role", "action", "object", "detail", "previous_hash")
    told = [row[name].isoformat() if isinstance(row[name], datetime) else row[name] for name in names]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def seal(seq: int, hashed: str, key: bytes) -> str:
    """Return the HMAC-SHA256 of the newest row."""
    return hmac.new(key, f"{seq}:{hashed}".encode(), hashlib.sha256).hexdigest()
