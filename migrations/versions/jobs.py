"""The table of jobs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "jobs"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(120), nullable=False),
        sa.Column("key", sa.String(200)),
        sa.Column("lane", sa.String(120), nullable=False),
        sa.Column("args", PLAIN, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("slot", MOMENT),
        sa.Column("tries", NUMBER, nullable=False),
        sa.Column("done", NUMBER, nullable=False),
        sa.Column("total", NUMBER, nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("lease_until", MOMENT),
        sa.Column("worker", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_job_kind")),
        sqlite_autoincrement=True,
    )
    waiting, finished = sa.text("due_at IS NOT NULL"), sa.text("finished_at IS NOT NULL")
    op.create_index("ix_job_due", "job", ["due_at", "id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("ix_job_finished", "job", ["finished_at"], sqlite_where=finished, postgresql_where=finished)


def downgrade() -> None:
    op.drop_table("job")
