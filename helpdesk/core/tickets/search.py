"""Full-text search over messages, newest first, alike on SQLite (FTS5) and PostgreSQL (tsvector 'simple' with GIN)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import DDL, ColumnElement, and_, bindparam, desc, event, false, func, select, text

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import digits, fts5_query, tsquery

from .message_models import Message, MessageText
from .models import Ticket
from .snippets import snippet
from .ticket_lists import LONGEST, Page, read_cursor, rows, write_cursor
from .visibility import visible

CHUNK = 100  # messages looked at in the first go; each further go, if a page needs it, looks at twice as many
CHUNKS = 4  # goes of one page
EXCERPT = 160  # characters of a hit that its row shows
LOOKED_AT = 4_000  # characters of a hit in which they are looked for
FEW = 50  # tickets asked about in one go
BEYOND = 2**62  # above every message
COMMON = 10_000  # PostgreSQL: up to this many hits are collected first, more are found walking back in time

SQLITE = (
    "CREATE VIRTUAL TABLE message_fts USING fts5(spaced, joined, content='message_text', content_rowid='message_id',"
    " tokenize=\"unicode61 remove_diacritics 0\", prefix='2 3')",
    "CREATE TRIGGER message_text_added AFTER INSERT ON message_text BEGIN"
    " INSERT INTO message_fts(rowid, spaced, joined) VALUES (new.message_id, new.spaced, new.joined); END",
    "CREATE TRIGGER message_text_gone AFTER DELETE ON message_text BEGIN"
    " INSERT INTO message_fts(message_fts, rowid, spaced, joined) VALUES ('delete', old.message_id, "
    "old.spaced, old.joined); END",
    "CREATE TRIGGER message_text_changed AFTER UPDATE ON message_text BEGIN"
    " INSERT INTO message_fts(message_fts, rowid, spaced, joined) VALUES ('delete', old.message_id, "
    "old.spaced, old.joined);"
    " INSERT INTO message_fts(rowid, spaced, joined) VALUES (new.message_id, new.spaced, new.joined); END",
)
VECTOR = "to_tsvector('simple'::regconfig, spaced || ' ' || joined)"
POSTGRESQL = (f"CREATE INDEX ix_message_text_words ON message_text USING gin ({VECTOR})",)

NEWER = "SELECT DISTINCT m.ticket_id FROM message m WHERE m.ticket_id IN :tickets AND m.id >= :top AND EXISTS"
NEWER_IN_SQLITE = f"{NEWER} (SELECT 1 FROM message_fts WHERE message_fts MATCH :match AND rowid = m.id)"
NEWER_IN_POSTGRESQL = (
    f"{NEWER} (SELECT 1 FROM message_text WHERE message_id = m.id AND {VECTOR} @@ to_tsquery('simple', :match))"
)

for statement in SQLITE:
    event.listen(MessageText.__table__, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
for statement in POSTGRESQL:
    event.listen(MessageText.__table__, "after_create", DDL(statement).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
event.listen(MessageText.__table__, "before_drop", DDL("DROP TABLE IF EXISTS message_fts").execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]


def find(
    uow: UnitOfWork, query: str, after: str | None = None, limit: int = 50, where: Sequence[ColumnElement[bool]] = ()
) -> Page:
    """Tickets with a message that answers the query, newest message first; each row carries ``found``, a passage of it.

    ``#123`` or a bare number that is a visible ticket's comes first. ``where`` are further conditions on the tickets.
    A page may be short of ``limit`` and yet have a ``next``: it looks at so many messages and no more.
    """
    uow.actor.must("tickets.read")
    conditions = (
        func.coalesce(and_(visible(uow.actor), *where), false()),
    )  # a filter: the way in is the words, never a ticket's facts
    limit = max(1, min(limit, LONGEST))
    top = read_cursor(after, 1)[0] if after else None
    named = _by_number(uow, query, conditions)
    wanted = limit - 1 if named and top is None else limit
    hits, rest = _collect(uow, _match(uow, query), conditions, top, named, wanted)
    items = _rows(uow, hits, query)
    if named and top is None:
        items = [{**rows(uow, [named])[0], "found": ""}, *items]
    return Page(items, write_cursor([rest]) if rest is not None else None)


def _collect(
    uow: UnitOfWork, match: str, conditions: tuple[Any, ...], top: int | None, named: int | None, wanted: int
) -> tuple[dict[int, int], int | None]:
    """Up to ``wanted`` tickets below message ``top``, each with its newest hit; and where the next page begins, or
    None.

    A ticket with a hit at or above ``top`` was on an earlier page.
    """
    hits: dict[int, int] = {}
    below = BEYOND if top is None else top
    for size in (CHUNK << go for go in range(CHUNKS)):
        ids = _messages(uow, match, below, size)
        pairs = [pair for pair in _newest_hits(uow, ids, conditions) if pair[0] not in hits and pair[0] != named]
        for ticket_id, message_id in pairs if top is None else _not_shown(uow, match, pairs, top):
            if len(hits) >= wanted:
                return hits, min(hits.values(), default=below)
            hits[ticket_id] = message_id
        if len(ids) < size:
            return hits, None
        below = ids[-1]
    return hits, below


def _rows(uow: UnitOfWork, hits: dict[int, int], query: str) -> list[dict[str, Any]]:
    beginnings = select(Message.id, func.substr(Message.text, 1, LOOKED_AT)).where(Message.id.in_(hits.values()))
    texts: dict[int, str] = dict(uow.session.execute(beginnings).all()) if hits else {}
    return [{**row, "found": snippet(texts.get(hits[row["id"]], ""), query, EXCERPT)} for row in rows(uow, list(hits))]


def _match(uow: UnitOfWork, query: str) -> str:
    """The query in the database's own language; "" when it holds no word.

    In SQLite the beginning of a word is merged from all its words before the first hit, so it counts only where whole
    words are found seldom. That is asked anew, and answered alike, for every page.
    """
    if uow.session.get_bind().dialect.name != "sqlite":
        return tsquery(query)
    whole = fts5_query(query, beginning=False)
    return whole if whole and len(_in_sqlite(uow, whole, BEYOND, CHUNK)) == CHUNK else fts5_query(query)


def _messages(uow: UnitOfWork, match: str, below: int, most: int) -> list[int]:
    """Ids of the newest messages older than ``below`` that answer."""
    if not match:
        return []
    return (_in_sqlite if uow.session.get_bind().dialect.name == "sqlite" else _in_postgresql)(uow, match, below, most)


def _in_sqlite(uow: UnitOfWork, match: str, below: int, most: int) -> list[int]:
    sql = text(
        "SELECT rowid FROM message_fts WHERE message_fts MATCH :match AND rowid < :below ORDER BY rowid DESC "
        "LIMIT :most"
    )
    return list(uow.session.scalars(sql, {"match": match, "below": below, "most": most}))


def _in_postgresql(uow: UnitOfWork, match: str, below: int, most: int) -> list[int]:
    """The planner walks the key backwards for ever on a rare word, so rare and common words are asked for
    differently.
    """
    where = f"{VECTOR} @@ to_tsquery('simple', :match)"
    given = {"match": match, "below": below, "most": most, "common": COMMON}
    probe = f"SELECT count(*) FROM (SELECT 1 FROM message_text WHERE {where} LIMIT :common) AS hit"
    if uow.session.scalar(text(probe), given) < COMMON:
        sql = (
            f"WITH hit AS MATERIALIZED (SELECT message_id FROM message_text WHERE {where}) "
            "SELECT message_id FROM hit WHERE message_id < :below ORDER BY message_id DESC LIMIT :most"
        )
    else:
        sql = (
            f"SELECT message_id FROM message_text WHERE {where} AND message_id < :below ORDER BY message_id DESC "
            "LIMIT :most"
        )
    return list(uow.session.scalars(text(sql), given))


def _newest_hits(uow: UnitOfWork, message_ids: list[int], conditions: tuple[Any, ...]) -> list[tuple[int, int]]:
    """(ticket id, id of its newest message among these), of those that may be shown, newest first."""
    if not message_ids:
        return []
    query = select(Ticket.id, func.max(Message.id).label("hit")).join(Message, Message.ticket_id == Ticket.id)
    query = query.where(Message.id.in_(message_ids), *conditions).group_by(Ticket.id).order_by(desc("hit"))
    return [(ticket, message) for ticket, message in uow.session.execute(query)]


def _not_shown(uow: UnitOfWork, match: str, pairs: list[tuple[int, int]], top: int) -> Iterator[tuple[int, int]]:
    """The pairs whose ticket has no hit at or above message ``top``; looked up a few at a time, as many as are
    taken.
    """
    sqlite = uow.session.get_bind().dialect.name == "sqlite"
    sql = text(NEWER_IN_SQLITE if sqlite else NEWER_IN_POSTGRESQL).bindparams(bindparam("tickets", expanding=True))
    for start in range(0, len(pairs), FEW):
        some = pairs[start : start + FEW]
        shown = set(
            uow.session.scalars(sql, {"tickets": [ticket for ticket, _hit in some], "top": top, "match": match})
        )
        yield from (pair for pair in some if pair[0] not in shown)


def _by_number(uow: UnitOfWork, query: str, conditions: tuple[Any, ...]) -> int | None:
    number = digits(query.strip().lstrip("#"), "en")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    return uow.session.scalar(select(Ticket.id).where(Ticket.id == int(number), *conditions))
