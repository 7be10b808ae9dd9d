"""What interactive channels take is marked, so that it is claimed before all else."""

import sqlalchemy as sa
from alembic import op

revision = "interactive_intake"
down_revision = "account_keys"


def upgrade() -> None:
    op.add_column("raw_message", sa.Column("interactive", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_raw_message_interactive",
        "raw_message",
        ["interactive", "account_id", "conversation", "id"],
        sqlite_where=sa.text("state = 'new' AND interactive = 1"),
        postgresql_where=sa.text("state = 'new' AND interactive"),
    )


def downgrade() -> None:
    op.drop_index("ix_raw_message_interactive", "raw_message")
    with op.batch_alter_table("raw_message") as batch:
        batch.drop_column("interactive")
