"""The e-mail plugin: what it brings to the desk."""

from __future__ import annotations

import click

from helpdesk.api import hookimpl
from helpdesk.api.channels import Channel
from helpdesk.api.customers import owner_of
from helpdesk.api.errors import _
from helpdesk.api.health import Check

from . import listener
from .channel import Email
from .commands import email

API = "1"
DESCRIPTION = _(
    "Mail as a channel: it comes in by the desk's own listener or from a mailbox, and goes out by your mail server."
)


@hookimpl
def register_channels() -> list[type[Channel]]:
    """E-mail."""
    return [Email]


@hookimpl
def register_commands(cli: click.Group) -> None:
    """``helpdesk email import`` and ``helpdesk email pipe``."""
    cli.add_command(email)


@hookimpl
def register_checks() -> list[Check]:
    """Whether the mail listener has its port."""
    return [Check("listener", listener.check)]


@hookimpl
def identify_customer(inbound, session) -> int | None:
    """Who writes from a subaddress (RFC 5233: mina+shop@…) is whoever has the address without it."""
    name, at, domain = inbound.sender.value.rpartition("@")
    user, plus, _detail = name.partition("+")
    if inbound.sender.kind != Email.address or not (user and plus):
        return None
    return owner_of(session, Email.address, f"{user}{at}{domain}")
