"""The settings of accounts: checked by the channel's schema, their secrets sealed, shown in forms without them."""

from __future__ import annotations

from typing import Any, cast

from helpdesk.core.channels.kept_secrets import KEPT
from helpdesk.core.channels.types import Channel, Secret
from helpdesk.core.errors import Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.memo import memo
from helpdesk.core.validation_messages import load_settings

from .models import Account


@memo
def secret_names(kind: type[Channel]) -> set[str]:
    """The names of a channel's secret settings."""
    return {name for name, field in kind.Settings().fields.items() if isinstance(field, Secret)}


def checked(kind: type[Channel], settings: dict[str, Any]) -> dict[str, Any]:
    """Settings as plain JSON once the channel's schema took them; Invalid names those that do not fit."""
    return cast(dict[str, Any], kind.Settings().dump(load_settings(kind.Settings, settings)))


def sealed(uow: UnitOfWork, kind: type[Channel], settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with their secrets sealed, as the row keeps them."""
    hidden = secret_names(kind)
    return {n: uow.runtime.secret_box.seal(v) if n in hidden and v else v for n, v in settings.items()}


def opened(uow: UnitOfWork, kind: type[Channel], account: Account, settings: dict[str, Any]) -> dict[str, Any]:
    """The account's secrets that a form leaves as they are."""
    kept = {
        n: account.settings[n]
        for n in secret_names(kind)
        if account.settings.get(n) and settings.get(n) in (None, "", KEPT)
    }
    return {n: uow.runtime.secret_box.open(v) for n, v in kept.items()}


def shown_settings(uow: UnitOfWork, account: Account) -> dict[str, Any]:
    """The settings for a form: a secret shows only that it is there. {} while the channel's plugin is off."""
    if account.channel not in uow.runtime.channels:
        return {}
    hidden = secret_names(uow.runtime.channels[account.channel])
    return {n: (KEPT if v else "") if n in hidden else v for n, v in account.settings.items()}


def refuse_references(uow: UnitOfWork, kind: type[Channel], settings: dict[str, Any]) -> None:
    """A person may not name a file or variable of the server: with a server of their own they would read it."""
    if uow.actor.user_id is None:
        return
    asked = [n for n in secret_names(kind) if uow.runtime.secret_box.points_elsewhere(str(settings.get(n) or ""))]
    if asked:
        raise Invalid(
            _("Some settings do not fit."),
            dict.fromkeys(asked, _("A file or variable of the server can be named on the command line only.")),
        )
