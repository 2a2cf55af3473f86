"""Where lists and their rows stand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
UNCHANGING = ("lists", "list_rows", "list_probabilities")
REFUSE_SQLITE = (
    "CREATE TRIGGER {table}_no_{lower} BEFORE {what} ON {table} "
    "BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
)
REFUSE_POSTGRESQL = (
    "CREATE TRIGGER {table}_no_{lower} BEFORE {what} ON {table} FOR EACH ROW EXECUTE FUNCTION lists_refuse()"
)
FUNCTION_POSTGRESQL = (
    "CREATE FUNCTION lists_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION '% is never changed', TG_TABLE_NAME; END $$"
)
BEFORE_STATES = (
    "INSERT INTO list_states (list_id, state, version, changed_at, changed_by, issued_at) "
    "SELECT list_id, 'issued', 1, created_at, 'migration', created_at FROM lists",
    "INSERT INTO row_states (list_id, rank, status, office, version, updated_at) "
    "SELECT r.list_id, r.rank, 'open', l.office, 1, l.created_at "
    "FROM list_rows r JOIN lists l ON l.list_id = r.list_id",
)
"""Lists made before there were states had been shown, so they count as issued."""
VISITED = (("recent_visits", "inspection_id"), ("resting_placements", "inspection_id"))
FOLLOWED = ("mandatory_cases", "followed_up_by")


def upgrade() -> None:
    """Make the tables."""
    op.add_column("list_rows", sa.Column("terms", JSON, nullable=True))
    op.create_table(
        "list_states",
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["list_id"], ["lists.list_id"], name=op.f("fk_list_states_list_id")),
        sa.PrimaryKeyConstraint("list_id", name=op.f("pk_list_states")),
    )
    op.create_table(
        "row_states",
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=True),
        sa.Column("inspector", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("deferred_until", sa.DateTime(), nullable=True),
        sa.Column("inspection_id", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id", "rank"], ["list_rows.list_id", "list_rows.rank"], name=op.f("fk_row_states_list_id_rank")
        ),
        sa.PrimaryKeyConstraint("list_id", "rank", name=op.f("pk_row_states")),
    )
    with op.batch_alter_table("row_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_row_states_inspector"), ["inspector"], unique=False)
        batch_op.create_index(batch_op.f("ix_row_states_office"), ["office"], unique=False)
    op.create_table(
        "row_actions",
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("detail", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id", "rank"], ["list_rows.list_id", "list_rows.rank"], name=op.f("fk_row_actions_list_id_rank")
        ),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_row_actions")),
    )
    op.create_table(
        "row_flags",
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id", "rank"], ["list_rows.list_id", "list_rows.rank"], name=op.f("fk_row_flags_list_id_rank")
        ),
        sa.PrimaryKeyConstraint("flag_id", name=op.f("pk_row_flags")),
    )
    with op.batch_alter_table("row_flags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_row_flags_list_id"), ["list_id"], unique=False)
    for table, column in (*VISITED, FOLLOWED):
        op.add_column(table, sa.Column(column, sa.Text(), nullable=True))
    for statement in BEFORE_STATES:
        op.execute(statement)
    _refuse_changes()


def _refuse_changes() -> None:
    """Let the database itself refuse to alter what a list was drawn with."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.execute(FUNCTION_POSTGRESQL)
    for table in UNCHANGING:
        for what in ("UPDATE", "DELETE"):
            statement = REFUSE_SQLITE if sqlite else REFUSE_POSTGRESQL
            op.execute(statement.format(table=table, what=what, lower=what.lower()))


def downgrade() -> None:
    """Drop the tables."""
    for table in UNCHANGING:
        for what in ("update", "delete"):
            on = "" if op.get_bind().dialect.name == "sqlite" else f" ON {table}"
            op.execute(f"DROP TRIGGER {table}_no_{what}{on}")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION lists_refuse()")
    for table, column in (*VISITED, FOLLOWED):
        op.drop_column(table, column)
    op.drop_table("row_flags")
    op.drop_table("row_actions")
    op.drop_table("row_states")
    op.drop_table("list_states")
    op.drop_column("list_rows", "terms")
