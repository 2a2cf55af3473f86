"""Is the audit log whole, and which row is the first that is not?

Finds a changed, deleted, inserted or moved row by the hashes, a cut tail by the sealed head, and a
log that was put back to an earlier state by the anchor, a copy of a head kept outside the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from service.storage.audit import GENESIS, HEAD, row_hash, seal
from service.tables.keeping import audit_head, audit_log

ROWS_AT_ONCE: Final = 5000


@dataclass(frozen=True)
class Anchor:
    """What the head of the log was at some time: number, hash and seal of its newest row."""

    seq: int
    hash: str
    seal: str


@dataclass(frozen=True)
class Verdict:
    """Whether the log is whole: how many rows hold, and where and what the first fault is; no fault is None."""

    rows: int
    first_bad: int | None
    fault: str | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return self.fault is None


def read_head(connection: Connection) -> Anchor | None:
    """Return the head of the log as it stands; None where nothing was ever written."""
    query = select(audit_head.c.seq, audit_head.c.hash, audit_head.c.seal).where(audit_head.c.head == HEAD)
    row = connection.execute(query).one_or_none()
    return Anchor(*row) if row else None


def check(connection: Connection, *, key: bytes | None, anchor: Anchor | None = None) -> Verdict:
    """Read the whole log and return what holds.

    Args:
        connection: one that sees a single state of the database throughout.
        key: the key the head is sealed with; None leaves the seals out.
        anchor: an earlier head that must still be part of the log.
    """
    previous, expected = GENESIS, 1
    if anchor is not None and key is not None and anchor.seal != seal(anchor.seq, anchor.hash, key):
        return Verdict(0, anchor.seq, "the anchor itself was altered: its seal does not fit")
    for row in _rows(connection):
        fault = _fault(row, expected, previous, anchor)
        if fault is not None:
            return Verdict(expected - 1, min(expected, row["seq"]), fault)
        previous, expected = row["hash"], expected + 1
    return _tail(expected - 1, previous, read_head(connection), key, anchor)


def _fault(row: dict[str, Any], expected: int, previous: str, anchor: Anchor | None) -> str | None:
    if row["seq"] != expected:
        return f"row {expected} is missing; row {row['seq']} stands in its place"
    if row["previous_hash"] != previous:
        return f"row {expected} does not follow the row before it"
    if row["hash"] != row_hash(row):
        return f"row {expected} was altered"
    if anchor is not None and anchor.seq == expected and anchor.hash != row["hash"]:
        return f"row {expected} is not the one that the anchor holds: the log was rewritten"
    return None


def _tail(rows: int, newest: str, head: Anchor | None, key: bytes | None, anchor: Anchor | None) -> Verdict:
    last = rows + 1
    if anchor is not None and anchor.seq > rows:
        return Verdict(rows, last, f"row {last} and later are missing: the anchor holds row {anchor.seq}")
    if head is None:
        return Verdict(rows, 1, "the head is missing") if rows else Verdict(0, None, None)
    if head.seq > rows:
        return Verdict(rows, last, f"row {last} and later are missing: the head names row {head.seq}")
    if (head.seq, head.hash) != (rows, newest):
        return Verdict(rows, head.seq + 1, f"row {head.seq + 1} was added past the head")
    if key is not None and head.seal != seal(head.seq, head.hash, key):
        return Verdict(rows, head.seq, f"row {head.seq} is not sealed with this key")
    return Verdict(rows, None, None)


def _rows(connection: Connection) -> Iterator[dict[str, Any]]:
    """Yield the rows in order, few at a time."""
    after = 0
    while True:
        query = select(audit_log).where(audit_log.c.seq > after).order_by(audit_log.c.seq).limit(ROWS_AT_ONCE)
        found = connection.execute(query).mappings().all()
        yield from (dict(row) for row in found)
        if len(found) < ROWS_AT_ONCE:
            return
        after = found[-1]["seq"]
