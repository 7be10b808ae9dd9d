"""The SMS plugin: what it brings to the desk."""

from __future__ import annotations

from helpdesk.api import hookimpl
from helpdesk.api.channels import AccountView, Channel, Inbound
from helpdesk.api.errors import _
from helpdesk.api.web import ComposerTool

from . import opting_out
from .channel import Sms

API = "1"
DESCRIPTION = _("Text messages by any gateway that speaks HTTP, described by settings alone.")


@hookimpl
def register_channels() -> list[type[Channel]]:
    """SMS."""
    return [Sms]


@hookimpl
def register_composer_tools() -> list[ComposerTool]:
    """No button: a script that says how many parts a text will be sent in."""
    return [ComposerTool(name="parts", title=_("Parts of a text"), script="sms.js", modes=())]


@hookimpl
def filter_inbound(inbound: Inbound, account: AccountView) -> None:
    """A word is enough to get no more messages, at once."""
    if wished := inbound.details.get("sms"):
        opting_out.remember(account.id, inbound.sender.value, wished)
