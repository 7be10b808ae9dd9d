"""Several tickets in one go: each authorised for itself, who is left out is named, and what was done stays done."""

import pytest

from helpdesk.core.errors import Conflict, Forbidden, Invalid
from helpdesk.core.tickets import bulk, merge, tickets


@pytest.fixture
def shop(small):
    """(small, agent's desk, account of their queue, account of another team's)"""
    ours, theirs = small.queue("Orders"), small.queue("Invoices")
    return small, small.as_(small.user("Sara", queues=[ours])), small.account(ours), small.account(theirs)


def sentences(outcome):
    return {ticket: reason.sentence for ticket, reason in outcome.left.items()}


def test_each_is_changed_and_who_is_left_out_is_named(shop):
    small, uow, ours, theirs = shop
    first, second, gone = (small.ticket(ours) for _number in range(3))
    foreign = small.ticket(theirs)
    merge.merge(uow, gone.id, first.id)
    outcome = bulk.change(uow, [second.id, foreign.id, gone.id, first.id, 999_999, 2**70, second.id], priority="high")
    assert outcome.done == [second.id, first.id]
    assert sentences(outcome) == {
        foreign.id: bulk.UNKNOWN,
        gone.id: "This ticket was merged into #%(number)s.",
        999_999: bulk.UNKNOWN,
        2**70: bulk.UNKNOWN,
    }
    small.session.refresh(foreign)
    assert (first.priority, second.priority, foreign.priority) == ("high", "high", "normal")


def test_a_refusal_undoes_nothing_of_the_others(shop):
    small, uow, ours, _theirs = shop
    first, solved, last = (small.ticket(ours) for _number in range(3))
    tickets.change(uow, solved.id, status="solved")
    until = small.now.replace(year=2027, month=1)
    outcome = bulk.change(uow, [first.id, solved.id, last.id], snoozed_until=until, priority="low")
    assert outcome.done == [first.id, last.id] and sentences(outcome) == {
        solved.id: "Only an open ticket can be snoozed."
    }
    small.session.refresh(solved)
    assert first.snoozed_until == until and solved.priority == "normal"


def test_tags_come_beside_those_that_are_there(shop):
    small, uow, ours, _theirs = shop
    first, second = small.ticket(ours), small.ticket(ours)
    tickets.change(uow, first.id, tags=["vip", "late"])
    bulk.change(uow, [first.id, second.id], more_tags=["late", "raw_message"])
    assert (first.tags, second.tags) == (["vip", "late", "raw_message"], ["late", "raw_message"])


def test_several_become_the_oldest(shop):
    small, uow, ours, theirs = shop
    tickets_ = [small.ticket(ours) for _number in range(3)]
    foreign = small.ticket(theirs)
    ids = [ticket.id for ticket in tickets_]
    outcome = bulk.merge(uow, [ids[2], ids[0], foreign.id, ids[1]])
    assert (outcome.target, outcome.done, list(outcome.left)) == (ids[0], ids, [foreign.id])
    for ticket in tickets_:
        small.session.refresh(ticket)
    assert [ticket.merged_into_id for ticket in tickets_] == [None, ids[0], ids[0]]


def test_tickets_of_different_customers_are_asked_about(shop):
    small, uow, ours, _theirs = shop
    ids = [small.ticket(ours, sender=name).id for name in ("mina", "omid")]
    with pytest.raises(Conflict):
        bulk.merge(uow, ids)
    assert small.events("ticket.merged") == []
    assert bulk.merge(uow, ids, sure=True).done == ids


def test_nothing_too_many_and_too_few_are_sentences(shop):
    small, uow, ours, theirs = shop
    own, foreign = small.ticket(ours).id, small.ticket(theirs).id
    for ask in (
        lambda: bulk.change(uow, [], priority="low"),
        lambda: bulk.change(uow, list(range(1, bulk.MOST + 2)), priority="low"),
        lambda: bulk.merge(uow, [own]),
        lambda: bulk.merge(uow, [own, foreign]),
    ):
        with pytest.raises(Invalid):
            ask()


def test_a_trainer_changes_nothing(shop):
    small, _uow, ours, _theirs = shop
    trainer = small.as_(small.user("Tara", "trainer", queues=[ours.queue]))
    for ask in (lambda: bulk.change(trainer, [1], priority="low"), lambda: bulk.merge(trainer, [1, 2])):
        with pytest.raises(Forbidden):
            ask()
