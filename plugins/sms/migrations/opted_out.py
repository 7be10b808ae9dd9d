"""The table of numbers that asked for no more messages."""

import sqlalchemy as sa
from alembic import op

revision = "opted_out"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "sms_opted_out",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "number", name=op.f("pk_sms_opted_out")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("sms_opted_out")
