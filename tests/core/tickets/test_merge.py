"""Merging and taking it back: messages move and return, nothing that waits is forgotten, consoles can count."""

from datetime import timedelta

import pytest

from helpdesk.core.database.base import NEVER
from helpdesk.core.errors import Conflict, Invalid, NotFound
from helpdesk.core.outbox import replies
from helpdesk.core.sla import clocks
from helpdesk.core.sla.kinds import ClockKind
from helpdesk.core.sla.order import by_target
from helpdesk.core.tickets import drafts, merge, targets, ticket_lists, tickets
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.models import Participant, Ticket
from helpdesk.core.tickets.targets import Target

ANSWER = ClockKind("answer", "Answer", frozenset({"opened", "reopened"}), cancels=frozenset({"waiting", "solved"}))


@pytest.fixture
def shop(small):
    """(small, the agent's desk, an account of the agent's queue); tickets have a clock, without a target at first"""
    queue = small.queue("Orders")
    small.runtime.clocks.register("test", [ANSWER])
    return small, small.as_(small.user("Sara", queues=[queue])), small.account(queue)


def set_target(small, ticket):
    """Set a target an hour after the ticket came."""
    (clock,) = clocks.under_way(small.uow, ticket.id)
    since = clock.running_since
    target = Target(clock.id, clock.revision, by_target(since + timedelta(hours=1)), running_since=since)
    assert targets.set_targets(small.uow, [target]) == 1
    small.session.refresh(ticket)
    return ticket.target_at


def messages(small, ticket_id):
    small.session.expire_all()
    return [m.text for m in small.session.query(Message).filter_by(ticket_id=ticket_id).order_by(Message.id)]


def state(ticket):
    return {
        name: getattr(ticket, name)
        for name in (
            "status",
            "active",
            "target_at",
            "unread",
            "preview",
            "last_message_id",
            "last_inbound_id",
            "merged_into_id",
        )
    }


def test_messages_move_and_return(shop):
    small, uow, account = shop
    source, target = small.ticket(account, text="one"), small.ticket(account, text="two", sender="kian")
    before = state(source), state(target)
    done = merge.merge(uow, source.id, target.id)
    assert messages(small, target.id) == ["one", "two"] and messages(small, source.id) == []
    assert (source.status, source.merged_into_id, source.unread, source.last_message_id) == ("closed", target.id, 0, 0)
    assert (target.unread, target.preview) == (2, "two")
    merge.unmerge(uow, done.id)
    assert messages(small, target.id) == ["two"] and messages(small, source.id) == ["one"]
    assert (state(source), state(target)) == before


def test_a_later_message_stays_where_it_came(shop):
    small, uow, account = shop
    source, target = small.ticket(account, text="one"), small.ticket(account, text="two")
    done = merge.merge(uow, source.id, target.id)
    replies.note(uow, target.id, "three")
    merge.unmerge(uow, done.id)
    assert messages(small, source.id) == ["one"] and messages(small, target.id) == ["two", "three"]


def test_an_answer_to_the_emptied_ticket_arrives_at_the_full_one(shop):
    small, uow, account = shop
    first = small.arrives(account)
    target = small.ticket(account)
    merge.merge(uow, first.ticket_id, target.id)
    assert small.arrives(account, references=[first.external_id]).ticket_id == target.id


@pytest.mark.parametrize("status", ["waiting", "solved", "closed"])
def test_a_question_that_waits_opens_the_ticket_it_is_put_into(shop, status):
    small, uow, account = shop
    source, target = small.ticket(account), small.ticket(account)
    due = set_target(small, source)
    tickets.change(uow, target.id, status=status)
    done = merge.merge(uow, source.id, target.id)
    assert (target.status, target.active, target.target_at) == ("open", True, due)
    merge.unmerge(uow, done.id)
    assert (target.status, target.target_at, source.status, source.target_at) == (status, NEVER, "open", due)


def test_the_earlier_promise_is_kept(shop):
    small, uow, account = shop
    early, late = small.ticket(account), small.ticket(account)
    due = set_target(small, early)
    assert due < set_target(small, late)
    merge.merge(uow, early.id, late.id)
    assert late.target_at == due


def test_what_was_done_since_is_not_undone(shop):
    small, uow, account = shop
    source, target = small.ticket(account), small.ticket(account)
    tickets.change(uow, target.id, status="solved")
    done = merge.merge(uow, source.id, target.id)
    small.arrives(
        account,
        sender="mina",
        references=[small.session.query(Message).filter_by(ticket_id=target.id).first().external_id],
    )
    merge.unmerge(uow, done.id)
    assert target.status == "open", "the new message still waits"


def test_participants_move_and_return_but_for_those_who_spoke_since(shop):
    small, uow, account = shop
    source, target = small.ticket(account, sender="mina"), small.ticket(account, sender="kian")

    def people():
        small.session.expire_all()
        return {p.address for p in small.session.query(Participant).filter_by(ticket_id=target.id)}

    done = merge.merge(uow, source.id, target.id)
    assert people() == {"mina@post.example", "kian@post.example"}
    merge.unmerge(uow, done.id)
    assert people() == {"kian@post.example"}
    done = merge.merge(uow, source.id, target.id)
    known = small.session.query(Message).filter_by(ticket_id=target.id).first().external_id
    small.arrives(account, sender="mina", references=[known])
    merge.unmerge(uow, done.id)
    assert people() == {"mina@post.example", "kian@post.example"}


def test_consoles_are_told_what_was_and_what_is(shop):
    small, uow, account = shop
    source, target = small.ticket(account), small.ticket(account)
    tickets.change(uow, target.id, status="solved")
    done = merge.merge(uow, source.id, target.id)
    merge.unmerge(uow, done.id)
    reported = [
        (e.kind, e.ticket_id, e.data["before"]["status"], e.data["after"]["status"])
        for e in small.events()
        if e.kind.startswith("ticket.") and "merge" in e.data
    ]
    assert reported == [
        ("ticket.merged", source.id, "open", "closed"),
        ("ticket.merged", target.id, "solved", "open"),
        ("ticket.unmerged", source.id, "closed", "open"),
        ("ticket.unmerged", target.id, "open", "solved"),
    ]


def test_what_cannot_be_merged(shop):
    small, uow, account = shop
    one, two, three = (small.ticket(account) for _ in range(3))
    foreign = small.ticket(small.account(small.queue("Invoices")))
    with pytest.raises(Invalid):
        merge.merge(uow, one.id, one.id)
    for source, target in ((one.id, foreign.id), (foreign.id, one.id), (one.id, 999), (2**70, one.id)):
        with pytest.raises(NotFound):
            merge.merge(uow, source, target)
    merge.merge(uow, one.id, two.id)
    for source, target in ((one.id, three.id), (three.id, one.id), (two.id, one.id)):
        with pytest.raises(Conflict):
            merge.merge(uow, source, target)


def test_merges_come_apart_from_the_outside_in(shop):
    small, uow, account = shop
    one, two, three = (small.ticket(account, text=name) for name in ("one", "two", "three"))
    inner = merge.merge(uow, one.id, two.id)
    outer = merge.merge(uow, two.id, three.id)
    assert messages(small, three.id) == ["one", "two", "three"]
    with pytest.raises(Conflict):
        merge.unmerge(uow, inner.id)
    merge.unmerge(uow, outer.id)
    merge.unmerge(uow, inner.id)
    assert [messages(small, t.id) for t in (one, two, three)] == [["one"], ["two"], ["three"]]
    with pytest.raises(Conflict):
        merge.unmerge(uow, inner.id)


def test_only_who_sees_both_takes_a_merge_back(small):
    ours, theirs = small.queue(), small.queue()
    both, one = small.user(queues=[ours, theirs]), small.user(queues=[ours])
    source, target = small.ticket(small.account(theirs)), small.ticket(small.account(ours))
    done = merge.merge(small.as_(both), source.id, target.id)
    for merge_id in (done.id, 999, 2**70):
        with pytest.raises(NotFound):
            merge.unmerge(small.as_(one), merge_id)
    merge.unmerge(small.as_(both), done.id)


def test_suggestions_are_of_the_same_customer_and_visible(shop):
    small, uow, account = shop
    hidden = small.ticket(small.account(small.queue("Invoices")))
    old, new = small.ticket(account), small.ticket(account)
    small.ticket(account, sender="kian")
    solved = small.ticket(account)
    tickets.change(uow, solved.id, status="solved")
    assert [row["id"] for row in merge.suggestions(uow, new.id)] == [old.id]
    with small.uow.writing() as session:
        session.get(Ticket, new.id).follow_up_of_id = solved.id
    assert [row["id"] for row in merge.suggestions(uow, new.id)] == [solved.id, old.id]
    with small.uow.writing() as session:
        session.get(Ticket, new.id).follow_up_of_id = hidden.id
    assert [row["id"] for row in merge.suggestions(uow, new.id)] == [old.id]


def test_the_list_shows_one_of_two(shop):
    small, uow, account = shop
    source, target = small.ticket(account), small.ticket(account)
    merge.merge(uow, source.id, target.id)
    assert [row["id"] for row in ticket_lists.page(uow, "all").items] == [target.id]
    assert [row["id"] for row in ticket_lists.listed(uow).items] == [target.id]


def test_a_draft_moves_below_the_targets_draft_and_back(shop):
    """FAULTS A15: nobody's words wait on a ticket that cannot be answered."""
    small, uow, account = shop
    colleague = small.as_(small.user("Babak", role="admin"))
    source, target = small.ticket(account), small.ticket(account, sender="kian")
    drafts.save(uow, source.id, "reply", "Half a sentence")
    drafts.save(uow, target.id, "reply", "Begun here")
    drafts.save(uow, source.id, "note", "A note")
    drafts.save(colleague, source.id, "reply", "Mine")
    done = merge.merge(uow, source.id, target.id)
    here, there = drafts.load(uow, target.id), drafts.load(uow, source.id)
    assert (here["reply"], here["note"], there["reply"], there["note"]) == (
        "Begun here\n\nHalf a sentence",
        "A note",
        "",
        "",
    )
    assert drafts.load(colleague, target.id)["reply"] == "Mine" and drafts.drafted_tickets(colleague) == [target.id]
    drafts.save(uow, target.id, "reply", "Begun here\n\nHalf a sentence, and the other half")
    merge.unmerge(uow, done.id)
    assert drafts.load(uow, target.id)["reply"] == "Begun here\n\nHalf a sentence, and the other half", (
        "what was gone on with stays"
    )
    assert drafts.load(uow, source.id)["note"] == "A note" and drafts.load(uow, target.id)["note"] == ""
    assert drafts.load(colleague, source.id)["reply"] == "Mine" and drafts.drafted_tickets(colleague) == [source.id]
