"""Ratings, and the average of each queue."""

import sqlalchemy as sa
from alembic import op

revision = "ratings"
down_revision = None


def upgrade():
    op.create_table(
        "stars_rating",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column(
            "ticket_id", sa.Integer(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False, unique=True
        ),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "stars_average",
        sa.Column("queue_id", sa.Integer(), sa.ForeignKey("queue.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("ratings", sa.Integer(), nullable=False),
    )


def downgrade():
    op.drop_table("stars_average")
    op.drop_table("stars_rating")
