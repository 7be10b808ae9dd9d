"""How plugins write: by the functions of the API, several in one commit, never with a write of their own (law 5)."""

from dataclasses import dataclass

import pytest

from helpdesk.api import events, hookimpl, jobs, messages, tickets, work
from helpdesk.api.errors import Forbidden, Invalid, NotFound
from helpdesk.core.actor import Actor
from helpdesk.core.events.registry import DomainEvent
from helpdesk.core.tickets.models import Ticket

TRAINER = Actor("user:9", 9, "trainer", frozenset())


@dataclass(frozen=True, kw_only=True)
class Shipped(DomainEvent, kind="shop.shipped", label="Order shipped"):
    """An order left."""

    order: int


def test_a_subscriber_reads_and_writes_by_the_api(shop):
    seen = []

    @hookimpl
    def on_event(event, uow):
        if event.kind == "ticket.changed" and not seen:
            seen.append(tickets.get(uow, event.ticket_id).priority)
            tickets.change(uow, event.ticket_id, more_tags=["seen"])

    shop.plugin(on_event=on_event)
    shop.hear()
    tickets.change(shop.as_agent, shop.ticket_id, priority="high")
    shop.hear()
    assert (seen, tickets.get(shop.uow, shop.ticket_id).tags, shop.faults()) == (["high"], ("seen",), [])


def test_a_plugin_cannot_open_a_write_of_its_own(shop):
    @hookimpl
    def on_event(event, uow):
        with uow.writing() as session:
            session.get(Ticket, event.ticket_id).subject = "mine"

    shop.plugin(on_event=on_event)
    shop.hear()
    tickets.change(shop.as_agent, shop.ticket_id, priority="high")
    shop.hear()
    assert "helpdesk.api" in shop.faults()[0][1]
    assert tickets.get(shop.uow, shop.ticket_id).subject == "My order"


def test_rows_that_a_plugin_changes_itself_are_not_written(shop):
    @hookimpl
    def on_event(event, uow):
        uow.session.get(Ticket, event.ticket_id).subject = "mine"
        uow.session.commit()

    shop.plugin(on_event=on_event)
    shop.hear()
    tickets.change(shop.as_agent, shop.ticket_id, priority="high")
    shop.hear()
    assert "helpdesk.api" in shop.faults()[0][1]
    shop.uow.session.rollback()
    assert tickets.get(shop.uow, shop.ticket_id).subject == "My order"


def test_a_job_cannot_either(shop):
    def run(uow, job):
        with uow.writing():
            pass

    shop.runtime.jobs.register("shop", [jobs.JobKind("shop.work", run)])
    from helpdesk.core.jobs import runner

    job_id = jobs.add(shop.uow, "shop.work")
    assert runner.run(shop.uow, runner.claim(shop.uow)) == "queued"
    assert "RuntimeError" in jobs.get(shop.uow, job_id).reason


def test_no_hook_is_called_while_a_write_is_open(shop):
    @hookimpl
    def route_ticket(inbound, account, session):
        return None

    shop.plugin(route_ticket=route_ticket)
    with pytest.raises(RuntimeError, match="while a write is open"), shop.uow.writing():
        shop.runtime.hooks.ask("route_ticket", inbound=None, account=None, session=None)
    assert (
        shop.runtime.hooks.ask("route_ticket", inbound=None, account=None, session=None) is None or shop.faults() == []
    )


def test_steps_are_one_commit(shop):
    shop.runtime.events.register("shop", [Shipped])
    wanted = [
        tickets.Step(tickets.change, shop.ticket_id, priority="urgent"),
        tickets.Step(messages.note, shop.ticket_id, "Order 5 left."),
        tickets.Step(events.record, Shipped(ticket_id=shop.ticket_id, order=5)),
    ]
    changed, note, _ = tickets.apply(shop.as_agent, wanted)
    assert (changed.priority, note.kind, len(shop.events("shop.shipped"))) == ("urgent", "note", 1)
    with pytest.raises(Invalid):
        tickets.apply(shop.as_agent, [*wanted, tickets.Step(tickets.change, shop.ticket_id, status="odd")])
    assert len(shop.events("shop.shipped")) == 1
    assert len(messages.of_ticket(shop.uow, shop.ticket_id, notes=True)) == 2


def test_a_step_is_a_write_function_of_the_api():
    with pytest.raises(TypeError):
        tickets.Step(print, "hello")


@pytest.mark.parametrize(
    "act",
    [
        lambda uow, ticket: tickets.change(uow, ticket, priority="high"),
        lambda uow, ticket: messages.note(uow, ticket, "hello"),
        lambda uow, ticket: messages.reply(uow, ticket, "hello"),
        lambda uow, ticket: tickets.merge(uow, ticket, ticket),
        lambda uow, ticket: messages.answer(uow, 1, "hello", subject="hi"),
    ],
)
def test_every_write_asks_who_acts(shop, act):
    with pytest.raises((NotFound, Forbidden)):
        act(shop.uow.acting(TRAINER), shop.ticket_id)


def test_work_is_for_an_actor_of_this_desk(shop):
    with work.work(work.plugin_actor("shop")) as uow:
        tickets.change(uow, shop.ticket_id, priority="low")
    assert shop.events("ticket.changed")[-1].actor == "plugin:shop"
