"""Call-backs, and how often they are asked for."""

import sqlalchemy as sa
from alembic import op

revision = "call_backs"
down_revision = "calls"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "phone_call_back",
        sa.Column("key", sa.String(40), primary_key=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seat", sa.BigInteger(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=True),
        sa.Column("message_id", sa.BigInteger(), sa.ForeignKey("message.id", ondelete="CASCADE"), nullable=True),
        sa.UniqueConstraint("account_id", "slot_at", "seat", name=op.f("uq_phone_call_back_account_id_slot_at_seat")),
    )
    for column in ("state", "ticket_id", "message_id"):
        op.create_index(f"ix_phone_call_back_{column}", "phone_call_back", [column])
    op.create_table(
        "phone_asked",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("place", sa.BigInteger(), primary_key=True),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("phone_asked")
    op.drop_table("phone_call_back")
