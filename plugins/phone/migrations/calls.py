"""Calls and their events."""

import sqlalchemy as sa
from alembic import op

revision = "calls"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "phone_event",
        sa.Column("account_id", sa.BigInteger(), primary_key=True),
        sa.Column("call_id", sa.String(200), primary_key=True),
        sa.Column("event", sa.String(20), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("recording", sa.String(2000), nullable=False),
    )
    op.create_table(
        "phone_call",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.String(200), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("line", sa.String(200), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("recording", sa.String(2000), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=True),
        sa.Column("message_id", sa.BigInteger(), sa.ForeignKey("message.id", ondelete="CASCADE"), nullable=True),
        sa.UniqueConstraint("account_id", "call_id", name=op.f("uq_phone_call_account_id_call_id")),
    )
    for column in ("state", "ticket_id", "message_id"):
        op.create_index(f"ix_phone_call_{column}", "phone_call", [column])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("phone_call")
    op.drop_table("phone_event")
