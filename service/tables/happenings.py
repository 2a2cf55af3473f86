"""What was told to the service, and what did it change?

Rows are appended and never altered: the present state of a placement follows from them, in whatever
order they came.
"""

from sqlalchemy import Boolean, Column, DateTime, Float, Integer, Table, Text, UniqueConstraint

from service.tables.naming import Json, metadata
from service.tables.placement_columns import placement_columns

placement_versions = Table(
    "placement_versions",
    metadata,
    Column("version_id", Integer, primary_key=True),
    Column("placement_id", Text, nullable=False, index=True),
    Column("registered_by", Text),
    Column("import_id", Integer, index=True),
    *placement_columns(),
)
"""Every version of every placement, also of those that left the cohort; training reads them.

`registered_by` is the owner of the key that told it; `import_id` the import that brought it, null where none did.
"""

placement_workers = Table(
    "placement_workers",
    metadata,
    Column("placement_id", Text, primary_key=True),
    Column("worker_ref", Text, nullable=False, index=True),
)
"""Which placements are of one person (a keyed pseudonym of the source); erasing a person removes the rows."""

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("told_by", Text),
    Column("import_id", Integer, index=True),
    Column("placement_id", Text, index=True),
    Column("area", Text),
    Column("type", Text, nullable=False),
    Column("category", Text),
    Column("procedural", Boolean),
    Column("occurred_at", DateTime, nullable=False),
    Column("recorded_at", DateTime, nullable=False),
    Column("data", Json),
    Column("data_origin", Text, nullable=False),
    UniqueConstraint("source", "event_id"),
)
"""Each event once, known by its source and id; `data` holds what it says beyond the columns.

`told_by` is the owner of the key that told it, null where staff or an import did.
"""

inspections = Table(
    "inspections",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("inspection_id", Text, nullable=False, unique=True),
    Column("import_id", Integer, index=True),
    Column("placement_id", Text, index=True),
    Column("agency_id", Text),
    Column("area", Text),
    Column("list_id", Text, index=True),
    Column("rank", Integer),
    Column("arm", Text, nullable=False),
    Column("inclusion_probability", Float),
    Column("visited_at", DateTime, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("category", Text),
    Column("severity", Integer),
    Column("note", Text),
    Column("inspector", Text),
    Column("office", Text, index=True),
    Column("recorded_at", DateTime, nullable=False),
    Column("data_origin", Text, nullable=False),
    Column("replaced_by", Text),
)
"""Each visit, also "not reached" and "deferred", by `inspector` of `office`.

`replaced_by` is null where the row counts: a correction is a new row that the old one names, and a visit
that was taken back within seconds holds the word undone.
"""

changes = Table(
    "changes",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("placement_id", Text, nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("band_before", Text),
    Column("band_after", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("model_version", Text, nullable=False),
)
"""Each change of a band, in the order in which they came about."""

tally_entries = Table(
    "tally_entries",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("about", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("row", Json, nullable=False),
    Column("owner", Json),
)
"""Each fact counted into the histories since the newest import, or taken out again (`times` -1), in order.

`about` is the table of the fact, `row` its columns that histories read, `owner` those of its placement.
Every process counts the same rows in the same order, so all see the same histories.
"""

corridor_refreshes = Table(
    "corridor_refreshes",
    metadata,
    Column("refresh_id", Integer, primary_key=True),
    Column("at", DateTime, nullable=False),
    Column("entries_seq", Integer, nullable=False),
)
"""Up to which entry the histories of corridors count; the newest row holds."""

clocks = Table(
    "clocks",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("as_of", DateTime, nullable=False),
)
"""Up to when an agency, or a placement without one, is known from events later than the newest import."""

agencies_due = Table(
    "agencies_due",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("agency_id", Text, nullable=False, unique=True),
    Column("after", Text, nullable=False),
    Column("again", Boolean, nullable=False),
)
"""Agencies whose placements wait to be scored anew, those that wait longest first.

The placements up to `after` are done; `again` says that something moved since they were begun.
"""
