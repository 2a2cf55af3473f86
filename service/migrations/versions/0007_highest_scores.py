"""The highest scores of a stage and a band are found without reading all others."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index(op.f("ix_scores_stage_band_risk"), "scores", ["stage", "band", "risk"], unique=False)


def downgrade() -> None:
    """Drop the index."""
    op.drop_index(op.f("ix_scores_stage_band_risk"), "scores")
