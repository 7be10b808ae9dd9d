"""Calls that the desk makes, offers to callers who wait, and one promise a number."""

import sqlalchemy as sa
from alembic import op

revision = "outgoing"
down_revision = "devices"
PROMISED = "state IN ('asked', 'waiting') AND source IN ('page', 'mail', 'line')"
TWICE = f"""UPDATE phone_call_back SET source = 'agent' WHERE {PROMISED} AND EXISTS (
SELECT 1 FROM phone_call_back AS other WHERE other.number = phone_call_back.number AND other.key < phone_call_back.key
AND other.state IN ('asked', 'waiting') AND other.source IN ('page', 'mail', 'line'))"""


def upgrade() -> None:
    """Add the columns and the index; promises that a number has besides its first one stand as a colleague's."""
    op.add_column("phone_call", sa.Column("outgoing", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("phone_call", sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("phone_call_back", sa.Column("since", sa.DateTime(timezone=True), nullable=True))
    op.execute(TWICE)
    where = sa.text(PROMISED)
    given = {"unique": True, "sqlite_where": where, "postgresql_where": where}
    op.create_index("uq_phone_call_back_open", "phone_call_back", ["number"], **given)


def downgrade() -> None:
    """Take them away."""
    op.drop_index("uq_phone_call_back_open", "phone_call_back")
    op.drop_column("phone_call_back", "since")
    op.drop_column("phone_call", "offered_at")
    op.drop_column("phone_call", "outgoing")
