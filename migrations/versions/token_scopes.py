"""API tokens have scopes, an end and a last use; tokens that are there keep all rights of their owners and do not end."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "token_scopes"
down_revision = "saved_views"

PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("token", sa.Column("scopes", PLAIN))
    op.add_column("token", sa.Column("expires_at", MOMENT))
    op.add_column("token", sa.Column("used_at", MOMENT))


def downgrade() -> None:
    with op.batch_alter_table("token") as batch:
        for name in ("used_at", "expires_at", "scopes"):
            batch.drop_column(name)
