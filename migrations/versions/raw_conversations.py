"""Raw messages may name their conversation before anybody reads them."""

import sqlalchemy as sa
from alembic import op

revision = "raw_conversations"
down_revision = "draft_files"


def upgrade() -> None:
    op.add_column("parcel", sa.Column("conversation", sa.String(length=255), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("parcel") as batch:
        batch.drop_column("conversation")
