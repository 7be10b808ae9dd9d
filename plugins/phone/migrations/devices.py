"""The extensions of agents."""

import sqlalchemy as sa
from alembic import op

revision = "devices"
down_revision = "call_backs"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "phone_device",
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("device", sa.String(60), nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("phone_device")
