"""The register with its scores, and the lists drawn from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "area_events",
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("deportations", sa.Integer(), nullable=False),
        sa.Column("interceptions", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("newest", sa.DateTime(), nullable=True),
        sa.Column("recorded_placements", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("area", name=op.f("pk_area_events")),
    )
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.Column("imported_at", sa.DateTime(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("placements", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("data_origin", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_imports")),
    )
    op.create_table(
        "lists",
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("random_share", sa.Float(), nullable=False),
        sa.Column("coverage_share", sa.Float(), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("model_kind", sa.Text(), nullable=False),
        sa.Column("data_origin", sa.Text(), nullable=False),
        sa.Column("notices", JSON, nullable=False),
        sa.Column("price", JSON, nullable=False),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_lists")),
    )
    op.create_index(op.f("ix_lists_created_at"), "lists", ["created_at"], unique=False)
    op.create_index(op.f("ix_lists_office"), "lists", ["office"], unique=False)
    op.create_table(
        "mandatory_cases",
        sa.Column("placement_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_mandatory_cases")),
    )
    op.create_table(
        "placements",
        sa.Column("placement_id", sa.Text(), nullable=False),
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
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_placements")),
    )
    op.create_table(
        "recent_visits",
        sa.Column("visit", sa.Integer(), nullable=False),
        sa.Column("placement_id", sa.Text(), nullable=True),
        sa.Column("corridor", sa.Text(), nullable=True),
        sa.Column("agency_id", sa.Text(), nullable=True),
        sa.Column("employer_ref", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("visit", name=op.f("pk_recent_visits")),
    )
    op.create_table(
        "list_probabilities",
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("placement_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("inclusion_probability", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["lists.list_id"], name=op.f("fk_list_probabilities_list_id")),
        sa.PrimaryKeyConstraint("list_id", "placement_id", name=op.f("pk_list_probabilities")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "list_rows",
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("placement_id", sa.Text(), nullable=True),
        sa.Column("placements", sa.Integer(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("inclusion_probability", sa.Float(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("supported", sa.Boolean(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("competent_bodies", sa.Text(), nullable=True),
        sa.Column("agency_id", sa.Text(), nullable=True),
        sa.Column("employer_ref", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=True),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("mandatory_because", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["lists.list_id"], name=op.f("fk_list_rows_list_id")),
        sa.PrimaryKeyConstraint("list_id", "rank", name=op.f("pk_list_rows")),
    )
    op.create_table(
        "scores",
        sa.Column("placement_id", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("supported", sa.Boolean(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["placement_id"], ["placements.placement_id"], name=op.f("fk_scores_placement_id")),
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_scores")),
    )


def downgrade() -> None:
    """Remove them, with all they hold."""
    op.drop_table("scores")
    op.drop_table("list_rows")
    op.drop_table("list_probabilities")
    op.drop_table("recent_visits")
    op.drop_table("placements")
    op.drop_table("mandatory_cases")
    op.drop_index(op.f("ix_lists_office"), table_name="lists")
    op.drop_index(op.f("ix_lists_created_at"), table_name="lists")
    op.drop_table("lists")
    op.drop_table("imports")
    op.drop_table("area_events")
