"""A snoozed ticket: out of the open lists, back at its moment or when the customer writes, and nothing of it lost
on the way.
"""

from datetime import timedelta

import pytest

from helpdesk.core.errors import Invalid, NotFound
from helpdesk.core.outbox import replies
from helpdesk.core.tickets import merge, tickets


@pytest.fixture
def shop(small):
    """(small, agent's desk, account, a ticket of it)"""
    queue = small.queue("Orders")
    account = small.account(queue)
    return small, small.as_(small.user("Sara", queues=[queue])), account, small.ticket(account)


def tomorrow(small):
    return small.now + timedelta(days=1)


def test_it_rests_and_is_woken_by_hand(shop):
    small, uow, _account, ticket = shop
    until = tomorrow(small)
    tickets.change(uow, ticket.id, snoozed_until=until)
    assert (ticket.active, ticket.status, ticket.snoozed_until) == (False, "open", until)
    (event,) = small.events("ticket.changed")
    assert (event.data["before"]["snoozed_until"], event.data["after"]["snoozed_until"]) == (None, until.isoformat())
    tickets.change(uow, ticket.id, snoozed_until=None)
    assert ticket.active and ticket.snoozed_until is None


def test_it_comes_back_by_itself_once(shop):
    small, uow, account, ticket = shop
    stays = small.ticket(account)
    tickets.change(uow, ticket.id, snoozed_until=tomorrow(small))
    tickets.change(uow, stays.id, snoozed_until=tomorrow(small) + timedelta(hours=1))
    assert tickets.unsnooze_due(small.uow) == 0 and not ticket.active
    small.now = ticket.snoozed_until
    assert tickets.unsnooze_due(small.uow) == 1
    assert tickets.unsnooze_due(small.uow) == 0
    assert ticket.active and not stays.active
    back = small.events("ticket.changed")[-1]
    assert (back.ticket_id, back.actor, back.data["after"]["snoozed_until"]) == (ticket.id, "desk", None)


def test_many_come_back_a_few_in_each_write(shop, monkeypatch):
    small, _uow, account, _ticket = shop
    monkeypatch.setattr(tickets, "UNSNOOZED_AT_ONCE", 2)
    for _number in range(5):
        small.plain_ticket(account, snoozed_until=small.now, active=False)
    assert [tickets.unsnooze_due(small.uow) for _go in range(4)] == [2, 2, 1, 0]


def test_the_customers_word_ends_the_rest_at_once(shop):
    small, uow, account, ticket = shop
    said = replies.reply(uow, ticket.id, "We look into it.")
    tickets.change(uow, ticket.id, snoozed_until=tomorrow(small))
    small.arrives(account, references=[said.external_id], automatic="reply")
    small.session.refresh(ticket)
    assert ticket.snoozed_until, "a machine's word ends nothing"
    small.arrives(account, references=[said.external_id])
    small.session.refresh(ticket)
    assert (ticket.active, ticket.status, ticket.snoozed_until) == (True, "open", None)
    (event,) = small.events("message.received")
    assert event.data["before"]["snoozed_until"] and event.data["after"]["snoozed_until"] is None


def test_an_answer_lets_it_rest_on(shop):
    small, uow, _account, ticket = shop
    tickets.change(uow, ticket.id, snoozed_until=tomorrow(small))
    replies.reply(uow, ticket.id, "We write again tomorrow.")
    assert (ticket.status, ticket.active) == ("waiting", False) and ticket.snoozed_until


def test_an_answer_that_resolves_and_is_taken_back_leaves_it_resting(shop):
    small, uow, _account, ticket = shop
    until = tomorrow(small)
    tickets.change(uow, ticket.id, snoozed_until=until)
    said = replies.reply(uow, ticket.id, "It is on its way.", status="solved", undo=10)
    assert ticket.snoozed_until is None
    replies.undo(uow, said.id)
    assert (ticket.status, ticket.active, ticket.snoozed_until) == ("open", False, until)


@pytest.mark.parametrize("status", ["open", "solved", "closed"])
def test_what_is_opened_or_ended_rests_no_longer(shop, status):
    small, uow, _account, ticket = shop
    tickets.change(uow, ticket.id, snoozed_until=tomorrow(small))
    tickets.change(uow, ticket.id, status=status)
    assert ticket.snoozed_until is None and ticket.active == (status == "open")


def test_a_merge_wakes_what_has_something_to_do_and_brings_the_rest_back(shop):
    small, uow, account, ticket = shop
    until, other = tomorrow(small), small.ticket(account)
    tickets.change(uow, ticket.id, snoozed_until=until)
    done = merge.merge(uow, other.id, ticket.id)
    assert ticket.active and ticket.snoozed_until is None
    assert small.events("ticket.merged")[-1].data["before"]["snoozed_until"] == until.isoformat()
    merge.unmerge(uow, done.id)
    assert (ticket.active, ticket.snoozed_until) == (False, until)


def test_a_moment_that_makes_no_sense_is_a_sentence(shop):
    small, uow, _account, ticket = shop
    for until in (small.now - timedelta(minutes=1), small.now + timedelta(days=400)):
        with pytest.raises(Invalid):
            tickets.change(uow, ticket.id, snoozed_until=until)
    tickets.change(uow, ticket.id, status="solved")
    with pytest.raises(Invalid):
        tickets.change(uow, ticket.id, snoozed_until=tomorrow(small))
    with pytest.raises(NotFound):
        tickets.change(small.as_(small.user("Kian")), ticket.id, snoozed_until=tomorrow(small))
