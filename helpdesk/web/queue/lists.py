"""Which list a page shows: the address it is known by, its name, its rows and its next page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flask import url_for

from helpdesk.core.errors import NotFound
from helpdesk.core.journal import journal
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets import drafts, saved_views, ticket_lists
from helpdesk.i18n import gettext as _
from helpdesk.i18n.names import named
from helpdesk.web import runtime
from helpdesk.web.kit.parts import fill_columns

from .navigation import own_queues

PAGE = 50
SAVED = "saved-"
AGAIN = 30  # seconds after which a view is asked anew whose conditions a change alone cannot tell
NAMES = {
    "mine": lambda: _("My queue"),
    "unassigned": lambda: _("Unassigned"),
    "waiting": lambda: _("Waiting for customer"),
    "all": lambda: _("All open"),
    "snoozed": lambda: _("Snoozed"),
    "solved": lambda: _("Solved"),
    "simulated": lambda: _("Practice tickets"),
}


@dataclass
class List:
    """One list of tickets. ``key`` is "mine", "queue-3", …: it names the list in addresses and to the page's script.

    ``drafts`` are all tickets on which the reader has something half-written, for the rows to come, too: only they
    may know.
    ``again`` says after how many seconds the list is asked anew, 0 for never: changes say it all.
    """

    key: str
    title: str
    items: list[dict]
    next: str | None
    seq: int = 0
    drafts: list[int] = field(default_factory=list)
    again: int = 0
    deletable: bool = False

    @property
    def url(self) -> str:
        """Where this list is."""
        return url_of(self.key)


def url_of(key: str) -> str:
    """The address of the list with this key."""
    if key.startswith("queue-"):
        return url_for("queue.of", queue_id=int(key[6:]))
    if key.startswith(SAVED):
        return url_for("queue.saved", view_id=int(key[6:]))
    return url_for("queue.view", name=key)


def load(uow: UnitOfWork, key: str, after: str | None = None) -> List:
    """The list with this key, from the row ``after`` on; NotFound for one that does not exist or is not theirs.

    The journal's head is read first: what changes while the rows are read comes again over the socket.
    """
    seq = journal.last(uow)
    if key.startswith(SAVED):
        return _saved(uow, key, after, seq)
    name, queue_id = ("queue", _number(key[6:])) if key.startswith("queue-") else (key, None)
    page = ticket_lists.page(uow, name, queue_id=queue_id, after=after, limit=PAGE)
    return List(key, _title(name, queue_id), fill_columns(uow, page.items), page.next, seq, drafts.drafted_tickets(uow))


def _saved(uow: UnitOfWork, key: str, after: str | None, seq: int) -> List:
    view = saved_views.get(uow, _number(key[6:]))
    page, asked = saved_views.page(uow, view.id, after, PAGE), saved_views.filter_of(uow, view)
    own = view.owner_id is not None or uow.actor.may("settings")
    made = List(key, view.name, fill_columns(uow, page.items), page.next, seq, drafts.drafted_tickets(uow))
    return replace(made, again=0 if asked.follows_changes else AGAIN, deletable=own)


def known(key: str | None) -> str:
    """A list's key as it came in an address, or "mine" when it is none."""
    key = key or "mine"
    return key if key in NAMES or (key.startswith(("queue-", SAVED)) and _number(key[6:])) else "mine"


def channel_icon(channel: str) -> str:
    """The icon of a channel by its name; a form's for one that is switched off."""
    found = runtime().channels.get(channel)
    return found.icon if found else "form"


def _title(name: str, queue_id: int | None) -> str:
    if name in NAMES:
        return NAMES[name]()
    for queue in own_queues():
        if queue.id == queue_id:
            return named(queue.name)
    raise NotFound()


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
