"""The words of the search index can be looked up (SQLite); nothing is stored for it."""

from alembic import op

revision = "search_words"
down_revision = "ticket_counts"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE message_words USING fts5vocab(message_fts, instance)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE message_words")
