"""What was chosen for a reply stays with its draft: by which account, for whose eyes, as which template."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "draft_choices"
down_revision = "identity_claims"

PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("draft", sa.Column("how", PLAIN, nullable=False, server_default=sa.text("'{}'")))


def downgrade() -> None:
    op.drop_column("draft", "how")
