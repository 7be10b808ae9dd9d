"""The event registry: plain values only, one kind once, read again without its plugin, shown on the timeline by its
own sentence.
"""

from dataclasses import FrozenInstanceError, dataclass
from datetime import datetime
from pathlib import Path

import pytest

from helpdesk.api import events
from helpdesk.core.errors import Conflict, Invalid
from helpdesk.core.events.core import core_events
from helpdesk.core.events.registry import DomainEvent, EventTypes, TicketId, UnknownEvent, UserId
from helpdesk.core.events.tickets import TicketChanged, TicketRead
from helpdesk.core.journal import journal
from helpdesk.core.tickets import timeline

DOCS = Path(__file__).parents[3] / "docs/events.md"


@dataclass(frozen=True, kw_only=True)
class Shipped(
    DomainEvent,
    kind="shop.shipped",
    label="Order shipped",
    icon="bag",
    timeline="%(who)s shipped order %(order)s for %(buyer)s",
):
    """An order left."""

    order: int
    buyer: UserId | None = None
    parts: list[TicketId] | None = None


def test_an_event_is_frozen_and_dumps_what_is_not_at_its_default():
    event = Shipped(ticket_id=3, order=5)
    assert event.dump() == {"order": 5}
    with pytest.raises(FrozenInstanceError):
        event.order = 6


def test_a_kind_is_named_after_its_plugin_once_and_labelled():
    registry = EventTypes().register("shop", [Shipped])
    with pytest.raises(Conflict):
        registry.register("shop", [Shipped])
    with pytest.raises(Invalid):
        EventTypes().register("bank", [Shipped])

    @dataclass(frozen=True, kw_only=True)
    class Nameless(DomainEvent, kind="shop.nameless"):
        pass

    with pytest.raises(Invalid):
        registry.register("shop", [Nameless])


@pytest.mark.parametrize("hint", [datetime, bytes, object, list[bytes], dict[str, object], int | object])
def test_what_is_not_plain_is_refused(hint):
    kind = type("Odd", (DomainEvent,), {"__annotations__": {"value": hint}}, kind="shop.odd", label="Odd")
    with pytest.raises(Invalid):
        EventTypes().register("shop", [dataclass(frozen=True, kw_only=True)(kind)])


def test_an_unregistered_event_is_not_recorded(small):
    with pytest.raises(Invalid), small.uow.writing():
        small.uow.record(Shipped(order=1))
    assert small.events("shop.shipped") == []


def test_it_is_read_as_it_was_recorded_and_without_its_plugin_as_unknown(small):
    small.runtime.events.register("shop", [Shipped])
    ticket = small.ticket(small.account(small.queue()))
    with small.uow.writing():
        small.uow.record(Shipped(ticket_id=ticket.id, order=7, buyer=1))
    entry = journal.after(small.uow, 0)[-1]
    assert entry.event == Shipped(ticket_id=ticket.id, order=7, buyer=1)
    assert "shop.shipped" in [
        item["kind"] for item in timeline.conversation(small.uow, ticket.id).items if item["is"] == "event"
    ]
    small.runtime.events = core_events()
    entry = journal.after(small.uow, 0)[-1]
    assert entry.event == UnknownEvent(ticket_id=ticket.id, data={"order": 7, "buyer": 1})
    assert entry.data == {"order": 7, "buyer": 1}
    assert [item for item in timeline.conversation(small.uow, ticket.id).items if item["is"] == "event"] == []


def test_fields_that_changed_since_do_not_stop_a_reader():
    registry = core_events()
    assert registry.load("ticket.changed", 3, None, {"old": 1}) == UnknownEvent(ticket_id=3, data={"old": 1})
    assert registry.load("ticket.read", 3, None, {"more": 1}) == TicketRead(ticket_id=3)
    assert registry.load("ticket.changed", 3, None, {"before": {}, "after": {}, "more": 1}) == TicketChanged(
        ticket_id=3, before={}, after={}
    )


def test_the_page_names_every_kind():
    page = DOCS.read_text("utf-8")
    assert [kind for kind in core_events() if f"`{kind}`" not in page] == []


def test_plugins_can_import_every_kind():
    assert [kind.__name__ for kind in core_events().values() if getattr(events, kind.__name__, None) is not kind] == []
    assert [name for name in events.__all__ if not hasattr(events, name)] == []
