"""The table of topics."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "form_topics"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "form_topic",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("account_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("label", PLAIN, nullable=False),
        sa.Column("intro", PLAIN, nullable=False),
        sa.Column(
            "queue_id",
            NUMBER,
            sa.ForeignKey("queue.id", name=op.f("fk_form_topic_queue_id_queue"), ondelete="SET NULL"),
        ),
        sa.Column("fields", PLAIN, nullable=False),
        sa.Column("files", sa.Boolean(), nullable=False),
        sa.Column("position", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_topic")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_form_topic_account_id")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("form_topic")
