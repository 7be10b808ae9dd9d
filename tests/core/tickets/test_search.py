"""Search: words as people write them, in Persian too, only what one may see, pages without a repeat; the same on
both databases.
"""

import pytest
from sqlalchemy import select

from helpdesk.core.errors import Forbidden, NotFound
from helpdesk.core.outbox import replies
from helpdesk.core.tickets import matches, merge, search, ticket_lists
from helpdesk.core.tickets.message_models import MessageText
from helpdesk.core.tickets.models import Ticket


@pytest.fixture
def shop(small):
    """(small, agent, account of the agent's queue, account of another team's queue)"""
    ours, theirs = small.queue("Orders"), small.queue("Invoices")
    return small, small.user("Sara", queues=[ours]), small.account(ours), small.account(theirs)


def found(uow, query, **given):
    return [row["id"] for row in search.find(uow, query, **given).items]


def walked(uow, query, limit):
    ids, after = [], None
    while True:
        page = search.find(uow, query, after, limit)
        assert len(page.items) <= limit
        ids += [row["id"] for row in page.items]
        after = page.next
        if after is None:
            return ids


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("می‌خواهم سفارشم را پس بدهم", "ميخواهم"),
        ("می خواهم سفارشم را پس بدهم", "می‌خواهم"),
        ("ميخواهم سفارشم را پس بدهم", "می خواهم"),
        ("کتاب‌های من نرسید", "كتاب ها"),
        ("کتابهای من نرسید", "کتاب‌های"),
        ("شماره سفارش ۱۲۳۴۵ است", "12345"),
        ("Order 12345 is late", "۱۲۳۴۵"),
        ("The INVOICE is wrong", "invoice"),
        ("The invoice is wrong", "wrong invoice"),
        ("We were invoiced twice", "invo"),
        ("مُحَمَّد سفارش داد", "محمد"),
        ("ارسال به تهران", "تهران ارسال"),
    ],
)
def test_words_are_found_however_they_are_typed(shop, written, asked):
    small, agent, ours, _theirs = shop
    small.ticket(ours, text="Something else entirely")
    ticket = small.ticket(ours, text=written)
    assert found(small.as_(agent), asked) == [ticket.id]


@pytest.mark.parametrize(
    "asked",
    [
        "",
        " ",
        "!!!",
        '"',
        "a AND (",
        "* NEAR/2",
        "-x",
        "'; DROP TABLE message;--",
        "x" * 5000,
        "\x00",
        "\ud800",
        "()|&:*",
    ],
)
def test_nothing_that_is_typed_is_syntax(shop, asked):
    small, agent, ours, _theirs = shop
    small.ticket(ours)
    assert found(small.as_(agent), asked) == []


def test_every_word_must_be_there(shop):
    small, agent, ours, _theirs = shop
    both = small.ticket(ours, text="red shoes and a blue coat")
    small.ticket(ours, text="red hat")
    assert found(small.as_(agent), "red coat") == [both.id]
    assert found(small.as_(agent), "red boat") == []


def test_subject_sender_notes_and_replies_are_found(shop):
    small, agent, ours, _theirs = shop
    ticket = small.ticket(ours, subject="Broken teapot", sender="behrouz", text="See the picture")
    uow = small.as_(agent)
    replies.reply(uow, ticket.id, "We are sorry about this misfortune")
    replies.note(uow, ticket.id, "He phoned yesterday")
    for word in ("teapot", "behrouz", "picture", "misfortune", "phoned"):
        assert found(uow, word) == [ticket.id], word


def test_the_excerpt_is_of_the_newest_message_that_answers(shop):
    small, agent, ours, _theirs = shop
    ticket = small.ticket(ours, text="The teapot is blue")
    uow = small.as_(agent)
    replies.reply(uow, ticket.id, "Which teapot do you mean?")
    replies.note(uow, ticket.id, "No idea")
    assert [row["found"] for row in search.find(uow, "teapot").items] == ["Which teapot do you mean?"]


def test_what_is_shown_of_a_hit_is_where_the_words_stand(shop):
    small, agent, ours, _theirs = shop
    text = "سلام و وقت بخیر. " * 30 + "سماور نشتی دارد. " + "با سپاس فراوان. " * 30
    small.ticket(ours, text=text)
    (row,) = search.find(small.as_(agent), "سماور").items
    assert "سماور نشتی دارد" in row["found"] and len(row["found"]) <= 160


def test_what_others_may_not_see_is_not_found(shop):
    small, agent, ours, theirs = shop
    hidden = small.ticket(theirs, text="a secret elephant")
    uow = small.as_(agent)
    assert found(uow, "elephant") == [] and found(uow, f"#{hidden.id}") == []
    assert search.find(uow, "elephant").next is None
    with small.uow.writing():
        hidden.assignee_id = agent.id
    assert found(uow, "elephant") == [hidden.id]
    with pytest.raises(Forbidden):
        search.find(small.as_(small.user("Tara", "trainer", queues=[ours.queue])), "elephant")


def test_a_number_comes_first_in_any_digits(shop):
    small, agent, ours, _theirs = shop
    ticket = small.ticket(ours, text="nothing about numbers")
    other = small.ticket(ours, text=f"I mean my ticket {ticket.id}")
    persian = str(ticket.id).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    for asked in (str(ticket.id), f"#{ticket.id}", f" #{persian} "):
        assert found(small.as_(agent), asked) == [ticket.id, other.id]
    assert found(small.as_(agent), "#" + "9" * 40) == []


@pytest.mark.parametrize("limit", [1, 2, 5, 50])
def test_pages_add_up_to_the_whole_and_repeat_nothing(shop, limit):
    small, agent, ours, theirs = shop
    tickets = [
        small.ticket(account, text="raw message late")
        for account in (ours, theirs, ours, ours, theirs, ours, ours, ours)
    ]
    uow = small.as_(agent)
    seen = [t for t in tickets if t.account_id == ours.id]
    for ticket in (seen[0], seen[3], seen[0]):
        replies.note(uow, ticket.id, "the raw message is found")
    newest_first = [seen[0].id, seen[3].id, *(t.id for t in reversed(seen) if t not in (seen[0], seen[3]))]
    assert walked(uow, "raw_message", limit) == newest_first


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_number_takes_its_place_once(shop, limit):
    small, agent, ours, _theirs = shop
    first = small.ticket(ours, text="the first")
    others = [small.ticket(ours, text=f"as in {first.id}") for _ in range(4)]
    replies.note(small.as_(agent), first.id, f"this is {first.id}")
    assert walked(small.as_(agent), str(first.id), limit) == [first.id, *(t.id for t in reversed(others))]


def test_a_page_looks_at_so_many_messages_and_says_where_it_stopped(shop, monkeypatch):
    monkeypatch.setattr(search, "LOOKED_AT", 9)
    small, agent, ours, theirs = shop
    mine = small.ticket(ours, text="umbrella")
    for _ in range(20):
        small.ticket(theirs, text="umbrella")
    uow = small.as_(agent)
    assert search.find(uow, "umbrella").items == []
    assert walked(uow, "umbrella", 10) == [mine.id]


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_common_words_and_their_beginnings_lose_no_ticket(shop, monkeypatch, limit):
    monkeypatch.setattr(matches, "PROBED", 4)
    monkeypatch.setattr(search, "LOOKED_AT", 3)
    small, agent, ours, _theirs = shop
    uow = small.as_(agent)
    tickets = [small.ticket(ours, text="my kettle") for _ in range(6)]
    for ticket in (tickets[0], tickets[3]):
        replies.note(uow, ticket.id, "two kettles")
    ids = walked(uow, "kettle", limit)
    assert len(ids) == len(set(ids)) and set(ids) == {t.id for t in tickets}


def test_withdrawn_words_and_merged_tickets(shop):
    small, agent, ours, _theirs = shop
    uow = small.as_(agent)
    one, two = small.ticket(ours, text="first kettle"), small.ticket(ours, text="second pan")
    said = replies.reply(uow, two.id, "an unwise porcupine", undo=10)
    assert found(uow, "porcupine") == [two.id]
    replies.undo(uow, said.id)
    assert found(uow, "porcupine") == []
    merge.merge(uow, one.id, two.id)
    assert found(uow, "kettle") == [two.id]


def test_facts_narrow_what_is_found(shop):
    small, agent, ours, theirs = shop
    uow = small.as_(agent)
    waiting, fresh = small.ticket(ours, text="mirror"), small.ticket(ours, text="mirror")
    replies.reply(uow, waiting.id, "On its way")
    assert found(uow, "mirror", where=ticket_lists.having(uow, status="waiting")) == [waiting.id]
    assert found(uow, "mirror", where=ticket_lists.having(uow, status="open", queue=ours.queue_id, assignee=0)) == [
        fresh.id
    ]
    with pytest.raises(NotFound):
        ticket_lists.having(uow, queue=theirs.queue_id)


def test_the_index_follows_its_table(shop):
    small, agent, ours, _theirs = shop
    ticket = small.ticket(ours, text="a wandering albatross")
    with small.uow.writing() as session:
        row = session.scalars(select(MessageText)).one()
        row.spaced = row.joined = "a settled pigeon"
    assert found(small.as_(agent), "albatross") == [] and found(small.as_(agent), "pigeon") == [ticket.id]
    with small.uow.writing() as session:
        session.delete(session.get(MessageText, ticket.last_message_id))
    assert found(small.as_(agent), "pigeon") == []
    assert small.session.get(Ticket, ticket.id) is not None
