"""What a console may send: ``subscribe`` to what it may see, ``watch_ticket``, ``typing`` on it, ``read`` up to a
message. Anything else is refused.
"""

from __future__ import annotations

import logging

from flask import request
from flask_socketio import Namespace

from helpdesk.core.errors import HelpdeskError
from helpdesk.core.live import rooms
from helpdesk.core.tickets import saved_views, tickets
from helpdesk.core.tickets.visibility import visible_ticket
from helpdesk.web import current_user, uow
from helpdesk.web.http.locale import reader_of
from helpdesk.web.session import session_key

from .catch_up import missed
from .hub import NAMESPACE, ConsoleHub
from .open_tickets import outlook_of
from .payloads import variant_of
from .rings import for_one

EVENTS = ("subscribe", "watch_ticket", "typing", "read")
REFUSAL = {"error": "refused"}

log = logging.getLogger("hamdel.live")


class ConsoleNamespace(Namespace):
    """The namespace ``/desk``. The session's cookie is checked against the database at each event."""

    def __init__(self, hub: ConsoleHub):
        super().__init__(NAMESPACE)
        self.hub = hub

    def trigger_event(self, event, sid, *given):
        """Handle the four events and the protocol's own connect and disconnect, which a client cannot send."""
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
        self.hub.come(request.sid, user, session_key(), variant_of(reader_of(user)))
        return True

    def on_disconnect(self, _reason=None):
        """A page is gone."""
        self.hub.go(request.sid)

    def on_subscribe(self, data: dict) -> dict:
        """``{since, list}``: hear from now on, of the list that is shown, and be told what was missed since that
        number, nothing for None: {seq, missed, more} or {reload}.
        """
        since = data.get("since")
        console = self._console()
        if console is None or not _is_place(since):
            return REFUSAL
        console.view = _view_of(data.get("list"))
        console.line = data.get("list") == "line"
        console.outlook = outlook_of(current_user(), uow().actor)
        until = self.hub.subscribe(console, uow().actor)
        uow().session.rollback()  # read the journal as it is after entering the rooms, so that nothing falls in between
        self.hub.check({console.user_id})
        ring = for_one(self.hub.app, uow(), console.user_id)
        if ring:
            self.hub.emit("ring", ring, [console.sid])
        if since is None:
            return {"seq": until, "missed": [], "more": False}
        answer = missed(uow(), since, until, self.hub.payloads, console.variant)
        if console.view and answer["missed"]:
            answer["reload"] = True  # what a saved view looked like after each of them is not known any more
        if not answer.get("reload"):
            self.hub.viewers.tell(console.sid, console.rooms)
        return answer

    def on_watch_ticket(self, data: dict) -> None:
        """``{ticket, writing}``: this person looks at a ticket now; without a ticket at none."""
        console, ticket_id = self._console(), data.get("ticket")
        if console is None:
            return
        if type(ticket_id) is not int:
            self.hub.viewers.leave(console.sid)
            return
        ticket = visible_ticket(uow(), ticket_id)
        place = rooms(ticket.queue_id, ticket.assignee_id)
        self.hub.viewers.watch_ticket(
            console.sid, console.user_id, console.name, ticket.id, place, data.get("writing") is True
        )

    def on_typing(self, data: dict) -> None:
        """``{ticket, writing}``: this person begins or ends writing where they look."""
        if self.hub.viewers.write(request.sid, data.get("ticket"), data.get("writing") is True):
            self.hub.show_customer(data["ticket"], "typing")

    def on_read(self, data: dict) -> dict:
        """``{ticket, upto}``: this person has seen everything of the ticket up to a message."""
        ticket_id, upto = data.get("ticket"), data.get("upto")
        if self._console() is None or type(ticket_id) is not int or type(upto) is not int or not 0 < upto < 2**53:
            return REFUSAL
        tickets.mark_read(uow(), ticket_id, upto)
        return {}

    def _console(self):
        """The console that sent the event, unless its session has ended meanwhile."""
        console, user = self.hub.consoles.get(request.sid), current_user()
        if console and (user is None or user.id != console.user_id):
            self.hub.drop(console)
            return None
        return console


def _is_place(since) -> bool:
    """True for a number of the journal, and for None."""
    return since is None or type(since) is int and 0 <= since < 2**53


def _view_of(key) -> int:
    """The saved view a console shows, 0 for another list. NotFound for one that is not theirs."""
    kind, _dash, number = key.partition("-") if isinstance(key, str) else ("", "", "")
    if kind != "saved" or not number.isascii() or not number.isdigit() or len(number) > 18:
        return 0
    return saved_views.get(uow(), int(number)).id
