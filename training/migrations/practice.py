"""Releases, runs and their moments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "practice"
down_revision = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Three tables."""
    op.create_table(
        "training_release",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("title", PLAIN, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by", sa.BigInteger(), sa.ForeignKey("user.id", ondelete="SET NULL")),
        sa.UniqueConstraint("hash", name="uq_training_release_hash"),
        sa.UniqueConstraint("kind", "name", "version", name="uq_training_release_kind"),
    )
    op.create_table(
        "training_run",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("scenario", sa.String(40), nullable=False),
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("workshop", sa.String(64), nullable=False),
        sa.Column("cell", sa.String(60), nullable=False),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("forked_from", sa.BigInteger()),
        sa.Column("forked_turn", sa.BigInteger()),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("end", sa.String(40), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("turns", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_training_run_hash", "training_run", ["hash"])
    op.create_index("ix_training_run_user_id", "training_run", ["user_id"])
    op.create_table(
        "training_moment",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("run_id", NUMBER, sa.ForeignKey("training_run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("events", PLAIN, nullable=False),
        sa.UniqueConstraint("run_id", "number", name="uq_training_moment_run_id"),
    )


def downgrade() -> None:
    """Without them."""
    op.drop_table("training_moment")
    op.drop_table("training_run")
    op.drop_table("training_release")
