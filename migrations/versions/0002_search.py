"""Full-text search over messages: FTS5 kept up by triggers in SQLite, a GIN index in PostgreSQL."""

from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE = (
    "CREATE VIRTUAL TABLE message_fts USING fts5(spaced, joined, content='message_text', content_rowid='message_id',"
    " tokenize=\"unicode61 remove_diacritics 0\", prefix='2 3')",
    "CREATE TRIGGER message_text_added AFTER INSERT ON message_text BEGIN"
    " INSERT INTO message_fts(rowid, spaced, joined) VALUES (new.message_id, new.spaced, new.joined); END",
    "CREATE TRIGGER message_text_gone AFTER DELETE ON message_text BEGIN"
    " INSERT INTO message_fts(message_fts, rowid, spaced, joined) VALUES ('delete', old.message_id, old.spaced, old.joined); END",
    "CREATE TRIGGER message_text_changed AFTER UPDATE ON message_text BEGIN"
    " INSERT INTO message_fts(message_fts, rowid, spaced, joined) VALUES ('delete', old.message_id, old.spaced, old.joined);"
    " INSERT INTO message_fts(rowid, spaced, joined) VALUES (new.message_id, new.spaced, new.joined); END",
)
TRIGGERS = ("message_text_changed", "message_text_gone", "message_text_added")
WORDS = (
    "CREATE INDEX ix_message_text_words ON message_text"
    " USING gin (to_tsvector('simple'::regconfig, spaced || ' ' || joined))"
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else (WORDS,):
        op.execute(statement.replace(":", "\\:"))


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP INDEX ix_message_text_words")
        return
    for trigger in TRIGGERS:
        op.execute(f"DROP TRIGGER {trigger}")
    op.execute("DROP TABLE message_fts")
