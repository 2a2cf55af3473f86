"""Whom days carry over a step is found within an agency without reading all of it."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put the dates into the index of agencies."""
    op.drop_index(op.f("ix_placements_agency_id"), "placements")
    columns = ["agency_id", "departed_on", "returned_on"]
    op.create_index(op.f("ix_placements_agency_id_departed_on_returned_on"), "placements", columns, unique=False)


def downgrade() -> None:
    """Index agencies alone."""
    op.drop_index(op.f("ix_placements_agency_id_departed_on_returned_on"), "placements")
    op.create_index(op.f("ix_placements_agency_id"), "placements", ["agency_id"], unique=False)
