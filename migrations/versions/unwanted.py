"""Addresses that want nothing more by a channel."""

import sqlalchemy as sa
from alembic import op

revision = "unwanted"
down_revision = "custom_fields"


def upgrade() -> None:
    op.create_table(
        "unwanted",
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "digest", name=op.f("pk_unwanted")),
    )


def downgrade() -> None:
    op.drop_table("unwanted")
