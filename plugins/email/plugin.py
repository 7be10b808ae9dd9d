"""The e-mail plugin: what it brings to the desk."""

from __future__ import annotations

import click

from helpdesk.api import Channel, hookimpl

from .channel import Email
from .commands import email

API = "1"


@hookimpl
def register_channels() -> list[type[Channel]]:
    """E-mail."""
    return [Email]


@hookimpl
def register_commands(cli: click.Group) -> None:
    """``helpdesk email import`` and ``helpdesk email pipe``."""
    cli.add_command(email)
