"""What consoles that show a ticket are sent of its changes, so that none of them asks: its head and the items that are
new or changed, rendered once for all who read alike and may do the same.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flask import Flask, g

from helpdesk.core.actor import Actor
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.live import rooms
from helpdesk.core.people.actors import actors_for
from helpdesk.core.people.models import User
from helpdesk.core.tickets.standings import Change
from helpdesk.i18n import Reader, reading
from helpdesk.web.http.locale import reader_of
from helpdesk.web.ticket import views

log = logging.getLogger("hamdel.live")

QUIET = "ticket.read"  # changes nothing of what is shown


@dataclass(frozen=True)
class Outlook:
    """What two people have in common who are shown the same of a ticket."""

    reader: Reader
    role: str
    permissions: frozenset[str] | None
    queues: frozenset[int]
    keys: str


def outlook_of(user: User, actor: Actor) -> Outlook:
    """The outlook of somebody."""
    keys = json.dumps((user.preferences or {}).get("keys") or {}, sort_keys=True)
    return Outlook(reader_of(user), actor.role, actor.permissions, actor.queues, keys)


@dataclass(frozen=True)
class Update:
    """``items`` for some consoles, told before the change itself."""

    payload: dict
    sids: list[str]


def updates(app: Flask, uow: UnitOfWork, changes: Iterable[Change], shown: dict[int, list]) -> dict[int, list[Update]]:
    """{number of the first change of a ticket told together: what its consoles are sent}. ``shown`` are the consoles
    that show a ticket now; who does not see it any more is sent nothing.
    """
    together: dict[int, list[Change]] = {}
    for change in changes:
        if change.ticket in shown and change.kind != QUIET:
            together.setdefault(change.ticket, []).append(change)
    return {those[0].seq: _of_ticket(app, uow, those, shown[ticket]) for ticket, those in together.items()}


def _of_ticket(app: Flask, uow: UnitOfWork, changes: list[Change], consoles: Collection) -> list[Update]:
    last = changes[-1]
    place = rooms(last.after["queue"], last.after["assignee"])
    alike: dict[Outlook, list] = {}
    for console in consoles:
        if console.outlook and console.rooms & place:
            alike.setdefault(console.outlook, []).append(console)
    people = actors_for(uow.session, {those[0].user_id for those in alike.values()}, uow.runtime.permissions)
    found = []
    for those in alike.values():
        user, actor = people.get(those[0].user_id, (None, None))
        if user and actor.sees(_Place(last.after)):
            html = _rendered(app, uow.acting(actor), user, changes)
            if html is None:
                continue
            payload = {"kind": "items", "seq": last.seq, "ticket": last.ticket, "html": html}
            found.append(Update(payload, [console.sid for console in those]))
    return found


class _Place:
    """Where a ticket is, as rights are asked about it."""

    def __init__(self, facts: dict):
        self.queue_id, self.assignee_id = facts["queue"], facts["assignee"]


def _rendered(app: Flask, uow: UnitOfWork, user: User, changes: list[Change]) -> str | None:
    """As one of them would be answered by ``ticket/items``; None when that fails, and their consoles ask for it."""
    messages = [change.message for change in changes if change.message]
    try:
        with app.test_request_context(), reading(reader_of(user)):
            g.user, g.uow = user, uow
            return views.changed(uow, changes[0].ticket, messages, changes[0].seq - 1)
    except Exception:  # a change is told whatever becomes of this
        log.exception("an open ticket could not be rendered")
        return None
