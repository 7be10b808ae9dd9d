"""Pictures of the people who work here."""

import sqlalchemy as sa
from alembic import op

revision = "user_picture"
down_revision = "unwanted"


def upgrade() -> None:
    op.create_table(
        "user_picture",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("digest", sa.String(40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_user_picture_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_picture")),
    )
    op.create_index(op.f("ix_user_picture_digest"), "user_picture", ["digest"])


def downgrade() -> None:
    op.drop_table("user_picture")
