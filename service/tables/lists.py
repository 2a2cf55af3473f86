"""What is kept of a priority list, of what becomes of its rows, and of the visits?"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
)

from service.tables.naming import Json, metadata

lists = Table(
    "lists",
    metadata,
    Column("list_id", Text, primary_key=True),
    Column("created_at", DateTime, nullable=False, index=True),
    Column("as_of", DateTime, nullable=False),
    Column("office", Text, index=True),
    Column("unit", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("random_share", Float, nullable=False),
    Column("coverage_share", Float, nullable=False),
    Column("eligible", Integer, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("model_kind", Text, nullable=False),
    Column("data_origin", Text, nullable=False),
    Column("notices", Json, nullable=False),
    Column("price", Json, nullable=False),
)
"""Each priority list as it was asked for; `office` is null for a list of the whole register."""

list_rows = Table(
    "list_rows",
    metadata,
    Column("list_id", Text, ForeignKey("lists.list_id"), primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("placement_id", Text),
    Column("placements", Integer, nullable=False),
    Column("arm", Text, nullable=False),
    Column("inclusion_probability", Float, nullable=False),
    Column("band", Text, nullable=False),
    Column("supported", Boolean, nullable=False),
    Column("risk", Float),
    Column("low", Float),
    Column("high", Float),
    Column("stage", Text),
    Column("competent_bodies", Text),
    Column("agency_id", Text),
    Column("employer_ref", Text),
    Column("destination", Text),
    Column("sector", Text),
    Column("position", Text),
    Column("area", Text),
    Column("origin", Text),
    Column("reasons", Json, nullable=False),
    Column("mandatory_because", Text),
    Column("recorded_at", DateTime),
    Column("terms", Json),
)
"""The rows of a list as they were when it was made; a later import changes none of them.

The risk of a row that stands for several placements is the number expected to come to harm. `terms`
is what the score whose reasons the row shows adds up from (see `drawing`): null where there is no number.
"""

list_probabilities = Table(
    "list_probabilities",
    metadata,
    Column("list_id", Text, ForeignKey("lists.list_id"), primary_key=True),
    Column("placement_id", Text, primary_key=True),
    Column("unit_id", Text, nullable=False),
    Column("inclusion_probability", Float, nullable=False),
    sqlite_with_rowid=False,
)
"""The probability of every eligible placement of being on the list, also of those that are not."""

list_states = Table(
    "list_states",
    metadata,
    Column("list_id", Text, ForeignKey("lists.list_id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("issued_at", DateTime),
    Column("closed_at", DateTime),
    Column("superseded_by", Text),
)
"""Where a list stands: draft, issued, in_progress or closed; `superseded_by` names the list that took its place."""

row_states = Table(
    "row_states",
    metadata,
    Column("list_id", Text, primary_key=True),
    Column("rank", Integer, primary_key=True),
    Column("status", Text, nullable=False),
    Column("office", Text, index=True),
    Column("inspector", Text, index=True),
    Column("priority", Text),
    Column("reason_code", Text),
    Column("note", Text),
    Column("deferred_until", DateTime),
    Column("inspection_id", Text),
    Column("version", Integer, nullable=False),
    Column("updated_at", DateTime, nullable=False),
    ForeignKeyConstraint(["list_id", "rank"], ["list_rows.list_id", "list_rows.rank"]),
)
"""Where the visit of a row stands, beside the row itself, which never changes.

`status` is open, accepted, deferred, not_reached, visited or dropped; `priority` raised or lowered
where a person overrode the order; `office` the one that is to make the visit now.
"""

row_actions = Table(
    "row_actions",
    metadata,
    Column("action_id", Integer, primary_key=True),
    Column("list_id", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("reason_code", Text),
    Column("note", Text),
    Column("detail", Json, nullable=False),
    ForeignKeyConstraint(["list_id", "rank"], ["list_rows.list_id", "list_rows.rank"]),
)
"""Everything that people did with a row, in order."""

Index(None, row_actions.c.list_id, row_actions.c.rank)

row_flags = Table(
    "row_flags",
    metadata,
    Column("flag_id", Integer, primary_key=True),
    Column("list_id", Text, nullable=False, index=True),
    Column("rank", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("detail", Json, nullable=False),
    ForeignKeyConstraint(["list_id", "rank"], ["list_rows.list_id", "list_rows.rank"]),
)
"""What happened to a row's placement after the list was issued: band_changed, complaint, corrected, returned."""
