"""Endpoints: who may see and change them, what fits in their fields, and the events they are told of."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from helpdesk.api import events, health, settings, tables
from helpdesk.api.errors import HelpdeskError, Invalid, NotFound, _, dump_message
from helpdesk.api.permissions import Permission
from helpdesk.api.tickets import Step, apply
from helpdesk.api.work import UnitOfWork

from .tables import HELD, WAITING, Call, Endpoint, EndpointSwitchedOff

MANAGE = "webhook.manage"
PERMISSION = Permission(MANAGE, _("Send events to other systems"))
MOST = 50  # endpoints; each has a sending lane of its own
MOST_PATTERNS = 50
PATTERN = re.compile(r"\*|[a-z_]{1,40}(\.\*|\.[a-z_]{1,40})")
SECRET = re.compile(r"[!-#%-~][!-~]{15,199}")  # printable, and no reference to a file or variable
WEEK = timedelta(days=7)


def listed(uow: UnitOfWork) -> list[Endpoint]:
    """All endpoints, by name."""
    uow.actor.must(MANAGE)
    return sorted(_all(uow), key=lambda row: row.name.casefold())


def _all(uow: UnitOfWork) -> list[Endpoint]:
    query = select(Endpoint).where(Endpoint.deleted_at.is_(None)).execution_options(populate_existing=True)
    return list(uow.session.scalars(query))


def told_of(uow: UnitOfWork, kind: str) -> list[Endpoint]:
    """The endpoints whose patterns name this kind of event; those that are off, too."""
    return [row for row in _all(uow) if any(_names(pattern, kind) for pattern in row.patterns)]


def _names(pattern: str, kind: str) -> bool:
    return kind.startswith(pattern[:-1]) if pattern.endswith("*") else kind == pattern


def get(uow: UnitOfWork, endpoint_id: int) -> Endpoint:
    """One endpoint; NotFound when there is none."""
    uow.actor.must(MANAGE)
    row = uow.session.get(Endpoint, endpoint_id, populate_existing=True)
    if row is None or row.deleted_at:
        raise NotFound()
    return row


def add(uow: UnitOfWork, given: Mapping[str, Any]) -> tuple[int, str]:
    """A new endpoint from ``name url patterns words secret``; its id, and the secret when the desk made it, "" else."""
    uow.actor.must(MANAGE)
    if len(_all(uow)) >= MOST:
        raise Invalid(_("There are %(most)s endpoints at most."), most=MOST)
    facts, now = _checked(given), uow.clock()
    made = "" if given.get("secret") else new_secret()
    begin = {"active": True, "off_reason": "", "failures": 0, "failing_since": None, "deleted_at": None}
    sealed = settings.seal(uow, made or _fitting(given["secret"]))
    return tables.insert(uow, Endpoint, **facts, **begin, secret=sealed, due_at=now, created_at=now), made


def change(uow: UnitOfWork, endpoint_id: int, given: Mapping[str, Any]) -> None:
    """Write ``name url patterns words`` anew; a secret that is not given stays."""
    get(uow, endpoint_id)
    facts = _checked(given)
    if given.get("secret"):
        facts["secret"] = settings.seal(uow, _fitting(given["secret"]))
    tables.update(uow, Endpoint, Endpoint.id == endpoint_id, **facts, due_at=uow.clock())


def exchange_secret(uow: UnitOfWork, endpoint_id: int) -> str:
    """A new secret made by the desk, shown this once."""
    get(uow, endpoint_id)
    made = new_secret()
    tables.update(uow, Endpoint, Endpoint.id == endpoint_id, secret=settings.seal(uow, made))
    return made


def new_secret() -> str:
    """A secret nobody can guess."""
    return f"whsec_{secrets.token_urlsafe(32)}"


def switch(uow: UnitOfWork, endpoint_id: int, active: bool) -> None:
    """Switch it on, or off: then its calls are held until somebody replays them."""
    get(uow, endpoint_id)
    fresh = {"active": active, "off_reason": "", "failures": 0, "failing_since": None, "due_at": uow.clock()}
    steps = [Step(tables.update, Endpoint, Endpoint.id == endpoint_id, **fresh)]
    apply(uow, steps if active else [*steps, _hold(endpoint_id)])


def switch_off(uow: UnitOfWork, endpoint: Endpoint, reason: HelpdeskError) -> None:
    """Switch off one that does not work any more, with word to the admin: an event, a health check, and the plugin's
    page say so.
    """
    changed = {"active": False, "off_reason": dump_message(reason)}
    steps = [
        Step(tables.update, Endpoint, Endpoint.id == endpoint.id, **changed),
        _hold(endpoint.id),
        Step(events.record, EndpointSwitchedOff(endpoint=endpoint.id)),
    ]
    apply(uow, steps)
    health.report(uow, "webhook", dump_message(reason))


def _hold(endpoint_id: int) -> Step:
    return Step(tables.update, Call, Call.endpoint_id == endpoint_id, Call.state == WAITING, state=HELD)


def delete(uow: UnitOfWork, endpoint_id: int) -> None:
    """Forget an endpoint; a job removes its calls little by little."""
    get(uow, endpoint_id)
    tables.update(uow, Endpoint, Endpoint.id == endpoint_id, deleted_at=uow.clock(), active=False, secret="")


def check_health(uow: UnitOfWork) -> HelpdeskError | None:
    """Names an endpoint that the desk switched off, for ``helpdesk doctor`` and ``/readyz``."""
    off = next((row for row in _all(uow) if row.off_reason), None)
    if off is None:
        return None
    sentence = _("The webhook “%(name)s” was switched off. Mend it, switch it on and replay what it missed.")
    return Invalid(sentence, name=off.name)


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that people fill; Invalid names each that does not fit."""
    name, url = " ".join(given["name"].split()), given["url"].strip()
    patterns = list(dict.fromkeys(given["patterns"]))
    problems = {}
    if not 0 < len(name) <= 120:
        problems["name"] = _("Please give it a name.")
    if not _is_address(url):
        problems["url"] = _("Please enter an address that begins with https://.")
    if not 0 < len(patterns) <= MOST_PATTERNS or not all(map(PATTERN.fullmatch, patterns)):
        problems["patterns"] = _("Please name events such as ticket.opened or ticket.*, one a line.")
    if problems:
        raise Invalid(next(iter(problems.values())), problems)
    return {"name": name, "url": url, "patterns": patterns, "words": bool(given["words"])}


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and len(url) <= 2000 and url.isprintable()
    except ValueError:
        return False


def _fitting(secret: str) -> str:
    if not SECRET.fullmatch(secret):
        sentence = _("A secret has 16 to 200 Latin letters, digits or signs, and does not begin with $.")
        raise Invalid(sentence, {"secret": sentence})
    return secret
