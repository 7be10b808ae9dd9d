"""Tickets that begin at the desk: the rows, the answer that finds back, taking back, and who may write first from
where.
"""

import pytest

from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.accepts import Accepts, Attachments
from helpdesk.core.channels.address_types import File
from helpdesk.core.database.base import NEVER
from helpdesk.core.errors import Conflict, Forbidden, Invalid, NotFound
from helpdesk.core.outbox import new_ticket, replies
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets import drafts, tickets, tokens
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Participant, Ticket


@pytest.fixture
def shop(small, monkeypatch):
    """(small, the agent's desk, an account of letters that can write first)"""
    monkeypatch.setattr(
        small.runtime.channels["letters"], "accepts", Accepts(subject=True, attachments=Attachments(), first=True)
    )
    queue = small.queue("Orders")
    return small, small.as_(small.user("Sara", queues=[queue])), small.account(queue)


def begin(uow, account, to="Kian@Post.example ", subject="Your\r\n order", text="It has come.", **more):
    return new_ticket.open_ticket(uow, account.id, to, subject, text, **more)


def ticket_of(small, message) -> Ticket:
    return small.session.get(Ticket, message.ticket_id, populate_existing=True)


def delivery_of(small, message) -> Delivery:
    return small.session.query(Delivery).filter_by(message_id=message.id).populate_existing().one()


def test_customer_ticket_message_and_delivery_are_there_together(shop):
    small, uow, account = shop
    message = begin(uow, account, files=[File("a.txt", "text/plain", b"hello")])
    ticket, delivery = ticket_of(small, message), delivery_of(small, message)
    assert (ticket.subject, ticket.status, ticket.target_at, ticket.active) == ("Your order", "waiting", NEVER, True)
    assert (ticket.queue_id, ticket.assignee_id, ticket.preview) == (
        account.queue_id,
        uow.actor.user_id,
        "It has come.",
    )
    assert (ticket.last_message_id, ticket.last_inbound_id, ticket.unread) == (message.id, 0, 0)
    assert (ticket.customer.name, ticket.customer.language) == ("kian@post.example", "en")
    assert (message.kind, message.author, message.files[0].name) == ("out", "Sara", "a.txt")
    assert (delivery.state, delivery.subject, delivery.to) == (
        "queued",
        "Your order",
        [{"kind": "postal", "value": "kian@post.example", "name": ""}],
    )
    opened, queued = small.events("ticket.opened")[0], small.events("reply.queued")[0]
    assert (opened.ticket_id, opened.message_id, opened.actor, opened.data["silent"]) == (
        ticket.id,
        message.id,
        uow.actor.name,
        True,
    )
    assert (queued.message_id, queued.data["before"]) == (message.id, queued.data["after"])
    assert "kian" not in str([event.data for event in small.events()])


def test_the_answer_joins_the_same_ticket(shop):
    small, uow, account = shop
    message = begin(uow, account)
    signed = message.external_id.split(".")[0]
    answer = small.arrives(account, sender="kian", tokens=[signed])
    assert answer.ticket_id == message.ticket_id and not answer.unverified
    assert tokens.verify(uow.secrets, signed)[0] == message.ticket_id
    assert ticket_of(small, message).status == "open"
    by_reference = small.arrives(account, sender="kian", references=[message.external_id])
    assert by_reference.ticket_id == message.ticket_id and not by_reference.unverified


def test_somebody_known_is_written_to_by_name_and_stays_one_customer(shop):
    small, uow, account = shop
    known = small.ticket(account, sender="mina")
    message = begin(uow, account, to="MINA@post.example")
    assert ticket_of(small, message).customer_id == known.customer_id
    assert delivery_of(small, message).to == [{"kind": "postal", "value": "mina@post.example", "name": "Mina"}]
    assert small.session.query(Customer).count() == small.session.query(Identity).count() == 1


def test_a_new_customer_is_written_to_in_the_language_of_the_text(shop):
    small, uow, account = shop
    assert (
        ticket_of(
            small, begin(uow, account, to="sara@post.example", text="سلام، سفارش KH-20814 رسید.")
        ).customer.language
        == "fa"
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"to": ""}, "to"), ({"to": "a\x00@post.example"}, "to"), ({"to": "x" * 255}, "to"), ({"subject": " \n"}, "subject"), ({"text": " "}, "text"),
        ({"text": "x" * 200_001}, "text"), ({"to": "desk@post.example"}, "to"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_whole(shop, given, field):
    small, uow, account = shop
    with pytest.raises(Invalid) as refused:
        begin(uow, account, **given)
    assert field in refused.value.fields
    assert (
        small.session.query(Ticket).count()
        == small.session.query(Customer).count()
        == small.session.query(Message).count()
        == 0
    )


def test_a_channel_that_cannot_write_first_does_not(shop):
    small, uow, account = shop
    small.runtime.channels["letters"].accepts = Accepts(subject=True)
    assert new_ticket.senders(uow) == []
    with pytest.raises(Invalid):
        begin(uow, account)


def test_an_account_that_is_off_does_not_write(shop):
    small, uow, account = shop
    with small.uow.writing():
        account.enabled = False
    assert new_ticket.senders(uow) == []
    with pytest.raises(Invalid):
        begin(uow, account)


def test_only_from_accounts_and_into_queues_of_ones_own(shop):
    small, uow, account = shop
    theirs = small.queue("Billing")
    stranger, trainer = small.as_(small.user("Omid", queues=[theirs])), small.as_(small.user("Tara", "trainer"))
    assert ([a.id for a in new_ticket.senders(uow)], new_ticket.senders(stranger)) == ([account.id], [])
    for who, given in ((stranger, {}), (uow, {"queue_id": theirs.id}), (uow, {"queue_id": 999_999})):
        with pytest.raises(NotFound):
            begin(who, account, **given)
    with pytest.raises(NotFound):
        new_ticket.open_ticket(uow, 999_999, "a@post.example", "Hello", "Hello")
    with pytest.raises(Forbidden):
        begin(trainer, account)
    assert small.session.query(Ticket).count() == 0


def test_taken_back_the_ticket_is_closed_and_the_words_are_a_draft_again(shop):
    small, uow, account = shop
    drafts.save_opening(uow, {"to": "zahra@post.example", "text": "Begun since", "nonsense": "x"})
    message = begin(uow, account, undo=10)
    assert drafts.opening(uow) == dict.fromkeys(drafts.OPENING, "")
    drafts.save_opening(uow, {"to": "zahra@post.example", "text": "Begun since"})
    assert replies.undo(uow, message.id) == "It has come.\n\nBegun since"
    ticket, kept = ticket_of(small, message), drafts.opening(uow)
    assert (ticket.status, ticket.active, ticket.assignee_id, ticket.last_message_id) == ("closed", False, None, 0)
    assert kept == {
        "account": str(account.id),
        "queue": str(account.queue_id),
        "to": "kian@post.example",
        "subject": "Your order",
        "text": "It has come.\n\nBegun since",
    }
    assert delivery_of(small, message).state == "withdrawn"
    with pytest.raises(Conflict):
        replies.undo(uow, message.id)


def test_taken_back_after_a_colleague_wrote_a_note_the_ticket_stays(shop):
    small, uow, account = shop
    message = begin(uow, account, undo=10)
    replies.note(uow, message.ticket_id, "I know them")
    replies.undo(uow, message.id)
    assert ticket_of(small, message).status == "waiting"
    assert (drafts.load(uow, message.ticket_id)["reply"], drafts.opening(uow)["text"]) == ("It has come.", "")


def test_a_draft_without_words_is_forgotten(shop):
    _small, uow, _account = shop
    drafts.save_opening(uow, {"subject": "Hello"})
    drafts.save_opening(uow, {"account": "1", "subject": " "})
    assert drafts.opening(uow) == dict.fromkeys(drafts.OPENING, "")


def test_whoever_is_written_to_takes_part(shop):
    small, uow, account = shop
    message = begin(uow, account)
    assert small.session.query(Participant.address).filter_by(ticket_id=message.ticket_id).all() == [
        ("kian@post.example",)
    ]
    tickets.change(uow, message.ticket_id, status="solved")
    assert replies.reply(uow, message.ticket_id, "One thing more").ticket_id == message.ticket_id


def test_the_account_last_used_in_the_queue_is_offered_first_and_a_failing_one_last(shop):
    small, uow, account = shop
    other = small.account(account.queue)
    begin(uow, other)
    assert [row.id for row in new_ticket.senders(uow, account.queue_id)][0] == other.id
    with uow.writing() as session:
        session.get(Account, other.id).health = {"error": "The server does not answer."}
    assert [row.id for row in new_ticket.senders(uow, account.queue_id)][-1] == other.id
