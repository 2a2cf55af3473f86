"""Versions of placements, events, visits, and what they changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "placement_versions",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Text(), nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("service_office", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("employer_type", sa.Text(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("certification_level", sa.Integer(), nullable=True),
        sa.Column("certification_verified", sa.Boolean(), nullable=True),
        sa.Column("language_certificate", sa.Boolean(), nullable=True),
        sa.Column("agency_id", sa.Text(), nullable=True),
        sa.Column("overseas_agency_id", sa.Text(), nullable=True),
        sa.Column("employer_ref", sa.Text(), nullable=True),
        sa.Column("wage_monthly_idr", sa.Float(), nullable=True),
        sa.Column("fee_idr", sa.Float(), nullable=True),
        sa.Column("contract_months", sa.Integer(), nullable=True),
        sa.Column("contract_signed_before_departure", sa.Boolean(), nullable=True),
        sa.Column("has_work_visa", sa.Boolean(), nullable=True),
        sa.Column("has_bpjs", sa.Boolean(), nullable=True),
        sa.Column("has_health_certificate", sa.Boolean(), nullable=True),
        sa.Column("attended_opp", sa.Boolean(), nullable=True),
        sa.Column("prior_placements", sa.Integer(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("departed_on", sa.Date(), nullable=True),
        sa.Column("contract_end_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("data_origin", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_placement_versions")),
    )
    with op.batch_alter_table("placement_versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_versions_placement_id"), ["placement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_placement_versions_import_id"), ["import_id"], unique=False)
    op.create_table(
        "placement_workers",
        sa.Column("placement_id", sa.Text(), nullable=False),
        sa.Column("worker_ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_placement_workers")),
    )
    with op.batch_alter_table("placement_workers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placement_workers_worker_ref"), ["worker_ref"], unique=False)
    op.create_table(
        "events",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("told_by", sa.Text(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("placement_id", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("procedural", sa.Boolean(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("data", JSON, nullable=True),
        sa.Column("data_origin", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_events")),
        sa.UniqueConstraint("source", "event_id", name=op.f("uq_events_source_event_id")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_placement_id"), ["placement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_events_import_id"), ["import_id"], unique=False)
    op.create_table(
        "inspections",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("inspection_id", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("placement_id", sa.Text(), nullable=True),
        sa.Column("agency_id", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("list_id", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("inclusion_probability", sa.Float(), nullable=True),
        sa.Column("visited_at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("severity", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("inspector", sa.Text(), nullable=True),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("data_origin", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_inspections")),
        sa.UniqueConstraint("inspection_id", name=op.f("uq_inspections_inspection_id")),
    )
    with op.batch_alter_table("inspections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_inspections_import_id"), ["import_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspections_list_id"), ["list_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspections_office"), ["office"], unique=False)
        batch_op.create_index(batch_op.f("ix_inspections_placement_id"), ["placement_id"], unique=False)
    op.create_table(
        "changes",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("band_before", sa.Text(), nullable=True),
        sa.Column("band_after", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_changes")),
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_changes_placement_id"), ["placement_id"], unique=False)
    op.create_table(
        "tally_entries",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("row", JSON, nullable=False),
        sa.Column("owner", JSON, nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_tally_entries")),
    )
    op.create_table(
        "corridor_refreshes",
        sa.Column("refresh_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("entries_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("refresh_id", name=op.f("pk_corridor_refreshes")),
    )
    op.create_table(
        "clocks",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_clocks")),
    )
    # plain ALTER: SQLite would copy these tables otherwise, and others refer to them
    for name in ("events_seq", "inspections_seq", "entries_seq"):
        op.add_column("imports", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("placements", sa.Column("registered_by", sa.Text(), nullable=True))
    op.create_index(op.f("ix_placements_agency_id"), "placements", ["agency_id"], unique=False)


def downgrade() -> None:
    """Drop the tables."""
    op.drop_index(op.f("ix_placements_agency_id"), "placements")
    op.drop_column("placements", "registered_by")
    for name in ("entries_seq", "inspections_seq", "events_seq"):
        op.drop_column("imports", name)
    op.drop_table("clocks")
    op.drop_table("corridor_refreshes")
    op.drop_table("tally_entries")
    op.drop_table("changes")
    op.drop_table("inspections")
    op.drop_table("events")
    op.drop_table("placement_workers")
    op.drop_table("placement_versions")
