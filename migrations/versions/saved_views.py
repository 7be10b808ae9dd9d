"""Saved views."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "saved_views"
down_revision = "acknowledge_settings"

PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("conditions", PLAIN, nullable=False),
        sa.Column("owner_id", NUMBER),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user.id"], name=op.f("fk_saved_view_owner_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index(op.f("ix_saved_view_owner_id"), "saved_view", ["owner_id"])


def downgrade() -> None:
    op.drop_table("saved_view")
