"""Sockets of plugins: who may connect and speak, what they hear, and what happens when the plugin is at fault."""

import re

import pytest

from helpdesk.api import live
from helpdesk.app import create_app
from helpdesk.core.errors import Invalid
from helpdesk.core.journal.models import Event
from helpdesk.core.people import users
from helpdesk.core.tickets import tickets
from helpdesk.core.tickets.models import ConversationThread, Ticket
from helpdesk.hooks.markers import hookimpl


class Probe:
    """A plugin that echoes, refuses, fails, and tries to write."""

    API = "1"

    @hookimpl
    def register_namespaces(self):
        events = {
            "echo": lambda uow, data: {"who": uow.actor.role, **data},
            "refuse": self._refuse,
            "fail": lambda uow, data: 1 / 0,
            "write": self._write,
        }
        return [live.Namespace(events, rooms=lambda uow: ["lobby"])]

    def _refuse(self, uow, data):
        raise Invalid("Write a number.")

    def _write(self, uow, data):
        with uow.writing():
            pass


@pytest.fixture
def app(runtime):
    runtime.hooks.add("probe", Probe())
    assert runtime.hooks.plugins["probe"].state == "on"
    return create_app(runtime.config, runtime)


@pytest.fixture
def page(app, signed_in):
    """page("agent") is a connected page of that person, in the plugin's namespace unless told otherwise."""

    def connect(role, namespace="/x/probe"):
        client = signed_in(role) if role else app.test_client()
        return app.extensions["socketio"].test_client(app, namespace=namespace, flask_test_client=client)

    return connect


def ask(page, event, *data):
    return page.emit(event, *data, namespace="/x/probe", callback=True)


def received(page, namespace="/x/probe"):
    return [(each["name"], each["args"][0]) for each in page.get_received(namespace)]


def test_who_is_signed_in_and_permitted_may_speak(page):
    assert ask(page("agent"), "echo", {"n": 3}) == {"who": "agent", "n": 3}
    assert not page(None).is_connected("/x/probe")
    assert not page("trainer").is_connected("/x/probe")


def test_what_was_not_declared_is_refused(page):
    agent = page("agent")
    for event, data in (("nothing", {}), ("trigger_event", {}), ("disconnect", {}), ("echo", "words"), ("echo", [1])):
        assert ask(agent, event, data) == {"error": "refused"}
    assert ask(agent, "echo", {"n": 1}, {"n": 2}) == {"error": "refused"}
    assert ask(agent, "echo", {}) == {"who": "agent"}


def test_a_refusal_is_a_sentence_and_a_fault_is_kept_against_the_plugin(page, runtime):
    agent = page("agent")
    assert ask(agent, "refuse", {}) == {"error": "Write a number."}
    assert ask(agent, "fail", {}) == ask(agent, "write", {}) == {"error": "refused"}
    assert [hook for hook, _text in runtime.hooks.plugins["probe"].faults] == ["socket fail", "socket write"]


def test_rooms_are_those_of_the_rights_and_the_plugins_own(page, runtime, arrives):
    agent, stranger, ticket = page("agent"), page("stranger"), arrives()
    with runtime.uow() as uow:
        live.emit(uow, "probe", "rated", {"stars": 5}, live.rooms_of(uow, ticket))
        live.emit(uow, "probe", "hello", {}, ["lobby"])
    assert received(agent) == [("rated", {"stars": 5}), ("hello", {})]
    assert received(stranger) == [("hello", {})]


def test_who_loses_the_right_hears_nothing_more(page, runtime, people, app):
    agent = page("agent")
    with runtime.uow() as uow:
        users.change(uow, people["agent"].id, role="trainer")
    app.extensions["live"].check()
    with runtime.uow() as uow:
        live.emit(uow, "probe", "hello", {}, ["lobby"])
    assert not agent.is_connected("/x/probe") or received(agent) == []


def test_a_plugin_that_was_stopped_is_silent(page, runtime):
    agent = page("agent")
    runtime.hooks.refuse(runtime.hooks.plugins["probe"], "too slow", state="stopped")
    assert ask(agent, "echo", {}) == {"error": "refused"}
    assert not page("supervisor").is_connected("/x/probe")


# Signals --------------------------------------------------------------------------------------------------------------


def test_a_customers_signal_reaches_those_who_see_the_ticket_and_is_stored_nowhere(page, runtime, arrives, counted):
    ticket = arrives()
    with runtime.uow() as uow, uow.writing() as session:
        session.add(ConversationThread(account_id=1, thread_key="chat-1", ticket_id=ticket))
    agent, stranger = page("agent", "/desk"), page("stranger", "/desk")
    for each in (agent, stranger):
        each.emit("subscribe", {"since": 10**6}, namespace="/desk", callback=True)
    with runtime.uow() as uow, counted() as statements:
        before = uow.session.query(Event).filter_by(ticket_id=ticket).count()
        for thread, kind in (("chat-1", "typing"), ("chat-1", "typing"), ("chat-1", "away"), ("chat-2", "typing")):
            live.signal(uow, 1, thread, kind)
        with pytest.raises(Invalid):
            live.signal(uow, 1, "chat-1", "dancing")
        assert uow.session.query(Event).filter_by(ticket_id=ticket).count() == before
    said = [pair for pair in received(agent, "/desk") if pair[0] == "signal"]
    assert said == [("signal", {"ticket": ticket, "kind": "typing"}), ("signal", {"ticket": ticket, "kind": "away"})]
    assert [pair for pair in received(stranger, "/desk") if pair[0] == "signal"] == []
    # who is there is recorded meanwhile
    written = r"\s*(INSERT|UPDATE|DELETE) (?!INTO event ).*(signal|message|ticket)"
    assert not [text for text in statements if re.match(written, text)]


def test_a_hand_over_moves_where_signals_go(runtime, arrives, people):
    ticket = arrives()
    with runtime.uow() as uow:
        tickets.change(uow, ticket, assignee_id=people["admin"].id)
        row = uow.session.get(Ticket, ticket)
        assert live.rooms_of(uow, ticket) == {f"queue:{row.queue_id}", f"user:{people['admin'].id}"}
