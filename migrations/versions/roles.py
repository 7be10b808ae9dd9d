"""What the desk's admins gave roles and took from them, and roles of its own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "roles"
down_revision = "search_words"

PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "role",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("given", PLAIN, nullable=False),
        sa.Column("taken", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_role")),
    )


def downgrade() -> None:
    op.drop_table("role")
