"""Accounts are named by a random public key where providers push."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "account_keys"
down_revision = "outbox_lanes"


def upgrade() -> None:
    """Give each account a key."""
    op.add_column("account", sa.Column("public_key", sa.String(length=40), nullable=False, server_default=""))
    connection = op.get_bind()
    for account_id in connection.scalars(sa.text("SELECT id FROM account")).all():
        values = {"key": secrets.token_urlsafe(18), "id": account_id}
        connection.execute(sa.text("UPDATE account SET public_key = :key WHERE id = :id"), values)
    op.create_index(op.f("ix_account_public_key"), "account", ["public_key"], unique=True)


def downgrade() -> None:
    """Take the keys away."""
    op.drop_index(op.f("ix_account_public_key"), "account")
    with op.batch_alter_table("account") as batch:
        batch.drop_column("public_key")
