"""Who is connected to this process, in which rooms their rights put them, and what is emitted to them.

A room is a queue or a person, so rights are rooms: ``queue:4``, ``user:7``.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask_socketio import SocketIO

from helpdesk.core.actor import Actor
from helpdesk.core.people import sessions
from helpdesk.core.people.actors import actors_for
from helpdesk.core.people.models import User
from helpdesk.core.tickets import signals
from helpdesk.web.health.metrics import EMITS, SOCKETS

from .attendance import Attendance
from .handshake import hang_up
from .open_tickets import Outlook
from .payloads import Payloads
from .public import PublicServer
from .viewers import Viewers

NAMESPACE = "/desk"
SIGNAL_AGAIN = 1.0  # seconds in which a customer's signal of one kind is shown once
SHOWN_AGAIN = 3.0  # seconds in which a customer is shown once that somebody writes
BACKLOG = 2000  # packets a console may leave unread before it is disconnected

log = logging.getLogger("hamdel.live")


@dataclass
class Console:
    """One open page. ``rooms`` is what its person's rights gave it when they were last looked at, ``variant`` how
    they read (``payloads``),
    ``view`` the saved view it shows, ``line`` that it shows the line, ``outlook`` what of a ticket it is shown
    (``open_tickets``).
    """

    sid: str
    user_id: int
    epoch: int
    key: str
    name: str
    variant: str = ""
    namespace: str = NAMESPACE
    rooms: frozenset[str] = frozenset()
    subscribed: bool = False
    view: int = 0
    line: bool = False
    outlook: Outlook | None = None


def rooms_of(actor: Actor) -> frozenset[str]:
    """The rooms of somebody's rights."""
    if not actor.may("tickets.read"):
        return frozenset()
    return frozenset(f"queue:{queue}" for queue in actor.queues) | {f"user:{actor.user_id}"}


class ConsoleHub:
    """Everything live of one web process. ``broadcaster`` makes the loop that reads the journal for it."""

    def __init__(self, app: Flask, socketio: SocketIO, broadcaster: Callable[[ConsoleHub], Any]):
        self.app, self.runtime = app, app.extensions["runtime"]
        self.socketio, self.server = socketio, socketio.server
        self.consoles: dict[str, Console] = {}
        self.public: dict[str, PublicServer] = {}  # the servers of plugins' own visitors, by plugin
        self.viewers = Viewers(self.runtime.config.redis_url, self.emit)
        self.payloads = Payloads(app)
        self.attendance = Attendance(self.runtime, self.present)
        self.broadcaster = broadcaster(self)
        self._rights = threading.RLock()
        self._signals: dict[tuple[int, str], float] = {}
        self._shown: dict[tuple[int, str], float] = {}
        SOCKETS.set_function(lambda: sum(console.namespace == NAMESPACE for console in list(self.consoles.values())))

    # Coming and going --------------------------------------------------------------------------------------------

    def come(self, sid: str, user: User, key: str, variant: str, namespace: str = NAMESPACE) -> Console:
        """Register a connected page; it receives nothing before it subscribes."""
        self.broadcaster.start()
        self.viewers.start()
        self.attendance.start()
        self.consoles[sid] = Console(sid, user.id, user.epoch, key, user.name, variant, namespace)
        return self.consoles[sid]

    def go(self, sid: str) -> None:
        """A page is gone."""
        self.consoles.pop(sid, None)
        self.viewers.leave(sid)

    def close(self) -> None:
        """Disconnect everybody; their pages reconnect when the desk is back."""
        self.broadcaster.close()
        self.viewers.close()
        self.attendance.close()
        for server in self._servers():
            for transport in list(server.eio.sockets):
                self.socketio.start_background_task(hang_up, server, transport)

    def _servers(self) -> list[Any]:
        return [self.server, *self.public.values()]

    def drop(self, console: Console) -> None:
        """Disconnect a console whose session is over: its page reloads, which leads to the sign-in page."""
        self.enter(console, frozenset())
        self.emit("renew", None, [console.sid])
        transport = self.server.manager.eio_sid_from_sid(console.sid, console.namespace)
        self.server.disconnect(console.sid, console.namespace)
        if transport:
            self.socketio.start_background_task(hang_up, self.server, transport)

    # Rights ------------------------------------------------------------------------------------------------------

    def subscribe(self, console: Console, actor: Actor) -> int:
        """Let a console receive events; returns the sequence number after which it receives all of them."""
        with self.broadcaster.lock:
            console.subscribed = True
            self.enter(console, rooms_of(actor))
            self.attendance.come()
            return self.broadcaster.position

    def check(self, user_ids: Collection[int] | None = None) -> None:
        """Check rights again, of these people or of everybody: rooms follow, an ended session is dropped (S10, R03)."""
        consoles = [c for c in list(self.consoles.values()) if user_ids is None or c.user_id in user_ids]
        if not consoles:
            return
        with self._rights:
            with self.runtime.uow() as uow:
                rights = actors_for(uow.session, {console.user_id for console in consoles}, self.runtime.permissions)
                ended = sessions.ended(uow.session, {console.key for console in consoles})
            for console in consoles:
                user, actor = rights.get(console.user_id, (None, None))
                self._settle(console, None if console.key in ended else user, actor)

    def _settle(self, console: Console, user: User | None, actor: Actor | None) -> None:
        if user is None or user.epoch != console.epoch:
            self.drop(console)
            return
        rooms = rooms_of(actor)
        if not console.subscribed or rooms == console.rooms:
            return
        if console.namespace != NAMESPACE:
            return self.server.disconnect(
                console.sid, console.namespace
            )  # it comes back, and its rights are checked anew
        self.enter(console, rooms)
        self.emit("renew", None, [console.sid])

    def enter(self, console: Console, rooms: frozenset[str]) -> None:
        """Leave every room that is not among these, enter the others: each twice, for all and for those who read
        alike.
        """
        for room in console.rooms - rooms:
            for name in (room, f"{room}/{console.variant}"):
                self.server.leave_room(console.sid, name, console.namespace)
        if console.sid in self.consoles:
            for room in rooms - console.rooms:
                for name in (room, f"{room}/{console.variant}"):
                    self.server.enter_room(console.sid, name, console.namespace)
        console.rooms = rooms

    def disconnect_slow_consumers(self) -> None:
        """A console that does not read fills our memory."""
        for server in self._servers():
            for socket in list(server.eio.sockets.values()):
                if socket.queue.qsize() > BACKLOG:
                    self.socketio.start_background_task(hang_up, server, socket.sid)

    def present(self) -> set[int]:
        """The people whose consoles are open and who see tickets."""
        return {console.user_id for console in list(self.consoles.values()) if console.rooms}

    def views_shown(self) -> set[tuple[int, int]]:
        """(saved view, user) of every console that shows one."""
        return {(console.view, console.user_id) for console in list(self.consoles.values()) if console.view}

    def showing(self, tickets: Collection[int]) -> dict[int, list[Console]]:
        """{ticket: the consoles that show it}, of these tickets."""
        found: dict[int, list[Console]] = {}
        for sid, ticket in self.viewers.places_of(tickets):
            if sid in self.consoles:
                found.setdefault(ticket, []).append(self.consoles[sid])
        return found

    # Emitting -----------------------------------------------------------------------------------------------------

    def emit(self, event: str, data, rooms: Iterable[str], without: Collection[str] = ()) -> None:
        """Emit to everybody in these rooms but those ``without``, each once; the payload is encoded once."""
        EMITS.labels(event).inc()
        to = list(rooms)
        if to:  # nobody is not everybody
            self.server.emit(event, data, to=to, skip_sid=list(without), namespace=NAMESPACE)

    def tell(self, namespace: str, event: str, data: dict, rooms: Collection[str]) -> None:
        """As ``core.live.LiveHub``."""
        EMITS.labels("plugin").inc()
        if namespace in self.public:
            return self.public[namespace].tell(event, data, rooms)
        self.server.emit(event, data, to=list(rooms), namespace=namespace)

    def signal(self, ticket_id: int, kind: str, rooms: Collection[str]) -> None:
        """As ``core.live.LiveHub``."""
        now = time.monotonic()
        self._signals = {said: at for said, at in self._signals.items() if now - at < SIGNAL_AGAIN}
        if (ticket_id, kind) not in self._signals:
            self._signals[ticket_id, kind] = now
            self.emit("signal", {"ticket": ticket_id, "kind": kind}, rooms)

    def show_customer(self, ticket_id: int, kind: str) -> None:
        """Show the customer of a ticket what happens here, at most every ``SHOWN_AGAIN`` seconds, without waiting for
        it.
        """
        now = time.monotonic()
        self._shown = {said: at for said, at in self._shown.items() if now - at < SHOWN_AGAIN}
        if (ticket_id, kind) not in self._shown:
            self._shown[ticket_id, kind] = now
            self.socketio.start_background_task(self._pass_on, ticket_id, kind)

    def _pass_on(self, ticket_id: int, kind: str) -> None:
        try:
            with self.runtime.uow() as uow:
                signals.pass_on(uow, ticket_id, kind)
        except Exception as error:
            log.info("a signal could not be passed on: %s", type(error).__name__)

    def sids_in(self, rooms: Iterable[str]) -> set[str]:
        """The consoles in these rooms."""
        names = list(rooms)
        return {sid for sid, _ in self.server.manager.get_participants(NAMESPACE, names)} if names else set()
