"""The e-mail plugin: what it brings to the desk."""

from __future__ import annotations

import click

from helpdesk.api import hookimpl
from helpdesk.api.channels import Channel
from helpdesk.api.errors import _

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
