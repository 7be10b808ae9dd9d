"""Which messages answer: every way to find them finds the same on both databases, and none reads more than it may."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event

from helpdesk.core.database.rows import add_many
from helpdesk.core.text import joined, normalise, tsquery
from helpdesk.core.tickets import matches
from helpdesk.core.tickets.message_models import Message, MessageText

WORDS = ["teapot", "teapots", "tea", "te", "kettle", "می‌خواهم", "کتاب‌ها", "کتاب", "سفارش", "سفیر", "12345", "1234", "x"]
texts = st.lists(st.lists(st.sampled_from(WORDS), max_size=5).map(" ".join), min_size=1, max_size=8)
queries = st.tuples(st.lists(st.sampled_from(WORDS), max_size=2), st.sampled_from(WORDS), st.integers(1, 9)).map(
    lambda parts: " ".join([*parts[0], parts[1][: parts[2]]])
)


@pytest.fixture
def wrote(small):
    """wrote(texts) leaves messages with these texts alone; returns their ids, oldest first."""
    ticket = small.ticket(small.account(small.queue()), text="first")
    plain = small.session.get(Message, ticket.last_message_id)
    row = {column.key: getattr(plain, column.key) for column in Message.__table__.columns if column.key != "id"}

    def write(given):
        with small.uow.writing() as session:
            session.execute(delete(MessageText))
            session.execute(delete(Message))
            ids = range(1, len(given) + 1)
            add_many(session, Message, [row | {"id": n} for n in ids])
            words = [(normalise(one), joined(one)) for one in given]
            pairs = zip(ids, words, strict=True)
            add_many(session, MessageText, [{"message_id": n, "spaced": a, "joined": b} for n, (a, b) in pairs])
        return list(ids)

    return write


def everything(way):
    ids, below = [], matches.BEYOND
    while way and below is not None:
        found, below = way.hits(below, 3, 2)
        ids += [message for message, _ticket in found]
    return ids


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts, queries)
def test_every_way_finds_the_same(small, wrote, texts, query):
    wrote(texts)
    ways = [matches.Way(small.session, query, "", True)]
    for many in (1, 10**9):  # walking back for nothing, and for anything
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(matches, "MANY", many)
            ways.append(matches.way(small.session, query))
    if small.session.get_bind().dialect.name == "postgresql":
        ways.append(matches.Way(small.session, query, tsquery(query), False))
    found = [everything(way) for way in ways]
    assert all(each == found[0] for each in found), (query, ways)


@pytest.mark.parametrize("word", ["teapot", "kettledrum", "می‌خواهم", "صورتحساب", "12345"])
def test_every_beginning_is_found_newest_first(small, wrote, word):
    ids = wrote(["something else", word, f"x {word}", "nothing", f"{word} x"])
    for length in range(1, len(word) + 1):
        if word[length - 1] != "\u200c":
            assert everything(matches.way(small.session, word[:length])) == [ids[4], ids[2], ids[1]], word[:length]


@pytest.mark.parametrize("small", ["sqlite"], indirect=True)
def test_sqlite_is_asked_for_no_beginning_that_it_would_have_to_merge(small, wrote):
    """Without a list of its own a beginning costs what all its hits cost; an index of words answers with what is asked."""
    rare = [f"zebra{n}" for n in range(30)]
    wrote([f"parcel {n % 10}" for n in range(300)] + rare + [f"order{n}" for n in range(100)] + ["teapot"] * 60)
    for query in ("p", "pa", "par", "parc", "parce", "parcel", "z", "zebra", "zebra1", "order", "o", "a parc", "q"):
        way = matches.way(small.session, query)
        for star in way.match.split(" *")[:-1]:
            assert len(star.rpartition('"')[0].rpartition('"')[2].split()[-1]) in matches.INDEXED, way
        assert way.match.count(" OR ") <= 2 * matches.WORDS


def test_a_page_reads_as_many_messages_as_it_may_and_says_where_to_go_on(small, wrote):
    ids = wrote(["parrot"] + [f"order{n}" for n in range(60)] + [f"other{n}" for n in range(150)])
    way = matches.Way(small.session, "orde", "", True)
    found, below = way.hits(matches.BEYOND, 170, 500)
    assert [message for message, _ticket in found] == ids[60:40:-1] and below == ids[41]
    assert way.hits(matches.BEYOND, 170, 5)[1] == ids[56], "as many hits as were asked for are a place to go on, too"
    assert everything(way) == ids[60:0:-1]


@pytest.mark.parametrize("small", ["sqlite"], indirect=True)
def test_few_questions_are_asked_whatever_is_sought(small, wrote):
    wrote([f"order{n} number{n % 7}" for n in range(200)])
    for query in ("o", "ord", "orde", "order1", "numb", "zebra", "order1 numb"):
        statements = []
        hear = lambda _c, _k, statement, *_rest, statements=statements: statements.append(statement)
        event.listen(small.runtime.engine, "before_cursor_execute", hear)
        matches.way(small.session, query)
        event.remove(small.runtime.engine, "before_cursor_execute", hear)
        assert len(statements) <= matches.WORDS + 3, query
