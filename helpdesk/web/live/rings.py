"""What consoles are told of the line: each person what rings at them and how they are available (``ring``), the people
of a queue how many wait in it (``waiting``), and those who look at the line that it changed (``line``).

Each is told whole, as it is now, so that nothing is wrong when one of them is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from flask import Flask, g

from helpdesk.core.events.registry import users_in
from helpdesk.core.events.waiting import KINDS, UserAvailabilityChanged
from helpdesk.core.journal.journal import JournalEntry
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.actors import actors_for
from helpdesk.core.people.models import User
from helpdesk.core.waiting import entries
from helpdesk.i18n import reading
from helpdesk.web.http.locale import reader_of
from helpdesk.web.line import frame, views

Emit = tuple[str, Any, list[str]]  # event, payload, consoles or rooms

log = logging.getLogger("hamdel.live")


def emits(app: Flask, uow: UnitOfWork, events: Iterable[JournalEntry], consoles: Iterable[Any]) -> list[Emit]:
    """What to emit of these events."""
    ours = [entry for entry in events if isinstance(entry.event, KINDS)]
    if not ours:
        return []
    here: dict[int, list[str]] = {}
    looking: list[str] = []
    for console in filter(lambda one: one.subscribed, consoles):
        here.setdefault(console.user_id, []).append(console.sid)
        looking += [console.sid] if console.line else []
    concerned = {user for entry in ours for user in users_in(type(entry.event), entry.data)} & here.keys()
    found = [("ring", payload, here[user]) for user, payload in _frames(app, uow, concerned)]
    if any(not isinstance(entry.event, UserAvailabilityChanged) for entry in ours):
        counts = entries.count_waiting(uow)
        queues = frame.queue_ids(uow)
        found += [
            ("waiting", {"queue": queue, "waiting": counts.get(queue, 0)}, [f"queue:{queue}"]) for queue in queues
        ]
    return found + [("line", {}, looking)]


def for_one(app: Flask, uow: UnitOfWork, user_id: int) -> dict | None:
    """What somebody whose console has just come is told, None for who answers nobody."""
    return dict(_frames(app, uow, {user_id})).get(user_id)


def _frames(app: Flask, uow: UnitOfWork, user_ids: Iterable[int]) -> list[tuple[int, dict]]:
    """(user, the parts of their frame) of those who answer tickets."""
    found = []
    for user_id, (user, actor) in actors_for(uow.session, set(user_ids), uow.runtime.permissions).items():
        payload = _rendered(app, uow.acting(actor), user) if actor.may("tickets.write") else None
        if payload:
            found.append((user_id, payload))
    return found


def _rendered(app: Flask, uow: UnitOfWork, user: User) -> dict | None:
    try:
        with app.test_request_context(), reading(reader_of(user)):
            g.user, g.uow = user, uow
            return views.rendered(frame.of(uow, user))
    except Exception:  # the change itself is told whatever becomes of this
        log.exception("what rings at somebody could not be rendered")
        return None
