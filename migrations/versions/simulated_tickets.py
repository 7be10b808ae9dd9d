"""Tickets of simulated channels are told apart from real ones."""

import sqlalchemy as sa
from alembic import op

revision = "simulated_tickets"
down_revision = "user_picture"


def upgrade() -> None:
    op.add_column("ticket", sa.Column("simulated", sa.Boolean(), nullable=False, server_default=sa.false()))
    for name, columns in (("queue", ["queue_id", "id"]), ("assignee", ["assignee_id", "id"])):
        op.create_index(
            f"ix_ticket_{name}_simulated",
            "ticket",
            columns,
            sqlite_where=sa.text("simulated = 1"),
            postgresql_where=sa.text("simulated"),
        )


def downgrade() -> None:
    for name in ("queue", "assignee"):
        op.drop_index(f"ix_ticket_{name}_simulated", "ticket")
    op.drop_column("ticket", "simulated")
