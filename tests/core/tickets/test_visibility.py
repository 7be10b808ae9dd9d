"""Who may do what in the core, as a table written by hand, and what each sees of tickets and of the journal."""

import pytest

from helpdesk.core.accounts import accounts
from helpdesk.core.actor import DESK, RIGHTS, Actor
from helpdesk.core.errors import Forbidden, NotFound
from helpdesk.core.intake import quarantine
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.outbox import replies
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.core.permissions import ROLES
from helpdesk.core.tickets import changes, customers, drafts, merge, search, ticket_lists, tickets, timeline

# "yes", "no" (Forbidden) or "none" (NotFound: to them it does not exist), for a ticket in a queue of their own team.
TABLE = """
act             agent  trainer  supervisor  admin
list            yes    no       yes         yes
counts          yes    no       yes         yes
queues          yes    no       yes         yes
search          yes    no       yes         yes
read            yes    none     yes         yes
messages        yes    none     yes         yes
change          yes    none     yes         yes
merge           yes    none     yes         yes
suggestions     yes    none     yes         yes
reply           yes    none     yes         yes
note            yes    none     yes         yes
draft           yes    none     yes         yes
customer        yes    no       yes         yes
rename          yes    no       yes         yes
identity        yes    no       yes         yes
events          yes    no       yes         yes
around          yes    no       yes         yes
own token       yes    yes      yes         yes
own password    yes    yes      yes         yes
own choices     yes    yes      yes         yes
quarantine      no     no       no          yes
add user        no     no       no          yes
change user     no     no       no          yes
others' token   no     no       no          yes
add team        no     no       no          yes
set members     no     no       no          yes
add queue       no     no       no          yes
change queue    no     no       no          yes
add account     no     no       no          yes
change account  no     no       no          yes
check account   no     no       no          yes
"""
ROWS = [line.rsplit(maxsplit=4) for line in TABLE.strip().splitlines()[1:]]


def acts(small, ticket, other, person, team):
    """What each row of the table does, with a desk."""
    queue, account = ticket.queue_id, ticket.account_id
    return {
        "list": lambda d: ticket_lists.page(d, "all"),
        "counts": ticket_lists.counts,
        "queues": ticket_lists.queues,
        "search": lambda d: search.find(d, "order"),
        "read": lambda d: timeline.conversation(d, ticket.id),
        "messages": lambda d: timeline.messages(d, ticket.id),
        "change": lambda d: tickets.change(d, ticket.id, priority="high"),
        "merge": lambda d: merge.unmerge(d, merge.merge(d, other.id, ticket.id).id),
        "suggestions": lambda d: merge.suggestions(d, ticket.id),
        "reply": lambda d: replies.reply(d, ticket.id, "Hello"),
        "note": lambda d: replies.note(d, ticket.id, "Hello"),
        "draft": lambda d: drafts.save(d, ticket.id, "reply", "Hello"),
        "customer": lambda d: customers.card(d, ticket.customer_id),
        "rename": lambda d: customers.rename(d, ticket.customer_id, "Mina"),
        "identity": lambda d: customers.add_identity(d, ticket.customer_id, "postal", "new@post.example"),
        "events": lambda d: changes.since(d, 0),
        "around": users.visible_colleagues,
        "own token": lambda d: api_tokens.add_token(d, d.actor.user_id),
        "own password": lambda d: users.set_password(d, d.actor.user_id, "hash"),
        "own choices": lambda d: users.prefer(d, d.actor.user_id, theme="dark"),
        "quarantine": quarantine.items,
        "add user": lambda d: users.add(d, "new@desk.example", "New"),
        "change user": lambda d: users.change(d, person.id, role="admin"),
        "others' token": lambda d: api_tokens.add_token(d, person.id),
        "add team": lambda d: teams.add_team(d, "New"),
        "set members": lambda d: teams.set_members(d, team.id, [person.id]),
        "add queue": lambda d: teams.add_queue(d, "New"),
        "change queue": lambda d: teams.change_queue(d, queue, target_minutes=5),
        "add account": lambda d: accounts.create(d, "letters", "New", {}, queue),
        "change account": lambda d: accounts.update(d, account, enabled=False),
        "check account": lambda d: accounts.check(d, "letters", {}, account),
    }


def outcome(act, uow):
    try:
        act(uow)
    except Forbidden:
        return "no"
    except NotFound:
        return "none"
    return "yes"


@pytest.mark.parametrize("column", range(4), ids=TABLE.split()[1:5])
def test_the_table(small, column):
    role = TABLE.split()[1 + column]
    account = small.account(small.queue(), seal="x")
    ticket, other = small.ticket(account), small.ticket(account)
    person, team = small.user(), teams.add_team(small.uow, "Team")
    uow = small.as_(small.user("Who", role, queues=[ticket.queue]))
    deeds = acts(small, ticket, other, person, team)
    expected = {row[0].strip(): row[1 + column] for row in ROWS}
    assert expected.keys() == deeds.keys()
    assert {name: outcome(act, uow) for name, act in deeds.items()} == expected


def test_every_role_has_its_column():
    assert TABLE.split()[1:5] == list(ROLES) and RIGHTS.keys() == set(ROLES)


def test_who_is_not_signed_in_may_nothing():
    nobody = Actor(name="nobody", user_id=0, role="")
    assert not any(nobody.may(right) for rights in RIGHTS.values() for right in rights)
    assert DESK.may("anything at all")


def test_what_is_given_to_somebody_is_visible_to_them_and_gone_when_taken(small):
    ours, theirs = small.queue(), small.queue()
    person = small.user(queues=[ours])
    ticket = small.ticket(small.account(theirs))
    uow = small.as_(person)
    assert outcome(lambda d: timeline.conversation(d, ticket.id), uow) == "none"
    tickets.change(small.uow, ticket.id, assignee_id=person.id)
    assert outcome(lambda d: timeline.conversation(d, ticket.id), uow) == "yes"
    tickets.change(small.uow, ticket.id, assignee_id=None)
    assert outcome(lambda d: timeline.conversation(d, ticket.id), uow) == "none"


def test_the_journal_tells_only_of_visible_tickets(small):
    ours, theirs = small.queue(), small.queue()
    mine, hidden = small.ticket(small.account(ours)), small.ticket(small.account(theirs))
    uow = small.as_(small.user(queues=[ours]))
    assert {event.ticket_id for event in changes.since(uow, 0)} == {mine.id}
    assert {event.ticket_id for event in changes.since(small.as_(small.user("Ada", "admin")), 0)} == {
        mine.id,
        hidden.id,
    }


def test_pages_of_the_journal_add_up(small, monkeypatch):
    monkeypatch.setattr(changes, "WINDOW", 4)
    ours, theirs = small.queue(), small.queue()
    ticket, account = small.ticket(small.account(ours)), small.account(theirs)
    uow = small.as_(small.user(queues=[ours]))
    for number in range(5):
        for _ in range(number):
            small.ticket(account)
        tickets.change(small.uow, ticket.id, priority=("high", "low")[number % 2])
    seen, seq = [], 0
    while seq is not None:
        events, seq = changes.page(uow, seq, limit=2)
        assert len(events) <= 2
        seen += [event.seq for event in events]
    assert seen == [event.seq for event in changes.since(uow, 0)] and len(seen) == 6


def test_quarantine_keeps_what_it_holds(small):
    account = small.account(small.queue())
    with small.uow.writing() as session:
        rows = [
            RawMessage(
                account_id=account.id, external_id=str(n), raw=b"\xff", size=1, state="quarantined", reason="Unreadable"
            )
            for n in range(3)
        ]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
    admin = small.as_(small.user("Ada", "admin"))
    assert [p.id for p in quarantine.items(admin, limit=2)] == ids[:0:-1]
    assert [p.id for p in quarantine.items(admin, after=ids[1])] == ids[:1]
    assert quarantine.raw(admin, ids[0]) == b"\xff"
    quarantine.discard(admin, ids[0])
    quarantine.retry(admin, ids[1])
    assert quarantine.count(admin) == 1 and small.session.get(RawMessage, ids[0]).raw == b"\xff"
    for act in (quarantine.raw, quarantine.retry, quarantine.discard):
        for raw_message_id in (*ids[:2], 999, 2**70):
            with pytest.raises(NotFound):
                act(admin, raw_message_id)
        with pytest.raises(Forbidden):
            act(small.as_(small.user("Zoe", "supervisor")), ids[2])
