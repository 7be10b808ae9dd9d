"""Handing a ticket to another team: only into queues that say so, then it is theirs, and the journal tells."""

import pytest

from helpdesk.core.errors import Forbidden, NotFound
from helpdesk.core.people import teams
from helpdesk.core.tickets import bulk, ticket_lists, tickets
from helpdesk.core.tickets.visibility import visible_ticket


@pytest.fixture
def shop(small):
    """(small, the agent's desk, a ticket of theirs, a queue of another team that takes tickets over, one that does
    not)
    """
    ours, billing, closed = small.queue("Orders"), small.queue("Billing"), small.queue("Staff")
    small.user("Kian", queues=[billing, closed])
    teams.change_queue(small.uow, billing.id, handover=True)
    return small, small.as_(small.user("Sara", queues=[ours])), small.ticket(small.account(ours)), billing, closed


def test_after_it_the_ticket_is_theirs_and_out_of_sight(shop):
    small, uow, ticket, billing, _closed = shop
    tickets.change(uow, ticket.id, assignee_id=uow.actor.user_id)
    tickets.change(uow, ticket.id, queue_id=billing.id)
    assert (ticket.queue_id, ticket.assignee_id) == (billing.id, None)
    with pytest.raises(NotFound):
        visible_ticket(uow, ticket.id)
    event = small.events("ticket.changed")[-1]
    assert event.actor == uow.actor.name
    assert (event.data["before"]["queue"], event.data["after"]["queue"], event.data["after"]["assignee"]) == (
        ticket.account.queue_id,
        billing.id,
        None,
    )


@pytest.mark.parametrize("queue", ["closed", 999, 2**70])
def test_any_other_queue_does_not_exist_for_outsiders(shop, queue):
    small, uow, ticket, _billing, closed = shop
    with pytest.raises(NotFound):
        tickets.change(uow, ticket.id, queue_id=closed.id if queue == "closed" else queue)
    assert small.events("ticket.changed") == []


def test_only_queues_of_others_that_say_so_are_offered(shop):
    small, uow, _ticket, billing, closed = shop
    assert [queue.id for queue in teams.handover_queues(uow)] == [billing.id]
    assert teams.handover_queues(small.as_(small.user("Omid", queues=[billing]))) == []
    assert teams.handover_queues(small.as_(small.user("Ada", "admin"))) == [], "all queues are an admin's own"
    with pytest.raises(Forbidden):
        teams.handover_queues(small.as_(small.user("Tara", "trainer")))


def test_the_flag_opens_no_list(shop):
    _small, uow, _ticket, billing, _closed = shop
    assert billing.id not in [queue.id for queue in ticket_lists.queues(uow)]
    with pytest.raises(NotFound):
        ticket_lists.page(uow, "queue", queue_id=billing.id)


def test_switching_it_off_is_told_and_ends_it(shop):
    small, uow, ticket, billing, _closed = shop
    teams.change_queue(small.uow, billing.id, handover=False)
    event = small.events("queue.changed")[-1]
    assert (event.data["before"]["handover"], event.data["after"]["handover"]) == (True, False)
    with pytest.raises(NotFound):
        tickets.change(uow, ticket.id, queue_id=billing.id)


def test_several_at_once(shop):
    _small, uow, ticket, billing, closed = shop
    assert bulk.change(uow, [ticket.id], queue_id=closed.id).left
    assert bulk.change(uow, [ticket.id], queue_id=billing.id).done == [ticket.id]
