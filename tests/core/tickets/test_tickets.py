"""What people do to a ticket: what changes with what, what the journal tells, and who may not."""

from datetime import timedelta

import pytest

from helpdesk.core.database.base import NEVER
from helpdesk.core.errors import Conflict, Forbidden, Invalid, NotFound
from helpdesk.core.sla.order import by_last_word
from helpdesk.core.tickets import tickets
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import ConversationThread, Participant, Ticket


@pytest.fixture
def shop(small):
    """(small, agent's desk, ticket in the agent's queue, account of another team's queue)"""
    ours, theirs = small.queue("Orders"), small.queue("Invoices")
    agent = small.user("Sara", queues=[ours])
    return small, small.as_(agent), small.ticket(small.account(ours)), small.account(theirs)


def test_everything_changes_in_one_commit_with_one_event(shop):
    small, uow, ticket, _theirs = shop
    tickets.change(
        uow, ticket.id, status="pending", priority="urgent", assignee_id=uow.actor.user_id, tags=["late", "vip"]
    )
    (event,) = small.events("ticket.changed")
    assert event.actor == uow.actor.name and event.ticket_id == ticket.id
    kept = {"queue": ticket.queue_id}
    assert event.data["before"] == {"status": "open", "priority": "normal", "assignee": None, "tags": [], **kept}
    assert event.data["after"] == {
        "status": "pending",
        "priority": "urgent",
        "assignee": uow.actor.user_id,
        "tags": ["late", "vip"],
        **kept,
    }


def test_only_what_changed_is_told_and_nothing_when_nothing_did(shop):
    small, uow, ticket, _theirs = shop
    updated = ticket.updated_at
    tickets.change(uow, ticket.id, status="open", priority="normal", assignee_id=None, tags=[])
    assert small.events("ticket.changed") == [] and ticket.updated_at == updated
    tickets.change(uow, ticket.id, priority="low")
    (event,) = small.events("ticket.changed")
    assert event.data["after"] == {"status": "open", "queue": ticket.queue_id, "assignee": None, "priority": "low"}
    assert ticket.updated_at > updated


@pytest.mark.parametrize("status", ["waiting", "solved", "closed"])
def test_who_waits_stands_by_their_last_word(shop, status):
    small, uow, ticket, _theirs = shop
    assert ticket.target_at != NEVER
    last_word = small.session.get(Message, ticket.last_inbound_id).at
    tickets.change(uow, ticket.id, status=status)
    assert ticket.target_at == NEVER and ticket.active == (status == "waiting")
    small.now += timedelta(days=1)
    tickets.change(uow, ticket.id, status="open")
    assert ticket.active and ticket.target_at == by_last_word(last_word), "without clocks, by the customer's last word"


def test_a_place_is_kept(shop):
    small, uow, ticket, _theirs = shop
    due = ticket.target_at
    small.now += timedelta(minutes=30)
    tickets.change(uow, ticket.id, status="pending")
    tickets.change(uow, ticket.id, status="open")
    assert ticket.target_at == due


def test_a_closed_thread_leaves_room_for_a_new_one(small):
    account = small.account(small.queue())
    ticket = small.ticket(account, thread="visitor-7")
    assert small.arrives(account, thread="visitor-7").ticket_id == ticket.id
    tickets.change(small.uow, ticket.id, status="closed")
    assert small.session.query(ConversationThread).all() == []
    assert small.arrives(account, thread="visitor-7").ticket_id != ticket.id


def test_moving_to_another_queue_of_ones_own(small):
    here, there = small.queue(), small.queue()
    agent, both = small.user(queues=[here, there]), small.user(queues=[here, there])
    stays = small.user(queues=[here])
    ticket = small.ticket(small.account(here))
    uow = small.as_(agent)
    tickets.change(uow, ticket.id, assignee_id=both.id)
    tickets.change(uow, ticket.id, queue_id=there.id)
    assert (ticket.queue_id, ticket.assignee_id) == (there.id, both.id)
    tickets.change(uow, ticket.id, queue_id=here.id, assignee_id=stays.id)
    tickets.change(uow, ticket.id, queue_id=there.id)
    assert (ticket.queue_id, ticket.assignee_id) == (there.id, None), "nobody of this queue has it, so it is free"


def test_other_teams_queues_and_people_cannot_be_named(shop):
    small, uow, ticket, theirs = shop
    stranger = small.user("Kian", queues=[theirs.queue])
    trainer, gone = small.user("Tara", "trainer"), small.user("Omid", queues=[ticket.queue])
    with small.uow.writing():
        gone.active = False
    for facts in (
        {"assignee_id": stranger.id},
        {"assignee_id": trainer.id},
        {"assignee_id": gone.id},
        {"assignee_id": 2**70},
        {"status": "nonsense"},
        {"priority": "nonsense"},
    ):
        with pytest.raises(Invalid):
            tickets.change(uow, ticket.id, **facts)
    assert small.events("ticket.changed") == []


def test_what_one_has_in_a_foreign_queue_can_be_kept_or_given_back(shop):
    small, uow, _ticket, theirs = shop
    given = small.plain_ticket(theirs, assignee_id=uow.actor.user_id)
    tickets.change(uow, given.id, status="pending", assignee_id=uow.actor.user_id)
    tickets.change(uow, given.id, assignee_id=None)
    assert small.session.get(Ticket, given.id).assignee_id is None
    with pytest.raises(NotFound):
        tickets.change(uow, given.id, assignee_id=uow.actor.user_id)


def test_tags_are_short_single_and_few(shop):
    _small, uow, ticket, _theirs = shop
    tickets.change(uow, ticket.id, tags=[" late ", "late", "", "a\nb\x00", "x" * 99, *map(str, range(50))])
    assert ticket.tags[:3] == ["late", "a b", "x" * 40] and len(ticket.tags) == 20


@pytest.mark.parametrize("act", [lambda d, i: tickets.change(d, i, status="solved"), tickets.mark_read])
def test_unknown_and_foreign_tickets_look_the_same(shop, act):
    small, uow, _ticket, theirs = shop
    foreign = small.ticket(theirs)
    for ticket_id in (foreign.id, 999, 0, -1, 2**63, 2**200):
        with pytest.raises(NotFound):
            act(uow, ticket_id)


def test_a_merged_ticket_changes_no_more(shop):
    small, uow, ticket, _theirs = shop
    merged = small.plain_ticket(ticket.account, merged_into_id=ticket.id, status="closed", active=False)
    with pytest.raises(Conflict) as reported:
        tickets.change(uow, merged.id, status="open")
    assert f"#{ticket.id}" in str(reported.value)


def test_reading_is_written_once(shop):
    small, uow, ticket, _theirs = shop
    tickets.mark_read(uow, ticket.id)
    tickets.mark_read(uow, ticket.id)
    assert ticket.unread == 0 and len(small.events("ticket.read")) == 1


def test_a_new_voice_counts_once_it_is_accepted(small):
    account = small.account(small.queue())
    first = small.arrives(account, text="Mine")
    stranger = small.arrives(account, sender="eve", text="Also mine", references=[first.external_id])
    ticket = small.session.get(Ticket, first.ticket_id)
    assert stranger.ticket_id == ticket.id and stranger.unverified
    tickets.change(small.uow, ticket.id, status="solved")
    tickets.accept_sender(small.uow, stranger.id)
    assert not stranger.unverified and ticket.status == "open" and ticket.target_at != NEVER
    assert small.session.get(Participant, (ticket.id, "postal", "eve@post.example")) is not None
    (event,) = small.events("message.accepted")
    assert (event.data["before"]["status"], event.data["after"]["status"]) == ("solved", "open")
    tickets.accept_sender(small.uow, stranger.id)
    assert len(small.events("message.accepted")) == 1


def test_accepting_takes_the_sender_for_the_customer(small):
    account = small.account(small.queue())
    first = small.arrives(account)
    stranger = small.arrives(account, sender="eve", references=[first.external_id])
    small.now += timedelta(minutes=20)
    tickets.accept_sender(small.uow, stranger.id)
    assert small.session.get(Ticket, first.ticket_id).target_at == by_last_word(stranger.at)


def test_voices_of_other_teams_cannot_be_accepted(shop):
    small, uow, _ticket, theirs = shop
    first = small.arrives(theirs)
    stranger = small.arrives(theirs, sender="eve", references=[first.external_id])
    for message_id in (stranger.id, 999, 2**70):
        with pytest.raises(NotFound):
            tickets.accept_sender(uow, message_id)
    assert stranger.unverified


def test_colleagues_are_those_who_answer_the_queue(shop):
    small, uow, ticket, theirs = shop
    other, admin = small.user("Kian", queues=[theirs.queue]), small.user("Ada", "admin")
    small.user("Tara", "trainer", queues=[ticket.queue])
    here = {user.id for user in tickets.colleagues(uow, ticket.queue_id)}
    assert here == {uow.actor.user_id, admin.id}
    assert {user.id for user in tickets.colleagues(uow)} == here | {other.id}


def test_a_trainer_changes_nothing(shop):
    small, _uow, ticket, _theirs = shop
    trainer = small.as_(small.user("Tara", "trainer", queues=[ticket.queue]))
    with pytest.raises((NotFound, Forbidden)):
        tickets.change(trainer, ticket.id, status="solved")
