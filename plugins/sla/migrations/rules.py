"""The tables of rules and of iCal files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "rules"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sla_rules",
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", NUMBER),
        sa.Column("calendars", PLAIN, nullable=False),
        sa.Column("policies", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_sla_rules")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_sla_rules_user_id_user")),
    )
    op.create_table(
        "sla_file",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("days", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_sla_file")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("sla_file")
    op.drop_table("sla_rules")
