"""Live: Socket.IO namespaces of a plugin's own, events to those who see a ticket, and signals of customers (typing,
online, away).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.live import SIGNALS
from helpdesk.core.live import rooms as rooms_with
from helpdesk.core.tickets.signals import show as signal
from helpdesk.core.tickets.visibility import visible_ticket


def _none(_uow: UnitOfWork) -> Collection[str]:
    return ()


@dataclass(frozen=True)
class Namespace:
    """The namespace ``/x/<plugin>`` for pages of signed-in people who hold ``permission``; one a plugin.

    ``events`` are functions ``(uow, data)`` by name: ``data`` is an object (a frame holds 16 KiB, a page so many
    frames), what they return, a dictionary or None, is the answer. A page stands in the rooms of its person's queues
    ("queue:4") and of the person ("user:7"), and in those that ``rooms(uow)`` names when it connects.
    """

    events: Mapping[str, Callable[[UnitOfWork, dict[str, Any]], dict[str, Any] | None]]
    permission: str = "tickets.read"
    rooms: Callable[[UnitOfWork], Collection[str]] = _none

    def __post_init__(self) -> None:
        if self.events.keys() & {"connect", "disconnect"}:
            raise ValueError("connect and disconnect are the protocol's own")


def emit(uow: UnitOfWork, plugin: str, event: str, data: dict[str, Any], rooms: Collection[str]) -> None:
    """Tell the pages in these rooms of the plugin's namespace, in every process. What must not be lost is an event
    (``events.record``): other processes miss what is larger than 60 KB, and on other machines hear it through Redis.
    """
    uow.runtime.live.tell(f"/x/{plugin}", event, data, rooms)


def rooms_of(uow: UnitOfWork, ticket_id: int) -> set[str]:
    """The rooms of everybody who may see a ticket. NotFound when the actor does not."""
    ticket = visible_ticket(uow, ticket_id)
    return rooms_with(ticket.queue_id, ticket.assignee_id)


__all__ = ["SIGNALS", "Namespace", "emit", "rooms_of", "signal"]
