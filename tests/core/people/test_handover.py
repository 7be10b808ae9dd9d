"""Handing a ticket to another team: only into queues that say so, then it is theirs, and the journal tells."""

import pytest

from helpdesk.core import selection, teams, tickets, views
from helpdesk.core.errors import Forbidden, NotFound
from helpdesk.core.rights import visible_ticket


@pytest.fixture
def shop(small):
    """(small, the agent's desk, a ticket of theirs, a queue of another team that takes tickets over, one that does not)"""
    ours, billing, closed = small.queue("Orders"), small.queue("Billing"), small.queue("Staff")
    small.user("Kian", queues=[billing, closed])
    teams.change_queue(small.desk, billing.id, handover=True)
    return small, small.as_(small.user("Sara", queues=[ours])), small.ticket(small.account(ours)), billing, closed


def test_after_it_the_ticket_is_theirs_and_out_of_sight(shop):
    small, desk, ticket, billing, _closed = shop
    tickets.change(desk, ticket.id, assignee_id=desk.actor.user_id)
    tickets.change(desk, ticket.id, queue_id=billing.id)
    assert (ticket.queue_id, ticket.assignee_id) == (billing.id, None)
    with pytest.raises(NotFound):
        visible_ticket(desk, ticket.id)
    event = small.events("ticket.changed")[-1]
    assert event.actor == desk.actor.name
    assert (event.data["before"]["queue"], event.data["after"]["queue"], event.data["after"]["assignee"]) == (ticket.account.queue_id, billing.id, None)


@pytest.mark.parametrize("queue", ["closed", 999, 2**70])
def test_any_other_queue_does_not_exist_for_outsiders(shop, queue):
    small, desk, ticket, _billing, closed = shop
    with pytest.raises(NotFound):
        tickets.change(desk, ticket.id, queue_id=closed.id if queue == "closed" else queue)
    assert small.events("ticket.changed") == []


def test_only_queues_of_others_that_say_so_are_offered(shop):
    small, desk, _ticket, billing, closed = shop
    assert [queue.id for queue in teams.taking_over(desk)] == [billing.id]
    assert teams.taking_over(small.as_(small.user("Omid", queues=[billing]))) == []
    assert teams.taking_over(small.as_(small.user("Ada", "admin"))) == [], "all queues are an admin's own"
    with pytest.raises(Forbidden):
        teams.taking_over(small.as_(small.user("Tara", "trainer")))


def test_the_flag_opens_no_list(shop):
    _small, desk, _ticket, billing, _closed = shop
    assert billing.id not in [queue.id for queue in views.queues(desk)]
    with pytest.raises(NotFound):
        views.page(desk, "queue", queue_id=billing.id)


def test_switching_it_off_is_told_and_ends_it(shop):
    small, desk, ticket, billing, _closed = shop
    teams.change_queue(small.desk, billing.id, handover=False)
    event = small.events("queue.changed")[-1]
    assert (event.data["before"]["handover"], event.data["after"]["handover"]) == (True, False)
    with pytest.raises(NotFound):
        tickets.change(desk, ticket.id, queue_id=billing.id)


def test_several_at_once(shop):
    _small, desk, ticket, billing, closed = shop
    assert selection.change(desk, [ticket.id], queue_id=closed.id).left
    assert selection.change(desk, [ticket.id], queue_id=billing.id).done == [ticket.id]
