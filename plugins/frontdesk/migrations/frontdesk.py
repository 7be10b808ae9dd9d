"""Visits and counters."""

import sqlalchemy as sa
from alembic import op

revision = "frontdesk"
down_revision = None
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "frontdesk_visit",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("entry_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("counter", sa.String(20), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("called_at", MOMENT, nullable=True),
        sa.Column("last_call_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.UniqueConstraint("account_id", "day", "number", name=op.f("uq_frontdesk_visit_account_id_day_number")),
    )
    op.create_index("ix_frontdesk_visit_state", "frontdesk_visit", ["account_id", "state", "joined_at"])
    op.create_index("ix_frontdesk_visit_customer_id", "frontdesk_visit", ["customer_id"])
    op.create_table(
        "frontdesk_counter",
        sa.Column(
            "user_id",
            sa.BigInteger(),
            sa.ForeignKey("user.id", ondelete="CASCADE", name=op.f("fk_frontdesk_counter_user_id_user")),
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_frontdesk_counter")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("frontdesk_counter")
    op.drop_table("frontdesk_visit")
