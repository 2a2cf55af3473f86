"""What was told to the service, and what did it change?

Rows are appended and never altered: the present state of a placement follows from them, in whatever
order they came.
"""

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, Table, Text, UniqueConstraint

from service.tables.naming import Json, metadata

placement_versions = Table(
    "placement_versions",
    metadata,
    Column("version_id", Integer, primary_key=True),
    Column("placement_id", Text, nullable=False, index=True),
    Column("registered_by", Text),
    Column("origin", Text, nullable=False),
    Column("service_office", Text),
    Column("destination", Text, nullable=False),
    Column("sector", Text, nullable=False),
    Column("position", Text),
    Column("employer_type", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("certification_level", Integer),
    Column("certification_verified", Boolean),
    Column("language_certificate", Boolean),
    Column("agency_id", Text),
    Column("overseas_agency_id", Text),
    Column("employer_ref", Text),
    Column("wage_monthly_idr", Float),
    Column("fee_idr", Float),
    Column("contract_months", Integer),
    Column("contract_signed_before_departure", Boolean),
    Column("has_work_visa", Boolean),
    Column("has_bpjs", Boolean),
    Column("has_health_certificate", Boolean),
    Column("attended_opp", Boolean),
    Column("prior_placements", Integer),
    Column("registered_on", Date),
    Column("departed_on", Date),
    Column("contract_end_on", Date),
    Column("returned_on", Date),
    Column("recorded_at", DateTime, nullable=False),
    Column("data_origin", Text, nullable=False),
)
"""Every version of every placement, also of those that left the cohort; training reads them."""

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
"""Each event once, known by its source and id; `data` holds what it says beyond the columns."""

inspections = Table(
    "inspections",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("inspection_id", Text, nullable=False, unique=True),
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
    Column("recorded_at", DateTime, nullable=False),
    Column("data_origin", Text, nullable=False),
    Column("replaced_by", Text),
)
"""Each visit, also "not reached" and "deferred"; a correction is a new row that the old one names."""

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

clocks = Table(
    "clocks",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("as_of", DateTime, nullable=False),
)
"""Up to when an agency, or a placement without one, is known from events later than the newest import."""
