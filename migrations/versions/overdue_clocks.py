"""Clocks past their target are counted from an index."""

import sqlalchemy as sa
from alembic import op

revision = "overdue_clocks"
down_revision = "clocks"

OVERDUE = sa.text("breached_at IS NOT NULL AND state IN ('pending', 'running', 'paused')")


def upgrade() -> None:
    op.create_index("ix_clock_overdue", "clock", ["name"], sqlite_where=OVERDUE, postgresql_where=OVERDUE)


def downgrade() -> None:
    op.drop_index("ix_clock_overdue", "clock")
