"""The form of an endpoint: what was typed, and the events there are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from helpdesk.api.i18n import _, gettext
from helpdesk.api.work import UnitOfWork

from .tables import Endpoint

EMPTY = {"name": "", "url": "", "patterns": ["ticket.*"], "words": False}
BETWEEN = re.compile(r"[\s,،]+")
SPANS = {
    "hour": (_("the last hour"), timedelta(hours=1)),
    "day": (_("the last day"), timedelta(days=1)),
    "week": (_("the last week"), timedelta(days=7)),
    "month": (_("the last 30 days"), timedelta(days=30)),
}


def given_of(form: Mapping[str, str]) -> dict:
    """What ``endpoints.add`` and ``change`` are given."""
    patterns = [pattern for pattern in BETWEEN.split(form.get("patterns", "")) if pattern]
    given = {name: form.get(name, "") for name in ("name", "url", "secret")}
    return given | {"patterns": patterns, "words": "words" in form}


def typed_of(row: Endpoint) -> dict:
    """A stored one as the form shows it; the secret stays where it is."""
    return {"name": row.name, "url": row.url, "patterns": row.patterns, "words": row.words}


def kinds(uow: UnitOfWork) -> list[tuple[str, str]]:
    """(kind, label) of every event there is."""
    return sorted((kind.kind, gettext(kind.label)) for kind in uow.runtime.events.values())
