"""One answer to many, and what became of it on each ticket."""

import sqlalchemy as sa
from alembic import op

revision = "many"
down_revision = None
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "social_many",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_social_many_user_id", "social_many", ["user_id"])
    op.create_table(
        "social_many_ticket",
        sa.Column(
            "many_id",
            sa.BigInteger(),
            sa.ForeignKey("social_many.id", ondelete="CASCADE", name=op.f("fk_social_many_ticket_many_id_social_many")),
            nullable=False,
        ),
        sa.Column(
            "ticket_id",
            sa.BigInteger(),
            sa.ForeignKey("ticket.id", ondelete="CASCADE", name=op.f("fk_social_many_ticket_ticket_id_ticket")),
            nullable=False,
        ),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("many_id", "ticket_id", name=op.f("pk_social_many_ticket")),
    )
    op.create_index("ix_social_many_ticket_ticket_id", "social_many_ticket", ["ticket_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("social_many_ticket")
    op.drop_table("social_many")
