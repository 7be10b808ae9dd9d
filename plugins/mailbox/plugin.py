"""The demo's customers: their mailbox, the mail server behind it, and somebody who writes every few seconds.

All of it is there only when the desk was made with ``--demo``: its folder then stands in the data folder.
"""

from __future__ import annotations

from collections.abc import Callable

import click

from helpdesk.api import customers, hookimpl
from helpdesk.api.errors import _
from helpdesk.api.events import DeliverySent
from helpdesk.api.i18n import gettext
from helpdesk.api.live import Namespace, emit
from helpdesk.api.settings import is_demo
from helpdesk.api.web import DeskPages, Link

from .commands import demo
from .pages import pages
from .post import deliver
from .store import Line, Store

API = "1"
MAILBOX = "mailbox"  # the room of open mailboxes
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
    return [Link(gettext("Customer's mailbox"), "/x/mailbox/", "letter", go="KeyM")] if is_demo(uow.runtime) else []


@hookimpl
def register_namespaces() -> list[Namespace]:
    """An open mailbox hears at once of mail that came."""
    return [Namespace({}, rooms=lambda _uow: [MAILBOX])]


@hookimpl
def on_event(event, uow) -> None:
    """Tell open mailboxes that a mail has left the desk for one of them."""
    if isinstance(event.event, DeliverySent) and is_demo(uow.runtime):
        emit(uow, "mailbox", "mail", {}, [MAILBOX])


@hookimpl
def export_customer(customer_id, uow) -> list[dict] | None:
    """The mails in a customer's mailbox."""
    lines = _mails(customer_id, uow)
    return [{"at": line.at.isoformat(), "from": line.sender, "to": line.to, "subject": line.subject} for line in lines]


@hookimpl
def erase_customer(customer_id, uow) -> None:
    """Their mailbox goes with them."""
    for line in _mails(customer_id, uow):
        Store(uow.runtime.data_dir).delete(line.key)


def _mails(customer_id: int, uow) -> list[Line]:
    known = customers.get(uow, customer_id).identities
    return Store(uow.runtime.data_dir).of({identity.address.lower() for identity in known if identity.kind == "email"})
