"""What does the service know of placements and of what happened around them?"""

from sqlalchemy import Boolean, Column, DateTime, Float, ForeignKey, Index, Integer, Table, Text

from service.tables.naming import metadata
from service.tables.placement_columns import placement_columns

placements = Table(
    "placements",
    metadata,
    Column("placement_id", Text, primary_key=True),
    *placement_columns(),
    Column("registered_by", Text),
)
"""The cohort as it stands: not yet departed, at work, or lately returned.

`registered_by` is the owner of the API key that registered it; null where an import did.
"""
Index(None, placements.c.agency_id, placements.c.departed_on, placements.c.returned_on)

imports = Table(
    "imports",
    metadata,
    Column("import_id", Integer, primary_key=True),
    Column("as_of", DateTime, nullable=False),
    Column("imported_at", DateTime, nullable=False),
    Column("source", Text, nullable=False),
    Column("placements", Integer, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("data_origin", Text, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("events_seq", Integer, nullable=False),
    Column("inspections_seq", Integer, nullable=False),
    Column("entries_seq", Integer, nullable=False),
)
"""Each import with the histories as they stood at its date (`snapshot`, JSON).

`events_seq` and `inspections_seq` number the newest of either then there. What the histories do not
count is in `tally_entries` from after `entries_seq`, and is counted on top.
"""

scores = Table(
    "scores",
    metadata,
    Column("placement_id", Text, ForeignKey("placements.placement_id"), primary_key=True),
    Column("as_of", DateTime, nullable=False),
    Column("stage", Text, nullable=False),
    Column("risk", Float),
    Column("low", Float),
    Column("high", Float),
    Column("band", Text, nullable=False),
    Column("supported", Boolean, nullable=False),
    Column("model_version", Text, nullable=False),
)
"""The present score of each placement in the cohort; no number where `supported` is false.

Reasons are not kept here: they follow from the placement, the histories and the release, and are
written down with the rows of a list.
"""
Index(None, scores.c.stage, scores.c.band, scores.c.risk)

recent_visits = Table(
    "recent_visits",
    metadata,
    Column("visit", Integer, primary_key=True),
    Column("placement_id", Text),
    Column("corridor", Text),
    Column("agency_id", Text),
    Column("employer_ref", Text),
    Column("area", Text),
    Column("inspection_id", Text),
)
"""What was visited in the year before the newest import, and since: a list spreads towards what was not.

`inspection_id` is null where an import brought the visit, here and in the tables below.
"""

mandatory_cases = Table(
    "mandatory_cases",
    metadata,
    Column("placement_id", Text, primary_key=True),
    Column("category", Text, nullable=False),
    Column("recorded_at", DateTime, nullable=False),
    Column("followed_up_by", Text),
)
"""Placements with a recent grave complaint; they are on every list until a visit (`followed_up_by`) reaches them."""

resting_placements = Table(
    "resting_placements",
    metadata,
    Column("placement_id", Text, primary_key=True),
    Column("inspection_id", Text),
)
"""Placements that a visit reached shortly before the newest import, or since; only chance draws them."""

area_events = Table(
    "area_events",
    metadata,
    Column("area", Text, primary_key=True),
    Column("deaths", Integer, nullable=False),
    Column("deportations", Integer, nullable=False),
    Column("interceptions", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("newest", DateTime),
    Column("recorded_placements", Integer, nullable=False),
)
"""What came home to each area in the year before the newest import, mostly of workers no placement records."""
