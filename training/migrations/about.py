"""What lists say of a release, without reading all of it; and the answers to the questions of workshops."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "about"
down_revision = "practice"
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """A column and a table."""
    op.add_column("training_release", sa.Column("about", PLAIN, nullable=False, server_default="{}"))
    op.create_table(
        "training_answer",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("workshop", sa.String(64), nullable=False),
        sa.Column("cell", sa.String(60), nullable=False),
        sa.Column("given", PLAIN, nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("user_id", "workshop", "cell", name="uq_training_answer_user_id"),
    )


def downgrade() -> None:
    """Without them."""
    op.drop_table("training_answer")
    op.drop_column("training_release", "about")
