"""Full-text search over messages, newest first, alike on SQLite (FTS5) and PostgreSQL (tsvector 'simple' with GIN)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import DDL, ColumnElement, and_, event, false, func, select

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.text import digits

from . import matches
from .matches import BEYOND, VECTOR
from .message_models import Message, MessageText
from .models import Ticket
from .simulated import REAL
from .snippets import snippet
from .ticket_lists import LONGEST, Page, read_cursor, rows, write_cursor
from .visibility import visible

LOOKED_AT = 1_500  # messages without a hit that a page looks at before it says where to go on
EXCERPT = 160  # characters of a hit that its row shows
READ = 4_000  # characters of a hit in which they are looked for
FEW = 50  # tickets asked about in one go

SQLITE = (
    "CREATE VIRTUAL TABLE message_fts USING fts5(spaced, joined, content='message_text', content_rowid='message_id',"
    " tokenize=\"unicode61 remove_diacritics 0\", prefix='2 3')",
    "CREATE VIRTUAL TABLE message_words USING fts5vocab(message_fts, instance)",
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
POSTGRESQL = (f"CREATE INDEX ix_message_text_words ON message_text USING gin ({VECTOR})",)

for statement in SQLITE:
    event.listen(MessageText.__table__, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
for statement in POSTGRESQL:
    event.listen(MessageText.__table__, "after_create", DDL(statement).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
for name in ("message_words", "message_fts"):
    drop = DDL(f"DROP TABLE IF EXISTS {name}").execute_if(dialect="sqlite")  # type: ignore[no-untyped-call]
    event.listen(MessageText.__table__, "before_drop", drop)


def find(
    uow: UnitOfWork, query: str, after: str | None = None, limit: int = 50, where: Sequence[ColumnElement[bool]] = ()
) -> Page:
    """Tickets with a message that answers the query, newest message first; each row carries ``found``, a passage of it.

    ``#123`` or a bare number that is a visible ticket's comes first. ``where`` are further conditions on the tickets.
    A page may be short of ``limit`` and yet have a ``next``: it looks at so many messages and no more.
    """
    uow.actor.must("tickets.read")
    # a filter: the way in is the words, never a ticket's facts
    conditions = (func.coalesce(and_(visible(uow.actor), REAL, *where), false()),)
    limit = max(1, min(limit, LONGEST))
    top = read_cursor(after, 1)[0] if after else None
    named = _by_number(uow, query, conditions)
    wanted = limit - 1 if named and top is None else limit
    hits, rest = _collect(uow, query, conditions, top, named, wanted)
    items = _rows(uow, hits, query)
    if named and top is None:
        items = [{**rows(uow, [named])[0], "found": ""}, *items]
    return Page(items, write_cursor([rest]) if rest is not None else None)


def _collect(
    uow: UnitOfWork, query: str, conditions: tuple[Any, ...], top: int | None, named: int | None, wanted: int
) -> tuple[dict[int, int], int | None]:
    """Up to ``wanted`` tickets below message ``top``, each with its newest hit; and where the next page begins, or
    None.

    A ticket with a hit at or above ``top`` was on an earlier page.
    """
    hits: dict[int, int] = {}
    below, way = BEYOND if top is None else top, matches.way(uow.session, query)
    while way:
        pairs, rest = way.hits(below, LOOKED_AT, 2 * wanted + 2, conditions)
        newest: dict[int, int] = {}
        for message_id, ticket_id in pairs:
            if ticket_id not in hits and ticket_id != named:
                newest.setdefault(ticket_id, message_id)
        for ticket_id, message_id in newest.items() if top is None else _not_shown(uow, query, newest, top):
            if len(hits) >= wanted:
                return hits, min(hits.values(), default=below)
            hits[ticket_id] = message_id
        if rest is None or not pairs or rest != pairs[-1][0]:
            return hits, rest
        below = rest
    return hits, None


def _rows(uow: UnitOfWork, hits: dict[int, int], query: str) -> list[dict[str, Any]]:
    beginnings = select(Message.id, func.substr(Message.text, 1, READ)).where(Message.id.in_(hits.values()))
    texts: dict[int, str] = dict(uow.session.execute(beginnings).all()) if hits else {}
    return [{**row, "found": snippet(texts.get(hits[row["id"]], ""), query, EXCERPT)} for row in rows(uow, list(hits))]


def _not_shown(uow: UnitOfWork, query: str, found: dict[int, int], top: int) -> Iterator[tuple[int, int]]:
    """Those (ticket, message) whose ticket has no hit at or above message ``top``; looked up a few at a time, as many
    as are taken.
    """
    newer = select(Message.ticket_id).join(MessageText, MessageText.message_id == Message.id).distinct()
    newer = newer.where(Message.id >= top, matches.answering(query))
    pairs = list(found.items())
    for start in range(0, len(pairs), FEW):
        some = pairs[start : start + FEW]
        shown = set(uow.session.scalars(newer.where(Message.ticket_id.in_([ticket for ticket, _hit in some]))))
        yield from (pair for pair in some if pair[0] not in shown)


def _by_number(uow: UnitOfWork, query: str, conditions: tuple[Any, ...]) -> int | None:
    number = digits(query.strip().lstrip("#"), "en")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    return uow.session.scalar(select(Ticket.id).where(Ticket.id == int(number), *conditions))
