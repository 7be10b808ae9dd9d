"""Runs in the real console, and the messages that were played as their turns."""

import sqlalchemy as sa
from alembic import op

revision = "console"
down_revision = "about"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Two tables."""
    op.create_table(
        "training_console",
        sa.Column("run_id", NUMBER, sa.ForeignKey("training_run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id", ondelete="CASCADE")),
        sa.Column("form", sa.String(5), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("ticket_id", name="uq_training_console_ticket_id"),
    )
    op.create_table(
        "training_console_turn",
        sa.Column("external_id", sa.String(255), primary_key=True),
        sa.Column("run_id", NUMBER, sa.ForeignKey("training_run.id", ondelete="CASCADE"), nullable=False),
    )
    op.create_index("ix_training_console_turn_run_id", "training_console_turn", ["run_id"])


def downgrade() -> None:
    """Without them."""
    op.drop_table("training_console_turn")
    op.drop_table("training_console")
