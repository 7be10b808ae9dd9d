"""Socket.IO servers of plugins for visitors of other sites: guarded as the desk's own, with each account's origins, and
what a plugin does wrong is kept against it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import socketio
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from helpdesk.api.live import PublicSockets, Rejected, Visit, allows
from helpdesk.core.accounts import accounts
from helpdesk.core.actor import Actor
from helpdesk.core.errors import HelpdeskError, NotFound
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.network import place
from helpdesk.core.runtime import Runtime
from helpdesk.core.text import storable
from helpdesk.web.http.budgets import Budgets

from .handshake import Asker, Limits, guard, hang_up

LIMITS = Limits(frame=32 * 1024, bytes=128 * 1024)
OF_ADDRESS, OF_ACCOUNT = 2_000, 20_000  # sockets open at once
REFUSED = {"error": "refused"}
UNAVAILABLE = {"error": "unavailable"}
EVENTS, WITHIN = 40, 20.0  # events of one person at once, and the seconds in which as many come back
OF_PLACE = 20 * EVENTS  # those of one network address, where many sit
ALL = "/"


class PublicServer(socketio.Server):
    """The server of one plugin."""

    visits: Visits

    def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        """As of any server, and the first word after the connection stands: a client hears nothing before that."""
        super()._handle_connect(eio_sid, namespace, data)
        self.visits.greet(self.manager.sid_from_eio_sid(eio_sid, ALL))

    def tell(self, event: str, data: dict[str, Any], rooms: Collection[str]) -> None:
        """As ``core.live.LiveHub.tell``, for one plugin."""
        if not rooms:
            return
        self.emit(event, data, to=list(rooms), namespace=ALL)
        if event in self.visits.declared.last:
            for _sid, transport in list(self.manager.get_participants(ALL, list(rooms))):
                self.start_background_task(self._end, transport)

    def _end(self, transport: str) -> None:
        self.sleep(0.2)  # what was said last goes out first
        hang_up(self, transport)


class Visits(socketio.Namespace):
    """The connections to one plugin's server."""

    def __init__(self, runtime: Runtime, plugin: str, declared: PublicSockets):
        super().__init__(ALL)
        self.runtime, self.plugin, self.declared = runtime, plugin, declared
        self.open: dict[str, tuple[Visit, dict[str, Any] | None]] = {}
        self.budgets, self.places = Budgets(EVENTS, WITHIN), Budgets(OF_PLACE, WITHIN)

    def trigger_event(self, event: str, *given: Any) -> Any:
        """Handle the declared events and the protocol's own, which a client cannot send."""
        sid, *rest = given
        if not self.server.manager.is_connected(sid, ALL):
            return self._connect(sid, *rest) if event == "connect" else self._disconnect(sid)
        visit, _hello = self.open.get(sid, (None, None))
        if visit is None or event not in self.declared.events or len(rest) != 1 or not isinstance(rest[0], dict):
            return REFUSED
        wait = self.budgets.take(visit.person or sid) or self.places.take(visit.address)
        if wait:
            return {"error": "slow_down", "after": wait}
        handler = self.declared.events[event]
        data = storable(rest[0])
        answer = self._call(f"socket {event}", lambda uow: handler(uow, visit, data) or {})
        self._settle(visit)
        return UNAVAILABLE if answer is None else answer

    def _connect(self, sid: str, environ: dict, auth: Any = None) -> bool:
        """Ask the plugin; ConnectionRefusedError with its code."""
        if auth is not None and not isinstance(auth, dict):
            raise socketio.exceptions.ConnectionRefusedError("refused")
        visit = Visit(
            sid,
            environ["hamdel.account"],
            place(environ.get("REMOTE_ADDR")),
            environ.get("HTTP_ORIGIN", ""),
            environ.get("HTTP_USER_AGENT", "")[:300],
            environ.get("HTTP_ACCEPT_LANGUAGE", "")[:100],
            partial(self._tell, sid),
        )
        visit.settle = partial(self._settle, visit)
        hello = self._call("socket connect", lambda uow: self._asked(uow, visit, storable(auth or {})))
        if isinstance(hello, str) or hello is None:
            raise socketio.exceptions.ConnectionRefusedError(hello or "unavailable")
        self.open[sid] = visit, hello
        return True

    def _asked(self, uow: UnitOfWork, visit: Visit, auth: dict[str, Any]) -> dict[str, Any] | str:
        try:
            return self.declared.connect(uow, visit, auth)
        except Rejected as reason:
            return str(reason)

    def greet(self, sid: str | None) -> None:
        """Tell a connection its first word, once."""
        visit, hello = self.open.get(sid or "", (None, None))
        if visit and hello is not None:
            self.open[visit.sid] = visit, None
            self._settle(visit)
            self._tell(visit.sid, "hello", hello)

    def _disconnect(self, sid: str) -> None:
        visit, _hello = self.open.pop(sid, (None, None))
        if visit and self.declared.disconnect:
            self._call("socket disconnect", partial(self._gone, visit))

    def _gone(self, visit: Visit, uow: UnitOfWork) -> dict[str, Any]:
        self.declared.disconnect(uow, visit)
        return {}

    def _tell(self, sid: str, event: str, data: dict[str, Any]) -> None:
        self.server.emit(event, data, to=sid, namespace=ALL)

    def _settle(self, visit: Visit) -> None:
        """Let the connection stand in the rooms its plugin put it in."""
        now = set(self.server.rooms(visit.sid, ALL)) - {visit.sid}
        for room in now - visit.rooms:
            self.server.leave_room(visit.sid, room, ALL)
        for room in visit.rooms - now:
            self.server.enter_room(visit.sid, room, ALL)

    def _call(self, what: str, function: Callable[[UnitOfWork], Any]) -> Any:
        """What code of the plugin says; None when the plugin is at fault or off, or the desk cannot do it now."""
        try:
            return self.runtime.hooks.guarded(self.plugin, what, partial(self._work, function))
        except SQLAlchemyError:
            return None

    def _work(self, function: Callable[[UnitOfWork], Any]) -> Any:
        with self.runtime.uow(Actor(f"plugin:{self.plugin}")) as uow:
            try:
                return function(uow)
            except HelpdeskError as refused:
                return {"error": "refused", "sentence": refused.sentence}


def open_server(app: Flask, plugin: str, declared: PublicSockets, log: logging.Logger, async_mode: str) -> PublicServer:
    """Open the plugin's server beside this application."""
    if not declared.path.startswith(f"/{plugin}/"):
        raise ValueError(f"the sockets of the plugin {plugin} must have a path that begins with /{plugin}/")
    server = PublicServer(
        async_mode=async_mode,
        transports=["websocket"],
        cors_allowed_origins=[],  # the guard checks the origin, and more
        max_http_buffer_size=LIMITS.frame,
        async_handlers=False,
        namespaces=[],
        logger=log,
        engineio_logger=log,
    )
    runtime = app.extensions["runtime"]
    server.visits = Visits(runtime, plugin, declared)
    server.register_namespace(server.visits)
    app.wsgi_app = socketio.Middleware(server, app.wsgi_app, socketio_path=declared.path.strip("/"))
    guard(app, server, declared.path.rstrip("/") + "/", partial(_asker, runtime, declared), LIMITS)
    return server


def _asker(runtime: Runtime, declared: PublicSockets, environ: dict) -> Asker:
    """Whoever comes from a page of an origin that the account serves."""
    key = (parse_qs(environ.get("QUERY_STRING", "")[:500]).get("account") or [""])[0]
    try:
        with runtime.uow() as uow:
            account = accounts.pushed_to(uow, key)
            origins = str(account.settings.get("origins", ""))
            known = account.enabled and account.channel == declared.channel and account.public_key == key
            environ["hamdel.account"] = account.id
    except NotFound:
        return Asker("account")
    except SQLAlchemyError:
        return Asker("database")
    if not known:
        return Asker("account")
    if not allows(origins, environ.get("HTTP_ORIGIN", "")):
        return Asker("origin")
    return Asker(seats={f"from {place(environ.get('REMOTE_ADDR'))}": OF_ADDRESS, f"account {account.id}": OF_ACCOUNT})
