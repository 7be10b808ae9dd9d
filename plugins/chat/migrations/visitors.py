"""The tables of visitors, of what was said, and of who is blocked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "visitors"
down_revision = None
PLAIN = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "chat_visitor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("public", sa.String(32), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("address", sa.String(40), nullable=False),
        sa.Column("site_user", sa.String(200), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("phase", sa.String(10), nullable=False),
        sa.Column("agent", PLAIN, nullable=False),
        sa.Column("answers", PLAIN, nullable=False),
        sa.Column("page", PLAIN, nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("network", sa.String(60), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("proven", sa.Boolean(), nullable=False),
        sa.Column("code", PLAIN, nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("rated", sa.String(10), nullable=False),
        sa.Column("desk_read", sa.BigInteger(), nullable=False),
        sa.Column("visitor_read", sa.BigInteger(), nullable=False),
        sa.Column("mailed", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_chat_visitor_customer_id_customer"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_chat_visitor_ticket_id_ticket"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_visitor")),
        sa.UniqueConstraint("public", name=op.f("uq_chat_visitor_public")),
        sa.UniqueConstraint("address", name=op.f("uq_chat_visitor_address")),
    )
    for column in ("account_id", "customer_id", "ticket_id", "network", "seen_at"):
        op.create_index(op.f(f"ix_chat_visitor_{column}"), "chat_visitor", [column])
    op.create_table(
        "chat_item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("visitor_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("about", sa.BigInteger(), nullable=True),
        sa.Column("data", PLAIN, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_item")),
        sa.UniqueConstraint("visitor_id", "key", name=op.f("uq_chat_item_visitor_id")),
    )
    op.create_index(op.f("ix_chat_item_visitor_id"), "chat_item", ["visitor_id"])
    op.create_table(
        "chat_blocked",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "what", name=op.f("pk_chat_blocked")),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("chat_blocked", "chat_item", "chat_visitor"):
        op.drop_table(table)
