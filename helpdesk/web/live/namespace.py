"""What a console may say: ``subscribe`` to what it may see, ``look`` at a ticket, ``typing`` on it. Anything else is not heard."""

from __future__ import annotations

import logging

from flask import request
from flask_socketio import Namespace

from helpdesk.core.errors import HelpdeskError
from helpdesk.core.live import rooms
from helpdesk.core.rights import visible_ticket
from helpdesk.web import current_user, desk
from helpdesk.web.frame.readers import reader_of
from helpdesk.web.session import session_key

from .live import NAMESPACE, Live
from .payloads import variant_of
from .replay import missed

EVENTS = ("subscribe", "look", "typing")
REFUSAL = {"error": "refused"}

log = logging.getLogger("hamdel.live")


class Desk(Namespace):
    """The namespace ``/desk``. Who speaks is asked anew each time: by the session's cookie, against the database."""

    def __init__(self, live: Live):
        super().__init__(NAMESPACE)
        self.live = live

    def trigger_event(self, event, sid, *given):
        """Hear the three events and the protocol's own coming and going, which a client cannot feign."""
        if not self.server.manager.is_connected(sid, NAMESPACE):
            return super().trigger_event(event, sid, *given) if event in ("connect", "disconnect") else None
        if event not in EVENTS or len(given) != 1 or not isinstance(given[0], dict):
            return REFUSAL
        try:
            return super().trigger_event(event, sid, given[0])
        except HelpdeskError:
            return REFUSAL
        except Exception:
            log.exception("a console's %s failed", event)
            return REFUSAL

    def on_connect(self, _auth=None):
        """Only for who is signed in."""
        user = current_user()
        if user is None:
            return False
        self.live.come(request.sid, user, session_key(), variant_of(reader_of(user)))
        return True

    def on_disconnect(self, _reason=None):
        """A page is gone."""
        self.live.go(request.sid)

    def on_subscribe(self, data: dict) -> dict:
        """``{since}``: hear from now on, and be told what was missed since that number: {seq, missed, more} or {reload}."""
        since = data.get("since")
        console = self._console()
        if console is None or type(since) is not int or not 0 <= since < 2**53:
            return REFUSAL
        until = self.live.subscribe(console, desk().actor)
        desk().session.rollback()  # read the journal as it is after entering the rooms, so that nothing falls in between
        self.live.check({console.user_id})
        answer = missed(desk(), since, until, self.live.payloads, console.variant)
        if not answer.get("reload"):
            self.live.presence.tell(console.sid, console.rooms)
        return answer

    def on_look(self, data: dict) -> None:
        """``{ticket, writing}``: this person looks at a ticket now; without a ticket at none."""
        console, ticket_id = self._console(), data.get("ticket")
        if console is None:
            return
        if type(ticket_id) is not int:
            self.live.presence.leave(console.sid)
            return
        ticket = visible_ticket(desk(), ticket_id)
        place = rooms(ticket.queue_id, ticket.assignee_id)
        self.live.presence.look(console.sid, console.user_id, console.name, ticket.id, place, data.get("writing") is True)

    def on_typing(self, data: dict) -> None:
        """``{ticket, writing}``: this person begins or ends writing where they look."""
        self.live.presence.write(request.sid, data.get("ticket"), data.get("writing") is True)

    def _console(self):
        """The console that speaks, unless its session has ended meanwhile."""
        console, user = self.live.consoles.get(request.sid), current_user()
        if console and (user is None or user.id != console.user_id):
            self.live.drop(console)
            return None
        return console
