"""The demo's shop, linked from the navigation for everybody who plays a customer.

It is there only when the desk was made with ``--demo``. What it leads to belongs to other plugins: it knows their
public addresses and asks which accounts there are.
"""

from __future__ import annotations

from helpdesk.api import hookimpl
from helpdesk.api.errors import _
from helpdesk.api.i18n import gettext
from helpdesk.api.settings import is_demo
from helpdesk.api.web import Link, PublicPages
from helpdesk.api.work import UnitOfWork

from .pages import pages

API = "1"
DESCRIPTION = _("The web shop of the demo: a public page with every way to the desk.")


@hookimpl
def register_pages() -> list[PublicPages]:
    """The page *The shop*."""
    return [pages]


@hookimpl
def menu_links(uow: UnitOfWork) -> list[Link]:
    """A link to it, for everybody who plays the demo."""
    return [Link(gettext("The shop"), "/p/shop/", "bag", go="KeyB")] if is_demo(uow.runtime) else []
