"""Deliveries are claimed by account."""

import sqlalchemy as sa
from alembic import op

revision = "outbox_lanes"
down_revision = "token_scopes"

UNDER_WAY = {"sqlite_where": sa.text("state IN ('queued', 'sending')"), "postgresql_where": sa.text("state IN ('queued', 'sending')")}


def upgrade() -> None:
    op.drop_index("ix_delivery_todo", "delivery")
    op.create_index("ix_delivery_todo", "delivery", ["account_id", "due_at"], **UNDER_WAY)


def downgrade() -> None:
    op.drop_index("ix_delivery_todo", "delivery")
    op.create_index("ix_delivery_todo", "delivery", ["due_at"], **UNDER_WAY)
