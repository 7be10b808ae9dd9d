"""Live: Socket.IO namespaces of a plugin's own, a server for visitors of other sites, events to those who see a ticket,
and signals of customers (typing, online, away).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
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


@dataclass
class Visit:
    """One connection of a visitor to ``PublicSockets``, not yet believed anything but its origin.

    ``address`` is the network it comes from, ``agent`` its browser's name for itself. ``person`` names whoever it
    turned out to be, whose connections are counted together; ``state`` is the plugin's own;
    ``rooms`` are those it stands in: put names in and take them out, which counts once the event is answered, or
    ``settle()`` is called. ``emit(event, data)`` tells this connection alone.
    """

    sid: str
    account_id: int
    address: str
    origin: str
    agent: str
    language: str
    emit: Callable[[str, dict[str, Any]], None] = field(repr=False)
    settle: Callable[[], None] = field(repr=False, default=lambda: None)
    rooms: set[str] = field(default_factory=set)
    person: str = ""
    state: Any = None


class Rejected(Exception):
    """Raised by ``PublicSockets.connect``: no connection, for this reason (a code that clients know)."""


Answer = dict[str, Any] | None


@dataclass(frozen=True)
class PublicSockets:
    """A Socket.IO server for visitors at ``path``, which begins with "/<plugin>/". The address names an account of
    ``channel`` (``?account=<public key>``), and the page must be of one of the origins in that account's setting
    ``origins`` ("*" for any, several divided by white space or commas).

    ``connect(uow, visit, auth)`` returns what the connection is told first, as the event ``hello``, or raises
    ``Rejected``. ``events`` are functions ``(uow, visit, data)`` by name, whose dictionary is the answer;
    ``disconnect(uow, visit)`` comes last. ``uow`` acts for the plugin. After one of the events ``last`` those who were
    told are disconnected. A person (``visit.person``, else a connection) who sends 40 events at once, or goes on with
    more than 2 a second, is answered ``{"error": "slow_down", "after": <seconds>}`` before the plugin is asked; so is a
    network address with twenty times as many.
    """

    path: str
    channel: str
    connect: Callable[[UnitOfWork, Visit, dict[str, Any]], dict[str, Any]]
    events: Mapping[str, Callable[[UnitOfWork, Visit, dict[str, Any]], Answer]]
    disconnect: Callable[[UnitOfWork, Visit], None] | None = None
    last: Collection[str] = ()


def allows(origins: str, origin: str) -> bool:
    """True when an account whose setting ``origins`` says this serves pages of this origin."""
    given = {each.rstrip("/").lower() for each in origins.replace(",", " ").split()}
    return bool(origin) and ("*" in given or origin.lower() in given)


def emit_public(uow: UnitOfWork, plugin: str, event: str, data: dict[str, Any], rooms: Collection[str]) -> None:
    """Tell the visitors in these rooms of the plugin's server, in every process, as ``emit`` does."""
    uow.runtime.live.tell(plugin, event, data, rooms)


def emit(uow: UnitOfWork, plugin: str, event: str, data: dict[str, Any], rooms: Collection[str]) -> None:
    """Tell the pages in these rooms of the plugin's namespace, in every process. What must not be lost is an event
    (``events.record``): other processes miss what is larger than 60 KB, and on other machines hear it through Redis.
    """
    uow.runtime.live.tell(f"/x/{plugin}", event, data, rooms)


def rooms_of(uow: UnitOfWork, ticket_id: int) -> set[str]:
    """The rooms of everybody who may see a ticket. NotFound when the actor does not."""
    ticket = visible_ticket(uow, ticket_id)
    return rooms_with(ticket.queue_id, ticket.assignee_id)


__all__ = [
    "SIGNALS",
    "Namespace",
    "PublicSockets",
    "Rejected",
    "Visit",
    "allows",
    "emit",
    "emit_public",
    "rooms_of",
    "signal",
]
