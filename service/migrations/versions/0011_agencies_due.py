"""Agencies whose placements are scored anew a little later."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "agencies_due",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_agencies_due")),
        sa.UniqueConstraint("agency_id", name=op.f("uq_agencies_due_agency_id")),
    )


def downgrade() -> None:
    """Drop the table; what is due is scored with the next event of the agency, or the next import."""
    op.drop_table("agencies_due")
