"""Full-text search over messages, newest first, alike on SQLite (FTS5) and PostgreSQL (tsvector 'simple' with GIN)."""

from __future__ import annotations

from sqlalchemy import DDL, event, select, text

from .models import Message, MessageText, Ticket
from .rights import visible
from .text import digits, excerpt, fts5_query, tsquery
from .views import Page, read_cursor, rows, write_cursor

CHUNK = 400  # messages looked at in one go; a page may need several
CHUNKS = 25  # a page never looks at more than this many chunks
COMMON = 10_000  # PostgreSQL: up to this many hits are collected first, more are found walking back in time

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
VECTOR = "to_tsvector('simple'::regconfig, spaced || ' ' || joined)"
POSTGRESQL = (f"CREATE INDEX ix_message_text_words ON message_text USING gin ({VECTOR})",)

for statement in SQLITE:
    event.listen(MessageText.__table__, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect="sqlite"))
for statement in POSTGRESQL:
    event.listen(MessageText.__table__, "after_create", DDL(statement).execute_if(dialect="postgresql"))
event.listen(MessageText.__table__, "before_drop", DDL("DROP TABLE IF EXISTS message_fts").execute_if(dialect="sqlite"))


def find(desk, query: str, after: str | None = None, limit: int = 50) -> Page:
    """Tickets with a message that answers the query, newest message first; each row carries ``found``, the first words of it.

    ``#123`` or a bare number that is a visible ticket's comes first.
    """
    desk.actor.must("tickets.read")
    limit = max(1, min(limit, 200))
    below = read_cursor(after, 1)[0] if after else 2**62
    hits: dict[int, int] = {}
    for _chunk in range(CHUNKS):
        ids = _messages(desk, query, below)
        for message_id, ticket_id in _visible(desk, ids):
            hits.setdefault(ticket_id, message_id)
            if len(hits) > limit:
                break
        if len(ids) < CHUNK or len(hits) > limit:
            break
        below = ids[-1]
    return _page(desk, query, hits, limit, first=after is None)


def _page(desk, query: str, hits: dict[int, int], limit: int, first: bool) -> Page:
    tickets = list(hits)[:limit]
    shown = dict(desk.session.execute(select(Message.id, Message.text).where(Message.id.in_([hits[t] for t in tickets]))).all())
    items = [{**row, "found": excerpt(shown.get(hits[row["id"]], ""), 160)} for row in rows(desk, tickets)]
    named = _by_number(desk, query) if first else None
    if named:
        items = [{**rows(desk, [named])[0], "found": ""}, *(i for i in items if i["id"] != named)]
    more = len(hits) > limit
    return Page(items, write_cursor([hits[tickets[-1]]]) if more else None)


def _messages(desk, query: str, below: int) -> list[int]:
    """Ids of the newest messages older than ``below`` that answer the query, at most ``CHUNK``."""
    if desk.session.get_bind().dialect.name == "sqlite":
        return _in_sqlite(desk, fts5_query(query), below)
    return _in_postgresql(desk, tsquery(query), below)


def _in_sqlite(desk, match: str, below: int) -> list[int]:
    if not match:
        return []
    sql = text("SELECT rowid FROM message_fts WHERE message_fts MATCH :match AND rowid < :below ORDER BY rowid DESC LIMIT :chunk")
    return list(desk.session.scalars(sql, {"match": match, "below": below, "chunk": CHUNK}))


def _in_postgresql(desk, match: str, below: int) -> list[int]:
    """The planner walks the key backwards for ever on a rare word, so rare and common words are asked for differently."""
    if not match:
        return []
    where = f"{VECTOR} @@ to_tsquery('simple', :match)"
    given = {"match": match, "below": below, "chunk": CHUNK, "common": COMMON}
    probe = f"SELECT count(*) FROM (SELECT 1 FROM message_text WHERE {where} LIMIT :common) AS some"
    if desk.session.scalar(text(probe), given) < COMMON:
        sql = (
            f"WITH hit AS MATERIALIZED (SELECT message_id FROM message_text WHERE {where}) "
            "SELECT message_id FROM hit WHERE message_id < :below ORDER BY message_id DESC LIMIT :chunk"
        )
    else:
        sql = f"SELECT message_id FROM message_text WHERE {where} AND message_id < :below ORDER BY message_id DESC LIMIT :chunk"
    return list(desk.session.scalars(text(sql), given))


def _visible(desk, message_ids: list[int]) -> list[tuple[int, int]]:
    """(message id, ticket id) of those the acting user may see, newest first."""
    if not message_ids:
        return []
    query = select(Message.id, Ticket.id).join(Ticket, Ticket.id == Message.ticket_id)
    query = query.where(Message.id.in_(message_ids), visible(desk.actor)).order_by(Message.id.desc())
    return [tuple(pair) for pair in desk.session.execute(query)]


def _by_number(desk, query: str) -> int | None:
    number = digits(query.strip().lstrip("#"), "en")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    return desk.session.scalar(select(Ticket.id).where(Ticket.id == int(number), visible(desk.actor)))
