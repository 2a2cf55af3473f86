"""What does the service keep so that it can answer for itself?"""

from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table, Text

from service.tables.naming import Json, metadata

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", DateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text),
    Column("detail", Text, nullable=False),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
"""Who did or read what; each row holds the hash of the one before, and triggers refuse any change."""

audit_head = Table(
    "audit_head",
    metadata,
    Column("head", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("seal", Text, nullable=False),
)
"""The newest row of the log, sealed with a key outside the database, so that a cut tail shows."""

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("answer", LargeBinary),
    Column("created_at", DateTime, nullable=False, index=True),
    Column("free_at", DateTime, nullable=False),
)
"""The first answer to each `Idempotency-Key` of a caller, whose `key` is kept as a hash.

`state` is running, applied (something was committed) or answered. `token` names the run that may
commit; `free_at` is when another run may take the place of one that died. `answer` is encrypted.
"""

receipt_bundles = Table(
    "receipt_bundles",
    metadata,
    Column("bundle_id", Text, primary_key=True),
    Column("made_at", DateTime, nullable=False),
    Column("number", Integer, nullable=False),
    Column("bodies", LargeBinary, nullable=False),
    Column("signature", Text, nullable=False),
    Column("office", Text),
    Column("owner", Text),
)
"""From what scores were made, without identifiers: `number` receipts that one signature stands for.

`bodies` are their exact texts, in order, one per line, compressed (zlib). The id of a receipt is `bundle_id` and one
letter more, for its place. `office` and `owner` say for whom they were made: staff of an office, or a
system with a key.
"""

receipts = Table(
    "receipts",
    metadata,
    Column("receipt_id", Text, primary_key=True),
    Column("made_at", DateTime, nullable=False),
    Column("body", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("office", Text),
    Column("owner", Text),
)
"""Receipts of earlier versions, each signed alone; nothing is added any more."""

receipt_links = Table(
    "receipt_links",
    metadata,
    Column("receipt_id", Text, primary_key=True),
    Column("placement_id", Text, nullable=False, index=True),
)
"""Whose receipt it is; erasing a person removes the row and leaves the receipt."""

worker_requests = Table(
    "worker_requests",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("worker_ref", Text, index=True),
    Column("kind", Text, nullable=False),
    Column("placement_id", Text),
    Column("detail", Json, nullable=False),
    Column("made_at", DateTime, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("state", Text, nullable=False),
)
"""Corrections, objections and erasures; an erasure keeps no `worker_ref`."""

switches = Table(
    "switches",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    Column("changed_by", Text, nullable=False),
)
"""What is set for all workers at once: `model` (on or off) and `release` (a version to look for)."""
