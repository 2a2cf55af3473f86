"""Which tables does the service keep?

Dates and instants are naive UTC. Of a person the service keeps nothing but the opaque id of the
placement: sex, birth year, education and marital status stay in the data set.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints get the same names on both databases, so that a migration can name them."""

metadata = MetaData(naming_convention=NAMES)
Json = JSON().with_variant(JSONB(), "postgresql")

placements = Table(
    "placements",
    metadata,
    Column("placement_id", Text, primary_key=True),
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
"""The cohort of the newest import: not yet departed, at work, or lately returned."""

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
)
"""Each import with the histories as they stood at its date (`snapshot`, JSON)."""

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

recent_visits = Table(
    "recent_visits",
    metadata,
    Column("visit", Integer, primary_key=True),
    Column("placement_id", Text),
    Column("corridor", Text),
    Column("agency_id", Text),
    Column("employer_ref", Text),
    Column("area", Text),
)
"""What was visited in the year before the newest import: a list spreads towards what was not."""

mandatory_cases = Table(
    "mandatory_cases",
    metadata,
    Column("placement_id", Text, primary_key=True),
    Column("category", Text, nullable=False),
    Column("recorded_at", DateTime, nullable=False),
)
"""Placements with a recent grave complaint that no visit has followed up; they are on every list."""

resting_placements = Table(
    "resting_placements",
    metadata,
    Column("placement_id", Text, primary_key=True),
)
"""Placements that a visit reached shortly before the newest import; only chance draws them."""

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
)
"""The rows of a list as they were when it was made; a later import changes none of them.

The risk of a row that stands for several placements is the number expected to come to harm.
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
