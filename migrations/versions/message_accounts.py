"""Messages know their account, form, visibility and external ids; threads are tied to their open ticket."""

import logging

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "message_accounts"
down_revision = "jobs"

PORTION = 50_000  # messages filled at a time
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
LIST, DICT = sa.text("'[]'"), sa.text("'{}'")
log = logging.getLogger("hamdel.migrate")

FILL = """UPDATE message SET
 visibility = CASE WHEN kind = 'note' THEN 'internal' ELSE 'private' END,
 account_id = CASE WHEN kind = 'note' THEN NULL ELSE COALESCE(
  (SELECT account_id FROM parcel WHERE parcel.id = message.parcel_id),
  (SELECT account_id FROM delivery WHERE delivery.message_id = message.id),
  (SELECT account_id FROM ticket WHERE ticket.id = message.ticket_id)) END
 WHERE id > :first AND id <= :last"""
IDS = """INSERT INTO message_external_id (account_id, external_id, message_id)
 SELECT account_id, external_id, id FROM message
 WHERE id > :first AND id <= :last AND external_id <> '' AND account_id IS NOT NULL ORDER BY id
 ON CONFLICT DO NOTHING"""


def upgrade() -> None:
    op.create_table(
        "message_external_id",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_external_id_account_id_account")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_message_external_id_message_id_message"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "external_id", name=op.f("pk_message_external_id")),
    )
    _messages()
    op.create_index(op.f("ix_message_external_id_message_id"), "message_external_id", ["message_id"])
    _threads("open_thread", "thread", "conversation_thread", "thread_key")
    _files_and_deliveries()
    op.create_table(
        "waiting_event",
        sa.Column("id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("parcel_id", KEY, nullable=False),
        sa.Column("data", PLAIN, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_waiting_event_account_id_account")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_waiting_event_parcel_id_parcel")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_event")),
    )
    op.create_index(op.f("ix_waiting_event_account_id"), "waiting_event", ["account_id"])


def _messages() -> None:
    """Add the columns, fill them, then rebuild the table once: SQLite cannot drop a constraint otherwise."""
    for column in (
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("form", sa.String(length=8), nullable=False, server_default="text"),
        sa.Column("visibility", sa.String(length=8), nullable=False, server_default="private"),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reactions", PLAIN, nullable=False, server_default=LIST),
        sa.Column("template", PLAIN, nullable=False, server_default=DICT),
    ):
        op.add_column("message", column)
    _fill()
    with op.batch_alter_table("message") as batch:
        batch.drop_column("external_id")
        batch.drop_constraint("uq_message_parcel_id", type_="unique")
        batch.create_index(op.f("ix_message_parcel_id"), ["parcel_id"])
        batch.create_foreign_key(op.f("fk_message_account_id_account"), "account", ["account_id"], ["id"])


def _fill() -> None:
    connection = op.get_bind()
    last = connection.scalar(sa.text("SELECT max(id) FROM message")) or 0
    for first in range(0, last, PORTION):
        span = {"first": first, "last": min(first + PORTION, last)}
        connection.execute(sa.text(FILL), span)
        connection.execute(sa.text(IDS), span)
        log.info("messages: %s of %s", span["last"], last)


def _files_and_deliveries() -> None:
    op.add_column("attachment", sa.Column("state", sa.String(length=8), nullable=False, server_default="ready"))
    op.add_column("attachment", sa.Column("ref", PLAIN, nullable=False, server_default=DICT))
    op.add_column("attachment", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.drop_index("ix_delivery_external_id", "delivery")
    with op.batch_alter_table("delivery") as batch:
        batch.alter_column("state", existing_type=sa.String(length=10), type_=sa.String(length=20), existing_nullable=False)
        batch.add_column(sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))


def _threads(old: str, old_key: str, new: str, new_key: str) -> None:
    """Move every row to a table of the new name, so that its constraints, too, bear the new name."""
    op.create_table(
        new,
        sa.Column("account_id", KEY, nullable=False),
        sa.Column(new_key, sa.String(length=255), nullable=False),
        sa.Column("ticket_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{new}_account_id_account")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f(f"fk_{new}_ticket_id_ticket"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", new_key, name=op.f(f"pk_{new}")),
    )
    op.execute(f"INSERT INTO {new} (account_id, {new_key}, ticket_id) SELECT account_id, {old_key}, ticket_id FROM {old}")
    op.drop_table(old)
    op.create_index(op.f(f"ix_{new}_ticket_id"), new, ["ticket_id"])


def downgrade() -> None:
    op.drop_table("waiting_event")
    with op.batch_alter_table("delivery") as batch:
        for name in ("read_at", "delivered_at", "by_hand"):
            batch.drop_column(name)
        batch.alter_column("state", existing_type=sa.String(length=20), type_=sa.String(length=10), existing_nullable=False)
    op.create_index(op.f("ix_delivery_external_id"), "delivery", ["external_id"])
    with op.batch_alter_table("attachment") as batch:
        for name in ("reason", "ref", "state"):
            batch.drop_column(name)
    _threads("conversation_thread", "thread_key", "open_thread", "thread")
    op.add_column("message", sa.Column("external_id", sa.String(length=255), nullable=False, server_default=""))
    op.execute(
        "UPDATE message SET external_id = COALESCE((SELECT min(external_id) FROM message_external_id"
        " WHERE message_external_id.message_id = message.id), '')"
    )
    with op.batch_alter_table("message") as batch:
        batch.drop_constraint("fk_message_account_id_account", type_="foreignkey")
        batch.drop_index(op.f("ix_message_parcel_id"))
        batch.create_unique_constraint(op.f("uq_message_parcel_id"), ["parcel_id"])
        for name in ("template", "reactions", "deleted_at", "edited_at", "visibility", "form", "account_id"):
            batch.drop_column(name)
    op.drop_table("message_external_id")
