"""Which messages answer a query, newest first, at the same cost however many there are.

What many messages answer is found by walking back from the newest one and reading them; what few answer, by the index
of words. The beginning of a word is walked in SQLite among the messages with its first letters, for which the index has
lists; where few words begin so, they are looked up and searched instead. In PostgreSQL the index finds beginnings
itself, in a time that grows with what it finds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, column, func, literal, or_, select, table, text, true
from sqlalchemy.orm import Session

from helpdesk.core.text import fts5_query, last_words, search_terms, tsquery

from .message_models import Message, MessageText
from .models import Ticket

BEYOND = 2**62  # above every message
PROBED = 100  # newest messages read to see whether many answer
MANY = 4  # one of so many answers: walk back
WORDS = 40  # with one beginning that are searched by the index
INDEXED = (2, 3)  # letters of the beginnings for which the index of SQLite has lists
COMMON = 10_000  # hits of PostgreSQL's index that are looked at

VECTOR = "to_tsvector('simple'::regconfig, spaced || ' ' || joined)"
IN_VECTOR = f"{VECTOR} @@ to_tsquery('simple', :match)"
FEW = text(f"SELECT count(*) FROM (SELECT 1 FROM message_text WHERE {IN_VECTOR} LIMIT :common) AS hit")
NEXT = "(SELECT term FROM message_words WHERE term >= {} LIMIT 1)"
WORDS_FROM = text(  # char(1) sorts a word behind itself and before every longer one
    f"WITH RECURSIVE found(term, number) AS (SELECT {NEXT.format(':word')}, 1 UNION ALL "
    f"SELECT {NEXT.format('found.term || char(1)')}, number + 1 FROM found "
    "WHERE substr(term, 1, length(:word)) = :word AND number <= :most) "
    "SELECT term FROM found WHERE substr(term, 1, length(:word)) = :word"
)

index = table("message_fts", column("rowid"))
texts, messages, tickets = MessageText.__table__, Message.__table__, Ticket.__table__


@dataclass(frozen=True)
class Way:
    """How the messages of a query are found. ``match`` is the index's query; with ``walk`` it only names candidates
    ("" is every message), and each is read.
    """

    session: Session
    query: str
    match: str
    walk: bool

    def hits(
        self, below: int, looked_at: int, most: int, conditions: Iterable[ColumnElement[bool]] = ()
    ) -> tuple[list[tuple[int, int]], int | None]:
        """(message, ticket) of up to ``most`` messages older than ``below`` that answer and whose tickets fulfil the
        conditions, newest first, found among so many that are looked at; and below which to go on, None at the end.
        """
        source, place = self._candidates()
        older = select(place).select_from(source).where(place < below).order_by(place.desc())
        last = self._matched(older.offset(looked_at - 1).limit(1)).scalar_subquery()
        bottom = select(last.label("at")).cte("bottom")
        # each table after the one before it, never the other way: no index is looked into by a sum
        if source is not messages:
            source = source.join(messages, messages.c.id == place + 0)
        source = source.join(tickets, tickets.c.id == messages.c.ticket_id + 0)
        lowest = select(func.coalesce(bottom.c.at, 0)).scalar_subquery()
        found = select(place.label("message"), tickets.c.id.label("ticket"))
        found = found.where(*conditions, place < below, place >= lowest)
        if self.walk:
            source = source.join(texts, texts.c.message_id == messages.c.id + tickets.c.id * 0)
            found = found.where(answering(self.query))
        hit = self._matched(found.select_from(source).order_by(place.desc()).limit(most)).subquery("hit")
        both = select(bottom.c.at, hit.c.message, hit.c.ticket).select_from(bottom.outerjoin(hit, true()))
        rows = self.session.connection().execute(both.order_by(hit.c.message.desc())).all()
        pairs = [(message, ticket) for _at, message, ticket in rows if message is not None]
        return pairs, pairs[-1][0] if len(pairs) == most else rows[0][0]

    def _candidates(self) -> tuple[FromClause, ColumnElement[int]]:
        """What names the messages to look at, and its column."""
        if not self.match:
            return messages, messages.c.id
        if _dialect(self.session) == "sqlite":
            return index, index.c.rowid
        # first all that the index finds: walking the messages backwards, a rare one takes for ever
        found = select(texts.c.message_id.label("id")).where(text(IN_VECTOR)).offset(0).subquery("found")
        return found, found.c.id

    def _matched(self, statement: Select[Any]) -> Select[Any]:
        if self.match and _dialect(self.session) == "sqlite":
            statement = statement.where(text("message_fts MATCH :match"))
        return statement.params(match=self.match) if self.match else statement


def way(session: Session, query: str) -> Way | None:
    """How to find the messages of a query; None for one without a word."""
    if not search_terms(query):
        return None
    return (_in_sqlite if _dialect(session) == "sqlite" else _in_postgresql)(session, query)


def answering(query: str) -> ColumnElement[bool]:
    """The condition that a ``MessageText`` answers a query, by its text alone; as the index finds it."""
    terms = search_terms(query)
    return and_(*(_answers(*term, beginning=term is terms[-1]) for term in terms))


def _answers(apart: tuple[str, ...], closed: str, beginning: bool) -> ColumnElement[bool]:
    spaced, joined = (literal(" ") + form + " " for form in (texts.c.spaced, texts.c.joined))
    *first, last = apart
    phrases = [_within(spaced, phrase, False) for phrase in first]
    either = or_(and_(*phrases, _within(spaced, last, beginning)), _within(joined, closed, beginning))
    return either if apart != (closed,) else or_(_within(spaced, closed, beginning), either)


def _within(form: ColumnElement[str], phrase: str, beginning: bool) -> ColumnElement[bool]:
    return func.replace(form, f" {phrase}{'' if beginning else ' '}", "") != form


def _many(found: Way) -> bool:
    """True when many of the newest messages answer."""
    return len(found.hits(BEYOND, PROBED, PROBED)[0]) * MANY >= PROBED


def _in_sqlite(session: Session, query: str) -> Way:
    lengths = {len(word) for word in last_words(query)}
    if lengths <= set(INDEXED):
        return Way(session, query, fts5_query(query), False)
    if min(lengths) >= INDEXED[0]:
        near = Way(session, query, fts5_query(query, _first_letters), True)
    else:
        near = Way(session, query, fts5_query(query, None), True)
    if _many(near):
        return near
    words = {word: _words_from(session, word) for word in last_words(query)}
    if any(len(some) > WORDS for some in words.values()):
        return near
    return Way(session, query, fts5_query(query, partial(_whole, words)), False)


def _first_letters(word: str) -> Iterable[str]:
    return [f"{word[: INDEXED[-1]]}*"]


def _whole(words: dict[str, list[str]], word: str) -> Iterable[str]:
    return words[word] or [word]


def _words_from(session: Session, beginning: str) -> list[str]:
    """The words of the index that begin so, up to one more than ``WORDS``; each is one look into the index."""
    return list(session.scalars(WORDS_FROM, {"word": beginning, "most": WORDS}))


def _in_postgresql(session: Session, query: str) -> Way:
    near = Way(session, query, "", True)
    if _many(near):
        return near
    match = tsquery(query)
    few = session.scalar(FEW, {"match": match, "common": COMMON}) < COMMON
    return Way(session, query, match, False) if few else near


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name
