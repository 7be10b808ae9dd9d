"""What a client shows before anybody writes: texts, questions, colours, who is there."""

from __future__ import annotations

from typing import Any

from helpdesk.api.accounts import Account
from helpdesk.api.i18n import LOCALES, Reader, named
from helpdesk.api.work import UnitOfWork

from . import channel, hours, items, settings, state
from .widget_texts import widget_texts


def document(uow: UnitOfWork, account: Account, reader: Reader) -> dict[str, Any]:
    """The configuration in the current reader's language."""
    given = account.settings
    texts = widget_texts()
    texts |= {name: named(given[name]) for name in ("title", "welcome", "away") if given.get(name)}
    opening = hours.of(uow, account)
    there = state.present(uow, account) if opening.open else []
    faces = state.faces(uow, account, [one.user_id for one in there[:5]])
    return {
        "account": account.public_key,
        "name": named(given.get("title") or account.name),
        "language": reader.language,
        "direction": reader.dir,
        "languages": sorted(LOCALES),
        "texts": texts,
        "colour": given.get("colour", "#0e7490"),
        "side": given.get("side", "end"),
        "open": bool(there),
        "opens_at": None if opening.open else items.stamp(opening.opens_at),
        "answers_in": hours.answers_in(uow, account),
        "agents": [{"name": one.name, "picture": faces.get(one.user_id, "")} for one in there[:5]],
        "questions": settings.questions(given),
        "greetings": settings.greetings(given.get("greetings", "")),
        "files": {
            "types": list(channel.FILES.types),
            "size": channel.FILES.size,
            "count": channel.FILES.count,
            "together": channel.TOGETHER,
        },
        "limits": {"text": channel.LONGEST, "comment": 1000},
        "rating": ["yes", "partly", "no"],
        "callback": given.get("callback", ""),
    }
