"""Lists: what each view holds and in which order, pages that add up to the whole, counters, and nothing of other
teams.
"""

import random
from datetime import timedelta

import pytest
from sqlalchemy import event

from helpdesk.core.database.base import NEVER
from helpdesk.core.database.columns import PRIORITIES, STATUSES
from helpdesk.core.database.rows import add_many
from helpdesk.core.errors import Forbidden, Invalid, NotFound
from helpdesk.core.tickets import ticket_lists
from helpdesk.core.tickets.models import Ticket


@pytest.fixture
def runtime_of_two(small):
    """(small, agent, account of the agent's queue, account of another team's queue)"""
    ours, theirs = small.queue("Orders"), small.queue("Invoices")
    return small, small.user("Sara", queues=[ours]), small.account(ours), small.account(theirs)


def fill(small, *accounts, user, size=60):
    """Tickets of every status with and without an assignee, some of them with the very same target."""
    chance = random.Random(7)
    same = small.tick()
    for _ in range(size):
        status = chance.choice(STATUSES)
        running = status in ("open", "pending")
        small.plain_ticket(
            chance.choice(accounts),
            status=status,
            active=status not in ("solved", "closed"),
            priority=chance.choice(PRIORITIES),
            assignee_id=chance.choice((None, None, user.id)),
            target_at=chance.choice((same, same + timedelta(minutes=chance.randrange(100)))) if running else NEVER,
        )


def walked(page_of, limit):
    """Every id that a walk by cursors gives, page by page, none longer than ``limit``."""
    ids, after = [], None
    while True:
        page = page_of(after, limit)
        assert len(page.items) <= limit
        ids += [row["id"] for row in page.items]
        if page.next is None:
            return ids
        assert page.items
        after = page.next


def test_each_view_holds_what_its_name_says(runtime_of_two):
    small, agent, ours, theirs = runtime_of_two
    fill(small, ours, theirs, user=agent)
    uow = small.as_(agent)
    queue = ours.queue_id
    expected = {
        "mine": lambda t: t.active and t.assignee_id == agent.id,
        "unassigned": lambda t: t.active and t.queue_id == queue and t.assignee_id is None,
        "waiting": lambda t: t.active and t.queue_id == queue and t.status == "waiting",
        "all": lambda t: t.active and t.queue_id == queue,
        "solved": lambda t: t.queue_id == queue and t.status == "solved",
    }
    everything = small.session.query(Ticket).all()
    for view, belongs in expected.items():
        found = {row["id"] for row in ticket_lists.page(uow, view, limit=200).items}
        assert found == {t.id for t in everything if belongs(t)}, view
        assert found, view


@pytest.mark.parametrize("limit", [1, 7, 50])
@pytest.mark.parametrize("view", ["mine", "all", "queue", "solved"])
def test_a_walk_by_cursors_is_the_whole_list_in_order(runtime_of_two, view, limit):
    small, agent, ours, theirs = runtime_of_two
    fill(small, ours, theirs, user=agent)
    uow = small.as_(agent)
    queue_id = ours.queue_id if view == "queue" else None
    ids = walked(lambda after, n: ticket_lists.page(uow, view, queue_id, after, n), limit)
    whole = [row["id"] for row in ticket_lists.page(uow, view, queue_id, limit=200).items]
    assert ids == whole and len(set(ids)) == len(ids)
    tickets = [small.session.get(Ticket, i) for i in whole]
    order = [-t.id for t in tickets] if view == "solved" else [(t.target_at, t.id) for t in tickets]
    assert order == sorted(order)


def test_lists_of_several_queues_are_one_list(small):
    queues = [small.queue() for _ in range(3)]
    agent = small.user(queues=queues)
    accounts = [small.account(queue) for queue in queues]
    fill(small, *accounts, user=agent)
    uow = small.as_(agent)
    ids = walked(lambda after, n: ticket_lists.page(uow, "all", after=after, limit=n), 7)
    assert ids == [
        t.id for t in small.session.query(Ticket).filter(Ticket.active).order_by(Ticket.target_at, Ticket.id)
    ]
    assert walked(lambda after, n: ticket_lists.listed(uow, after=after, limit=n), 7) == [
        t.id for t in small.session.query(Ticket).order_by(Ticket.id.desc())
    ]


def test_a_page_stays_right_while_tickets_come_and_go(runtime_of_two):
    small, agent, ours, _theirs = runtime_of_two
    tickets = [small.plain_ticket(ours) for _ in range(10)]
    uow = small.as_(agent)
    first = ticket_lists.page(uow, "all", limit=4)
    with small.uow.writing() as session:
        session.get(Ticket, tickets[1].id).active = False
    small.plain_ticket(ours)
    rest = ticket_lists.page(uow, "all", after=first.next, limit=200)
    assert [row["id"] for row in rest.items][:6] == [t.id for t in tickets[4:]]


def test_listed_by_facts(runtime_of_two):
    small, agent, ours, theirs = runtime_of_two
    fill(small, ours, theirs, user=agent)
    uow, queue = small.as_(agent), ours.queue_id
    seen = [
        t
        for t in small.session.query(Ticket).order_by(Ticket.id.desc())
        if t.queue_id == queue or t.assignee_id == agent.id
    ]
    expected = {
        (): seen,
        ("status", "solved"): [t for t in seen if t.status == "solved"],
        ("assignee", agent.id): [t for t in seen if t.assignee_id == agent.id],
        ("assignee", 0): [t for t in seen if t.assignee_id is None],
        ("queue", queue): [t for t in seen if t.queue_id == queue],
    }
    for fact, tickets in expected.items():
        facts = dict([fact] if fact else [])
        assert walked(lambda after, n: ticket_lists.listed(uow, **facts, after=after, limit=n), 11) == [
            t.id for t in tickets
        ], fact


def test_what_is_given_to_somebody_is_theirs_in_whatever_queue(runtime_of_two):
    small, agent, _ours, theirs = runtime_of_two
    given, other = small.plain_ticket(theirs, assignee_id=agent.id), small.plain_ticket(theirs)
    uow = small.as_(agent)
    assert [row["id"] for row in ticket_lists.page(uow, "mine").items] == [given.id]
    assert [row["id"] for row in ticket_lists.listed(uow).items] == [given.id]
    assert ticket_lists.page(uow, "all").items == [] and other.id


def test_other_teams_queues_do_not_exist(runtime_of_two):
    small, agent, _ours, theirs = runtime_of_two
    small.plain_ticket(theirs)
    uow = small.as_(agent)
    for ask in (
        lambda: ticket_lists.page(uow, "queue", theirs.queue_id),
        lambda: ticket_lists.page(uow, "queue", 999),
        lambda: ticket_lists.page(uow, "queue", 2**70),
        lambda: ticket_lists.page(uow, "nonsense"),
        lambda: ticket_lists.listed(uow, queue=theirs.queue_id),
    ):
        with pytest.raises(NotFound):
            ask()
    assert ticket_lists.counts(uow)["queues"].keys() == uow.actor.queues
    assert [queue.id for queue in ticket_lists.queues(uow)] == sorted(uow.actor.queues)


def test_merged_tickets_are_in_no_list(runtime_of_two):
    small, agent, ours, _theirs = runtime_of_two
    whole = small.plain_ticket(ours)
    small.plain_ticket(ours, merged_into_id=whole.id, status="closed", active=False)
    assert [row["id"] for row in ticket_lists.listed(small.as_(agent)).items] == [whole.id]


def test_counts(runtime_of_two):
    small, agent, ours, theirs = runtime_of_two
    fill(small, ours, theirs, user=agent)
    uow = small.as_(agent)
    sizes = {
        view: len(ticket_lists.page(uow, view, limit=200).items) for view in ("mine", "unassigned", "waiting", "all")
    }
    assert ticket_lists.counts(uow) == {**sizes, "queues": {ours.queue_id: sizes["all"]}}


def test_counts_stop_at_the_cap(runtime_of_two):
    small, agent, ours, _theirs = runtime_of_two
    facts = {
        column.key: getattr(small.plain_ticket(ours), column.key)
        for column in Ticket.__table__.columns
        if column.key != "id"
    }
    with small.uow.writing() as session:
        add_many(session, Ticket, [facts] * (ticket_lists.CAP + 5))
    counts = ticket_lists.counts(small.as_(agent))
    assert (counts["all"], counts["unassigned"], counts["queues"]) == (
        ticket_lists.CAP,
        ticket_lists.CAP,
        {ours.queue_id: ticket_lists.CAP},
    )


def test_a_trainer_has_no_lists(runtime_of_two):
    small, _agent, ours, _theirs = runtime_of_two
    trainer = small.as_(small.user("Tara", "trainer", queues=[ours.queue]))
    for ask in (lambda: ticket_lists.page(trainer, "all"), lambda: ticket_lists.listed(trainer)):
        with pytest.raises(Forbidden):
            ask()


@pytest.mark.parametrize(
    "cursor",
    ["x", "é", "W10", "WzFd" * 100, "W251bGxd", "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwxXQ", "W3RydWVd", "e30"],
)
def test_a_forged_cursor_is_a_sentence(runtime_of_two, cursor):
    small, agent, *_accounts = runtime_of_two
    uow = small.as_(agent)
    for ask in (
        lambda: ticket_lists.page(uow, "all", after=cursor),
        lambda: ticket_lists.page(uow, "solved", after=cursor),
    ):
        with pytest.raises(Invalid) as refused:
            ask()
        assert "cursor" in refused.value.fields


def test_a_row_is_plain_and_whole(runtime_of_two):
    small, agent, ours, _theirs = runtime_of_two
    ticket = small.ticket(ours, text="It has not come yet.", subject="Where is it?")
    (row,) = ticket_lists.rows(small.uow, [ticket.id])
    assert row == {
        "id": ticket.id,
        "number": ticket.id,
        "subject": "Where is it?",
        "preview": "It has not come yet.",
        "status": "open",
        "priority": "normal",
        "queue": {"id": ours.queue_id, "name": "Orders"},
        "assignee": None,
        "customer": {"id": ticket.customer_id, "name": "Mina"},
        "channel": "letters",
        "target_at": None,
        "order_at": ticket.target_at.isoformat(),
        "created_at": ticket.created_at.isoformat(),
        "updated_at": ticket.updated_at.isoformat(),
        "unread": 1,
        "tags": [],
        "snoozed_until": None,
        "merged_into": None,
        "last_message": ticket.last_message_id,
        "simulated": False,
    }
    with small.uow.writing():
        ticket.assignee_id, ticket.target_at = agent.id, NEVER
    (row,) = ticket_lists.rows(small.uow, [ticket.id])
    assert row["assignee"] == {"id": agent.id, "name": "Sara"} and row["target_at"] is None


def test_a_page_costs_two_queries_however_long(small):
    queues = [small.queue() for _ in range(4)]
    agent = small.user(queues=queues)
    for queue in queues:
        account = small.account(queue)
        for _ in range(8):
            small.plain_ticket(account, assignee_id=agent.id)
    uow = small.as_(agent)
    for ask in (
        lambda n: ticket_lists.page(uow, "all", limit=n),
        lambda n: ticket_lists.page(uow, "mine", limit=n),
        lambda n: ticket_lists.listed(uow, limit=n),
    ):
        for limit in (2, 30):
            statements = []
            small.session.rollback()
            small.session.expunge_all()
            hear = lambda _c, _k, statement, *_rest: statements.append(statement)
            event.listen(small.runtime.engine, "before_cursor_execute", hear)
            ask(limit)
            event.remove(small.runtime.engine, "before_cursor_execute", hear)
            assert len(statements) == 2, statements


def test_what_rests_stands_in_one_view_alone_nearest_return_first(runtime_of_two):
    small, agent, ours, theirs = runtime_of_two
    later = [small.now + timedelta(hours=hours) for hours in (5, 2, 9, 3)]
    given = small.plain_ticket(theirs, assignee_id=agent.id, snoozed_until=later[0], active=False)
    first, last = (small.plain_ticket(ours, assignee_id=agent.id, snoozed_until=at, active=False) for at in later[1:3])
    small.plain_ticket(theirs, snoozed_until=later[3], active=False)
    uow = small.as_(agent)
    assert walked(lambda after, n: ticket_lists.page(uow, "snoozed", after=after, limit=n), 1) == [
        first.id,
        given.id,
        last.id,
    ]
    assert all(ticket_lists.page(uow, view).items == [] for view in ("mine", "unassigned", "waiting", "all"))
    counts = ticket_lists.counts(uow)
    assert (counts["mine"], counts["all"]) == (0, 0)
