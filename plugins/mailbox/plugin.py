"""The demo's customers: their mailbox, the mail server behind it, and somebody who writes every few seconds.

All of it is there only when the desk was made with ``--demo``: its folder then stands in the data folder.
"""

from __future__ import annotations

from collections.abc import Callable

import click

from helpdesk.api import hookimpl
from helpdesk.api.errors import _
from helpdesk.api.i18n import gettext
from helpdesk.api.web import DeskPages, Link

from .commands import demo
from .pages import pages
from .post import deliver
from .store import Store

API = "1"
DESCRIPTION = _("The customers of the demo desk: their mailbox, and somebody who writes every few seconds.")


@hookimpl
def register_demo(runtime) -> list[dict]:
    """The account customers write to; it sends by the demo's own mail server."""
    port = Store(runtime.data_dir).make()
    settings = {"address": "support@desk.example", "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
    return [{"channel": "email", "name": "support", "address": settings["address"], "settings": settings}]


@hookimpl
def register_jobs() -> list[Callable]:
    """The mail server of everybody outside."""
    return [deliver]


@hookimpl
def register_pages() -> list[DeskPages]:
    """The page *Customer's mailbox*."""
    return [pages]


@hookimpl
def register_commands(cli: click.Group) -> None:
    """``helpdesk demo live``."""
    cli.add_command(demo)


@hookimpl
def menu_links(uow) -> list[Link]:
    """A link to the page, for everybody who plays the demo."""
    if not Store(uow.runtime.data_dir).exists:
        return []
    return [Link(gettext("Customer's mailbox"), "/x/mailbox/", "letter", go="KeyM")]
