"""The namespaces of plugins: the sender is authenticated at each event, and a plugin's errors are kept against it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import partial

from flask import request
from flask_socketio import Namespace

from helpdesk.api.live import Namespace as Declared
from helpdesk.core.errors import HelpdeskError
from helpdesk.core.journal.unit_of_work import code_of
from helpdesk.i18n import reading, render_message
from helpdesk.web import current_user, uow
from helpdesk.web.http.locale import reader_of
from helpdesk.web.session import session_key

from .hub import ConsoleHub, rooms_of
from .payloads import variant_of

REFUSAL = {"error": "refused"}


class OfPlugin(Namespace):
    """``/x/<plugin>`` with the events its plugin declared."""

    def __init__(self, live: ConsoleHub, plugin: str, declared: Declared):
        super().__init__(f"/x/{plugin}")
        self.live, self.plugin, self.declared = live, plugin, declared
        for event, handler in declared.events.items():
            setattr(self, f"on_{event}", partial(self._hear, event, handler))

    def trigger_event(self, event, sid, *given):
        """Handle the declared events and the protocol's own connect and disconnect, which a client cannot send."""
        if not self.server.manager.is_connected(sid, self.namespace):
            return super().trigger_event(event, sid, *given) if event in ("connect", "disconnect") else None
        if event not in self.declared.events or len(given) != 1 or not isinstance(given[0], dict):
            return REFUSAL
        return super().trigger_event(event, sid, given[0])

    def _hear(self, event: str, handler: Callable, data: dict) -> dict:
        """What the plugin answers; a sentence when it refuses."""
        console, user = self.live.consoles.get(request.sid), current_user()
        if console is None or user is None or user.id != console.user_id or not self._may():
            return REFUSAL
        try:
            with reading(reader_of(user)), code_of(self.plugin):
                return handler(uow(), data) or {}
        except HelpdeskError as refused:
            with reading(reader_of(user)):
                return {"error": render_message(refused)}
        except Exception:
            self._hooks.fault(self._hooks.plugins[self.plugin], f"socket {event}", traceback.format_exc(limit=-4))
            return REFUSAL

    @property
    def _hooks(self):
        return self.live.runtime.hooks

    def _may(self) -> bool:
        return self._hooks.plugins[self.plugin].state == "on" and uow().actor.may(self.declared.permission)

    def on_connect(self, _auth=None):
        """Only for who is signed in and holds the permission."""
        user = current_user()
        if user is None or not self._may():
            return False
        extra = self._hooks.guarded(self.plugin, "socket rooms", partial(self.declared.rooms, uow())) or ()
        console = self.live.come(request.sid, user, session_key(), variant_of(reader_of(user)), self.namespace)
        console.subscribed = True
        self.live.enter(console, rooms_of(uow().actor))
        for room in extra:
            self.server.enter_room(request.sid, str(room), self.namespace)
        return True

    def on_disconnect(self, _reason=None):
        """A page is gone."""
        self.live.go(request.sid)
