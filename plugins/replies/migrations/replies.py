"""Saved replies and macros."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "replies"
down_revision = None
PLAIN = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """One table: a macro is a reply with actions."""
    op.create_table(
        "replies_reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("folder", sa.String(120), nullable=False),
        sa.Column("team_id", sa.BigInteger(), sa.ForeignKey("team.id", ondelete="CASCADE"), nullable=True),
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=True),
        sa.Column("texts", PLAIN, nullable=False),
        sa.Column("actions", PLAIN, nullable=False),
        sa.Column("files", PLAIN, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_replies_reply_team_id", "replies_reply", ["team_id"])
    op.create_index("ix_replies_reply_user_id", "replies_reply", ["user_id"])


def downgrade() -> None:
    """Without the table."""
    op.drop_table("replies_reply")
