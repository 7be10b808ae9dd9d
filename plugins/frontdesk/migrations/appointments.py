"""Appointments, places in the line, and how many numbers an address takes."""

import sqlalchemy as sa
from alembic import op

revision = "frontdesk_appointments"
down_revision = "frontdesk"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
UNIQUE = "uq_frontdesk_appointment_account_id"
BOOKED = sa.text("state = 'booked'")


def upgrade() -> None:
    """Make the tables; who waits already stands where they came."""
    op.create_table(
        "frontdesk_appointment",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), sa.ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False),
        sa.Column("slot_at", MOMENT, nullable=False),
        sa.Column("seat", sa.BigInteger(), nullable=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("account_id", "slot_at", "seat", name=op.f(f"{UNIQUE}_slot_at_seat")),
        sa.UniqueConstraint("account_id", "day", "code", name=op.f(f"{UNIQUE}_day_code")),
    )
    given = {"unique": True, "sqlite_where": BOOKED, "postgresql_where": BOOKED}
    op.create_index("uq_frontdesk_appointment_booked", "frontdesk_appointment", ["ticket_id"], **given)
    op.create_table(
        "frontdesk_taken",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("hour", MOMENT, primary_key=True),
        sa.Column("place", sa.BigInteger(), primary_key=True),
    )
    op.add_column("frontdesk_visit", sa.Column("place_at", MOMENT, nullable=True))
    op.execute("UPDATE frontdesk_visit SET place_at = joined_at")
    with op.batch_alter_table("frontdesk_visit") as table:
        table.alter_column("place_at", existing_type=MOMENT, nullable=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_column("frontdesk_visit", "place_at")
    op.drop_table("frontdesk_taken")
    op.drop_table("frontdesk_appointment")
