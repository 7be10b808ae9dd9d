"""Texts that a provider knows and lets through when its window is closed."""

from __future__ import annotations

import re
from typing import Any

from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.outbound import Template
from helpdesk.core.errors import Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork

PLACE = re.compile(r"\{\{(\d{1,2})\}\}")
HERE = {"template": _("Please choose a template.")}


def of(uow: UnitOfWork, account: Account) -> list[Template]:
    """The templates of an account, as its provider has them now; asked without any transaction."""
    channel = accounts.channel(uow, account)
    uow.session.rollback()
    try:
        return channel.templates()
    finally:
        channel.close()


def places(text: str) -> list[int]:
    """The numbers of the values a template takes, each once, in order."""
    return sorted({int(place) for place in PLACE.findall(text)} - {0})


def filled(uow: UnitOfWork, account: Account, chosen: dict[str, Any]) -> tuple[str, str]:
    """The words of a chosen template {name, language, values}, and the same with its places.

    Invalid when there is none of that name, or a value is missing.
    """
    known = (t for t in of(uow, account) if t.name == chosen["name"] and chosen.get("language", "") in ("", t.language))
    template = next(known, None)
    if template is None:
        raise Invalid(_("This account has no template named %(name)s."), HERE, name=chosen["name"])
    values = chosen.get("values") or []
    if any(not 0 < int(place) <= len(values) for place in PLACE.findall(template.text)):
        raise Invalid(_("A value of the template is missing."), {"template": _("Please fill in every value.")})
    return PLACE.sub(lambda place: values[int(place[1]) - 1], template.text), template.text
