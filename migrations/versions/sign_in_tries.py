"""Tries to sign in are counted in rows."""

import sqlalchemy as sa
from alembic import op

revision = "sign_in_tries"
down_revision = "interactive_intake"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sign_in_try",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("count", NUMBER, nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_in_try")),
    )
    op.create_index(op.f("ix_sign_in_try_ends_at"), "sign_in_try", ["ends_at"])


def downgrade() -> None:
    op.drop_table("sign_in_try")
