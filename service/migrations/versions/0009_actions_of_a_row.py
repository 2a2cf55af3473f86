"""What was done with a row is found without reading what was done with all others."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(op.f("ix_row_actions_list_id_rank"), "row_actions", ["list_id", "rank"], unique=False)


def downgrade() -> None:
    """Drop the index."""
    op.drop_index(op.f("ix_row_actions_list_id_rank"), "row_actions")
