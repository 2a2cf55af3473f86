"""Which placements rest after a visit; nobody does until the next import says so."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "resting_placements",
        sa.Column("placement_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_resting_placements")),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("resting_placements")
