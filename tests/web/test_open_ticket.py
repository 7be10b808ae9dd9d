"""An open ticket is told of its changes with all that it shows (P5): no console asks for anything, and nobody is told what
they may not see.
"""

import json

import pytest
from markupsafe import Markup

from helpdesk.core.outbox import replies
from helpdesk.core.people import teams
from helpdesk.core.people.models import User
from helpdesk.core.tickets import tickets
from helpdesk.core.tickets.models import Ticket

from .test_live import act, console, cookie, folder, last_seq, opens, people, runtime, served  # noqa: F401


@pytest.fixture
def showing(console, runtime):  # noqa: F811
    """showing("agent", ticket) is a page of that person that shows the ticket."""

    def make(role, ticket):
        page = console(role)
        page.ask("subscribe", {"since": last_seq(runtime)})
        page.ask("watch_ticket", {"ticket": ticket})
        return page

    return make


def items(page, seq):
    """What a page was sent of a ticket up to an event."""
    page.until(lambda: any(said["seq"] == seq for said in page.got("changed") + page.got("gone")))
    return [said for said in page.got("items") if said["seq"] == seq]


def test_a_change_brings_the_head_and_the_items_in_the_readers_language(runtime, people, opens, showing, console, act):  # noqa: F811
    ticket = opens()
    with runtime.uow() as uow, uow.writing() as session:
        session.get(User, people["supervisor"].id).language = "fa"
    agent, persian, elsewhere = showing("agent", ticket), showing("supervisor", ticket), console("admin")
    elsewhere.ask("subscribe", {"since": last_seq(runtime)})
    act(tickets.change, ticket, status="pending")
    (english,), (other,) = items(agent, last_seq(runtime)), items(persian, last_seq(runtime))
    assert 'data-status="pending"' in english["html"] and "Pending" in english["html"]
    assert f'data-seq="{last_seq(runtime)}"' in english["html"], "and the line that says who did it"
    assert 'data-status="pending"' in other["html"] and "در انتظار" in other["html"]
    names = [name for name, data in agent.events if name in ("items", "changed")]
    assert names.index("items") < names.index("changed")
    assert items(elsewhere, last_seq(runtime)) == [], "who shows another ticket needs nothing"


def test_a_note_comes_with_its_words_and_only_its_writer_can_take_a_reply_back(runtime, people, opens, showing, act):  # noqa: F811
    ticket = opens()
    agent = showing("agent", ticket)
    said = act(replies.note, ticket, "Look <b>here</b>")
    (sent,) = items(agent, last_seq(runtime))
    assert f'id="m-{said.id}"' in sent["html"] and Markup.escape("Look <b>here</b>") in sent["html"]
    assert "csrf" not in sent["html"]


def test_who_loses_the_ticket_is_sent_nothing_of_it(runtime, people, opens, showing, act):  # noqa: F811
    ticket = opens()
    agent, admin = showing("agent", ticket), showing("admin", ticket)
    act(tickets.change, ticket, queue_id=2)
    agent.until(lambda: agent.got("gone"))
    assert items(agent, last_seq(runtime)) == [] and agent.got("items") == []
    assert len(items(admin, last_seq(runtime))) == 1


def test_who_lost_the_right_meanwhile_is_sent_nothing(runtime, people, opens, showing, act):  # noqa: F811
    ticket = opens()
    agent = showing("agent", ticket)
    with runtime.uow() as uow, uow.writing():  # both in one commit: the broadcaster hears of them at once
        teams.set_members(uow, 1, [people["admin"].id])
        tickets.change(uow, ticket, tags=["secret"])
    agent.until(lambda: agent.got("renew"))
    assert agent.got("items") == [] and "secret" not in json.dumps(agent.events)


def test_what_is_read_is_told_over_the_line(runtime, opens, showing, act):  # noqa: F811
    ticket = opens()
    with runtime.uow() as uow, uow.writing() as session:
        session.get(Ticket, ticket).unread = 2
    agent = showing("agent", ticket)
    assert agent.ask("read", {"ticket": ticket, "upto": 10**6}) == {}
    with runtime.uow() as uow:
        assert uow.session.get(Ticket, ticket).unread == 0
    for wrong in (
        {"ticket": "1", "upto": 1},
        {"ticket": ticket},
        {"ticket": ticket, "upto": -1},
        {"ticket": 4711, "upto": 1},
    ):
        assert agent.ask("read", wrong) == {"error": "refused"}
