"""The words of open pages that were used up."""

import sqlalchemy as sa
from alembic import op

revision = "form_words"
down_revision = "form_topics"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "form_word",
        sa.Column("word", sa.String(20), nullable=False),
        sa.Column("post", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_form_word")),
    )
    op.create_index(op.f("ix_form_word_at"), "form_word", ["at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("form_word")
