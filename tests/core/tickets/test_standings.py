"""What a change does to lists agrees with the lists themselves: membership, order and counters, for every reader."""

import random
from datetime import timedelta

import pytest

from helpdesk.core.events.tickets import TicketOpened
from helpdesk.core.journal import journal
from helpdesk.core.people import teams, users
from helpdesk.core.people.actors import actor_for
from helpdesk.core.people.models import Customer, Queue, User
from helpdesk.core.tickets import changes as changes_
from helpdesk.core.tickets import standings, ticket_lists, tickets
from helpdesk.core.tickets.models import Ticket
from helpdesk.core.tickets.tickets import facts

LISTS = ("mine", "unassigned", "waiting", "all", "snoozed", "solved")


@pytest.fixture
def people(uow):
    """Two teams with a queue each; "both" answers the two."""
    found = {
        name: users.add(uow, f"{name}@desk.example", name, "admin" if name == "admin" else "agent")
        for name in ("one", "two", "both", "admin")
    }
    for number, members in enumerate((("one", "both"), ("two", "both")), 1):
        team = teams.add_team(uow, f"Team {number}", [found[name].id for name in members])
        teams.add_queue(uow, f"Queue {number}", [team.id])
    return found


@pytest.fixture
def account_id(small, people):
    """An account that fills the first queue."""
    return small.account(small.session.get(Queue, 1)).id


def opens(uow, account_id, chance):
    with uow.writing() as session:
        customer = Customer(name="Mina")
        session.add(customer)
        session.flush()
        due = uow.clock() + timedelta(seconds=chance.randrange(10_000))
        ticket = Ticket(
            queue_id=chance.choice((1, 2)),
            customer_id=customer.id,
            account_id=account_id,
            channel="letters",
            target_at=due,
        )
        session.add(ticket)
        session.flush()
        uow.record(TicketOpened(ticket_id=ticket.id, after=facts(ticket)))
    return ticket.id


def changes_something(uow, ticket_id, people, chance):
    may_rest = uow.session.get(Ticket, ticket_id).status in ("pending", "waiting")
    tickets.change(
        uow,
        ticket_id,
        **chance.choice(
            [
                {"status": chance.choice(("open", "pending", "waiting", "solved", "closed"))},
                {"queue_id": chance.choice((1, 2))},
                {"assignee_id": chance.choice([None, *(people[name].id for name in ("both", "admin"))])},
                {"snoozed_until": uow.clock() + timedelta(hours=chance.randrange(1, 90)) if may_rest else None},
            ]
        ),
    )


def shown(uow, actor):
    """{list: ids in their order} as this person's pages show them."""
    now = uow.acting(actor)
    keys = [(name, name, None) for name in LISTS] + [
        (f"queue-{queue}", "queue", queue) for queue in sorted(actor.queues)
    ]
    return {
        key: [row["id"] for row in ticket_lists.page(now, name, queue_id=queue, limit=200).items]
        for key, name, queue in keys
    }


@pytest.mark.clock
@pytest.mark.parametrize("seed", range(4))
def test_lists_told_with_changes_are_the_lists_of_the_pages(uow, account_id, people, seed):
    """Every reader who applies only what they are told has what a page made anew shows them, in its order, and its
    counters.
    """
    chance = random.Random(seed)
    actors = {name: actor_for(uow.session, uow.session.get(User, person.id)) for name, person in people.items()}
    reported = {name: {} for name in people}
    counts = {name: {} for name in people}
    ids, seen = [], journal.last(uow)
    for _round in range(12):
        for _step in range(chance.randrange(1, 6)):
            if len(ids) < 3 or chance.random() < 0.3:
                ids.append(opens(uow, account_id, chance))
            else:
                changes_something(uow, chance.choice(ids), people, chance)
        changes = changes_.changed(uow, journal.after(uow, seen))
        seen = journal.last(uow)
        for name, actor in actors.items():
            for change in changes:
                apply(change, actor, reported[name], counts[name])
            pages = shown(uow, actor)
            assert {
                key: [i for _order, i in sorted((at, i) for i, at in reported[name].get(key, {}).items())]
                for key in pages
            } == pages
            assert {key: counts[name].get(key, 0) for key in pages} == {key: len(found) for key, found in pages.items()}


def apply(change, actor, lists, counts):
    """What a browser does with a change."""
    for key, entry in standings.lists(change, actor.queues, actor.user_id).items():
        counts[key] = counts.get(key, 0) + entry["count"]
        lists.setdefault(key, {}).pop(change.ticket, None)
        if entry["order"]:
            lists[key][change.ticket] = entry["order"]
    for key in lists:
        if key not in standings.lists(change, actor.queues, actor.user_id):
            lists[key].pop(change.ticket, None)
