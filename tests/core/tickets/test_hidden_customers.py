"""A customer whom an agent may not know stays unknown, whatever the agent types (FAULTS S9, TRUST A6, A8, S02)."""

import json

import pytest
from sqlalchemy import select

from helpdesk.core.channels.accepts import Accepts
from helpdesk.core.errors import Conflict, NotFound
from helpdesk.core.outbox import new_ticket, replies
from helpdesk.core.people.identities import mark_bounced
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.records import erase, export
from helpdesk.core.records.merge import merge_customers
from helpdesk.core.tickets import customers, search, ticket_lists, timeline
from helpdesk.core.tickets.message_models import Delivery
from helpdesk.core.tickets.models import Ticket

SECRETS = ("Kian Secret", "kian.private@post.example")
HIDDEN, NEW = "kian@post.example", "nobody@post.example"


@pytest.fixture
def desk(small, monkeypatch):
    """(small, the agent's desk, the agent's account, another team's account, whose customer the agent may not know)"""
    monkeypatch.setattr(small.runtime.channels["letters"], "accepts", Accepts(subject=True, first=True))
    ours, theirs = small.queue(), small.queue()
    uow = small.as_(small.user("Sara", queues=[ours]))
    account, other = small.account(ours), small.account(theirs)
    hidden = small.ticket(other, sender="kian").customer_id
    customers.rename(small.uow, hidden, SECRETS[0])
    customers.add_identity(small.uow, hidden, "postal", SECRETS[1])
    return small, uow, account, other, hidden


def write_to(uow, account, address):
    message = new_ticket.open_ticket(uow, account.id, address, "Hello", "Are you there?", undo=10)
    return uow.session.get(Ticket, message.ticket_id, populate_existing=True), message


def everything_about(uow, ticket):
    """All that an agent can read of a ticket and its customer, without ids and times."""
    card = customers.card(uow, ticket.customer_id)
    said = {
        "card": [card["customer"].name, [(i.kind, i.address, i.bounced, i.verified_at) for i in card["identities"]]],
        "others": list(card["others"]),
        "row": ticket_lists.rows(uow, [ticket.id])[0]["customer"]["name"],
        "delivery": [d.to for d in uow.session.scalars(select(Delivery).join(Delivery.message).where(Delivery.message.has(ticket_id=ticket.id)))],
        "found": [row["customer"]["name"] for row in search.find(uow, "there").items if row["id"] == ticket.id],
        "tickets": len(card["tickets"]),
        "conversation": [(item["author"], item["address"]) for item in timeline.conversation(uow, ticket.id).items if item["is"] == "message"],
    }  # fmt: skip
    return json.dumps(said, default=str)


def test_whoever_is_written_to_shows_what_was_typed_and_no_more(desk):
    small, uow, account, _other, hidden = desk
    known, new = (write_to(uow, account, address)[0] for address in (HIDDEN, NEW))
    assert not [secret for secret in SECRETS if secret in everything_about(uow, known)]
    assert everything_about(uow, known) == everything_about(uow, new).replace(NEW, HIDDEN)
    assert customers.rename(uow, known.customer_id, "Mine").name == "Mine"
    assert small.session.get(Customer, hidden).name == SECRETS[0]
    with pytest.raises(NotFound):
        customers.card(uow, hidden)


def test_opening_and_taking_back_teaches_nothing(desk):
    _small, uow, account, _other, hidden = desk
    ticket, message = write_to(uow, account, HIDDEN)
    replies.undo(uow, message.id)
    assert not [secret for secret in SECRETS if secret in everything_about(uow, ticket)]
    with pytest.raises(NotFound):
        customers.card(uow, hidden)


def test_writing_again_finds_the_same_card(desk):
    _small, uow, account, _other, _hidden = desk
    first, second = (write_to(uow, account, HIDDEN)[0] for _ in range(2))
    assert first.customer_id == second.customer_id


def test_who_answers_is_known_from_then_on(desk):
    small, uow, account, _other, hidden = desk
    ticket, message = write_to(uow, account, HIDDEN)
    forged = small.arrives(account, sender="kian", subject=f"Hello [#{ticket.id}]")
    assert small.session.get(Ticket, ticket.id, populate_existing=True).customer_id != hidden and forged.unverified
    small.arrives(account, sender="kian", tokens=[message.external_id.split(".")[0]])
    assert small.session.get(Ticket, ticket.id, populate_existing=True).customer_id == hidden
    assert SECRETS[0] in everything_about(uow, ticket)


def test_adding_an_address_answers_alike_whether_or_not_somebody_has_it(desk):
    small, uow, account, _other, hidden = desk
    mine, also = small.ticket(account, sender="mina"), small.ticket(account, sender="sara")
    for ticket, address in ((mine, HIDDEN), (also, NEW)):
        customers.add_identity(uow, ticket.customer_id, "postal", address)
        customers.add_identity(uow, ticket.customer_id, "postal", address)
        customers.add_identity(
            uow, ticket.customer_id, "postal", "later@post.example" if ticket is mine else "too@post.example"
        )
    cards = [customers.card(uow, ticket.customer_id) for ticket in (mine, also)]
    assert [[i.address for i in card["identities"]] for card in cards] == [
        ["mina@post.example", HIDDEN, "later@post.example"],
        ["sara@post.example", NEW, "too@post.example"],
    ]
    assert [card["others"] for card in cards] == [{}, {}]
    assert small.arrives(account, sender="kian").customer_id == hidden, "their mail is still theirs"
    kept = small.session.scalars(select(Identity).where(Identity.address == HIDDEN).order_by(Identity.claim))
    assert [(i.customer_id, i.claim) for i in kept] == [(hidden, 0), (mine.customer_id, mine.customer_id)]


def test_who_may_know_both_is_told_and_merges_them(desk):
    small, uow, account, _other, hidden = desk
    mine = small.ticket(account, sender="mina").customer_id
    customers.add_identity(uow, mine, "postal", HIDDEN)
    card = customers.card(small.uow, mine)
    assert {address: owner.id for address, owner in card["others"].items()} == {HIDDEN: hidden}
    with pytest.raises(Conflict) as taken:
        customers.add_identity(small.uow, hidden, "postal", "mina@post.example")
    assert taken.value.more == {"customer": mine}
    with pytest.raises(NotFound):
        merge_customers(uow, mine, hidden)
    merge_customers(small.uow, mine, hidden)
    assert {(i.address, i.claim) for i in customers.card(small.uow, hidden)["identities"]} == {
        (HIDDEN, 0), (SECRETS[1], 0), ("mina@post.example", 0),
    }  # fmt: skip


def test_two_claims_are_one_after_a_merge(desk):
    small, uow, account, _other, hidden = desk
    first, second = (small.ticket(account, sender=name).customer_id for name in ("mina", "sara"))
    for card in (first, second):
        customers.add_identity(uow, card, "postal", HIDDEN)
    merge_customers(uow, first, second)
    merge_customers(small.uow, hidden, second)
    assert [i.claim for i in customers.card(small.uow, second)["identities"]] == [0, 0, 0, 0]


def test_a_failed_address_is_marked_on_every_card(desk):
    small, uow, account, _other, _hidden = desk
    ticket, _message = write_to(uow, account, HIDDEN)
    with small.uow.writing():
        mark_bounced(small.uow, "postal", HIDDEN, "5.1.1")
    assert [i.bounced for i in customers.card(uow, ticket.customer_id)["identities"]] == ["5.1.1"]


def test_export_and_erasure_reach_what_others_typed(desk):
    small, uow, account, _other, hidden = desk
    mine = small.ticket(account, sender="mina").customer_id
    customers.add_identity(uow, mine, "postal", HIDDEN)
    ticket, _message = write_to(small.as_(small.user("Omid", queues=[account.queue])), account, SECRETS[1])
    assert ticket.id in [row["id"] for row in export.export(small.uow, hidden)["tickets"]]
    erase.run(small.uow, type("Job", (), {"args": {"customer": hidden}, "progress": staticmethod(lambda *_: None)}))
    assert [i.address for i in small.session.scalars(select(Identity))] == ["mina@post.example"]
    assert small.session.get(Ticket, ticket.id, populate_existing=True).subject == ""
