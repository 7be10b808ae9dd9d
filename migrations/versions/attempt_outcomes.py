"""An attempt by hand has a longer word for what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "attempt_outcomes"
down_revision = "vocabulary"


def upgrade() -> None:
    with op.batch_alter_table("attempt") as batch:
        batch.alter_column("outcome", existing_type=sa.String(length=12), type_=sa.String(length=20), existing_nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("attempt") as batch:
        batch.alter_column("outcome", existing_type=sa.String(length=20), type_=sa.String(length=12), existing_nullable=False)
