"""Counters are kept right by whatever changes a ticket, cost the same however many tickets there are, and are mended by
the doctor.
"""

import random

import pytest
from sqlalchemy import delete, event, text, update

from helpdesk.core.database.rows import add_many
from helpdesk.core.tickets import counters, ticket_lists, tickets
from helpdesk.core.tickets.models import Ticket


def steps(small, ask):
    """How many steps of SQLite's machine a question takes, all its statements together."""
    small.session.rollback()
    raw, taken = small.session.connection().connection.dbapi_connection, []
    raw.set_progress_handler(lambda: taken.append(1) and 0, 1)
    ask()
    raw.set_progress_handler(None, 0)
    return len(taken)


def copies(small, account, number, **facts):
    """So many tickets like a plain one, with these facts."""
    plain = small.plain_ticket(account, **facts)
    row = {column.key: getattr(plain, column.key) for column in Ticket.__table__.columns if column.key != "id"}
    with small.uow.writing() as session:
        add_many(session, Ticket, [row] * (number - 1))


def test_they_follow_every_change_and_every_way_of_writing(small):
    queues = [small.queue() for _ in range(3)]
    people = [small.user(queues=queues) for _ in range(3)]
    accounts = [small.account(queue) for queue in queues]
    chance = random.Random(7)
    ids = [small.plain_ticket(chance.choice(accounts)).id for _ in range(20)]
    uow = small.as_(people[0])
    for _turn in range(60):
        facts = {
            "status": chance.choice(("open", "pending", "waiting", "solved")),
            "queue_id": chance.choice(queues).id,
            "assignee_id": chance.choice((None, *(person.id for person in people))),
        }
        name = chance.choice(list(facts))
        tickets.change(uow, chance.choice(ids), **{name: facts[name]})
    assert counters.wrong(small.session) == 0
    with small.uow.writing() as session:
        session.execute(update(Ticket).where(Ticket.id.in_(ids[:5])).values(active=False, status="closed"))
        session.execute(delete(Ticket).where(Ticket.id.in_([small.plain_ticket(accounts[0]).id])))
    assert counters.wrong(small.session) == 0
    kept = counters.kept(small.uow, [queue.id for queue in queues], None)
    assert sum(row.active for row in kept.values()) == small.session.query(Ticket).filter(Ticket.active).count()


def test_what_is_rolled_back_was_never_counted(small):
    account = small.account(small.queue())
    small.plain_ticket(account)
    with pytest.raises(RuntimeError), small.uow.writing() as session:
        session.execute(update(Ticket).values(active=False))
        raise RuntimeError
    assert counters.wrong(small.session) == 0
    assert counters.kept(small.uow, [account.queue_id], None)[counters.QUEUE, account.queue_id].active == 1


def test_wrong_ones_are_found_and_mended(small):
    account = small.account(small.queue())
    small.plain_ticket(account)
    assert counters.mend(small.uow) == 0
    with small.uow.writing() as session:
        session.execute(update(counters.TicketCount).values(active=77))
        session.execute(text("INSERT INTO ticket_count VALUES ('user', 4711, 5, 0, 0)"))
    assert counters.mend(small.uow) == 2
    assert counters.wrong(small.session) == 0


@pytest.mark.parametrize("small", ["sqlite"], indirect=True)
def test_fifty_queues_with_a_thousand_tickets_cost_what_they_cost_with_ten(small):
    queues = [small.queue() for _ in range(50)]
    agent = small.user(queues=queues)
    accounts = [small.account(queue) for queue in queues]
    uow = small.as_(agent)
    asked = (lambda: ticket_lists.counts(uow), lambda: ticket_lists.page(uow, "all"))
    for account in accounts:
        copies(small, account, 2)
    few = [steps(small, ask) for ask in asked]
    for account in accounts[:10]:
        copies(small, account, 200)
    assert all(steps(small, ask) < 1.2 * before for ask, before in zip(asked, few, strict=True))


def test_counters_are_one_query_however_many_queues(small):
    queues = [small.queue() for _ in range(5)]
    uow = small.as_(small.user(queues=queues))
    statements = []
    small.session.rollback()
    hear = lambda _c, _k, statement, *_rest: statements.append(statement)
    event.listen(small.runtime.engine, "before_cursor_execute", hear)
    ticket_lists.counts(uow)
    event.remove(small.runtime.engine, "before_cursor_execute", hear)
    assert len(statements) == 1


def test_more_queues_than_one_query_takes_are_one_list(small, monkeypatch):
    monkeypatch.setattr(ticket_lists, "WALKS", 3)
    queues = [small.queue() for _ in range(8)]
    accounts = [small.account(queue) for queue in queues]
    ids = [small.plain_ticket(account).id for account in accounts for _ in range(2)]
    uow = small.as_(small.user(queues=queues))
    for view in ("all", "unassigned"):
        assert [row["id"] for row in ticket_lists.page(uow, view).items] == [
            t.id for t in small.session.query(Ticket).order_by(Ticket.target_at, Ticket.id)
        ]
    listed = ticket_lists.listed(uow, limit=5)
    rest = ticket_lists.listed(uow, after=listed.next)
    assert [row["id"] for row in listed.items + rest.items] == sorted(ids, reverse=True)
