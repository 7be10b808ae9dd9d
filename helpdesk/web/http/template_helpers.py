"""The small marks that a page repeats a hundred times: drawings, initials, moments. In Python, since a macro costs
ten times as much.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from flask import Flask
from markupsafe import Markup, escape

from helpdesk.core.accounts.addresses import phone_region
from helpdesk.core.phone_numbers import for_reading
from helpdesk.core.tickets.ticket_lists import CAP
from helpdesk.i18n import datetime_, gettext, local, number, relative
from helpdesk.web import uow
from helpdesk.web.assets import static_url

from .locale import iso

LATIN = "\u0250"  # behind the last Latin letter; in other scripts two letters may join and misread


@lru_cache(maxsize=1000)
def icon(name: str, look: str = "") -> Markup:
    """A drawing of ``icons.svg``."""
    shape = Markup('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>')
    return shape.format(f"icon {look}".strip(), static_url("icons.svg"), name)


@lru_cache(maxsize=5000)
def avatar(name: str, look: str = "", picture: str | None = "") -> Markup:
    """A person's picture, by its digest, over their letter or letters: one in Persian, two in Latin script."""
    words = (name or "?").split() or ["?"]
    first, last = words[0][0], words[-1][0]
    letters = first + last if len(words) > 1 and first < LATIN and last < LATIN else first
    face = Markup('<img src="/people/pictures/{}" alt="">').format(picture) if picture else ""
    shape = Markup('<span class="{}" aria-hidden="true">{}{}</span>')
    return shape.format(f"avatar {look}".strip(), letters.upper(), face)


def ago(moment: datetime, look: str = "") -> Markup:
    """How long ago, with the exact moment behind it; the page's script keeps it true."""
    dress = f' class="{escape(look)}"' if look else ""
    here = local(moment)
    return Markup(
        f'<time{dress} data-ago datetime="{iso(moment)}" '
        f'title="{escape(datetime_(here))}">{escape(relative(here))}</time>'
    )


def address(value: str) -> str:
    """An address as people read it: a telephone number grouped, with its country's code when it is of another
    country. Stands in ``<bdi dir="ltr">``.
    """
    if not value.startswith("+"):
        return value
    grouped, extension = for_reading(value, phone_region(uow()))
    if extension:
        return gettext("%(number)s ext. %(extension)s", number=Markup(grouped), extension=extension)
    return grouped or value


def nav_link(
    url: str, symbol: str, text: str, here: bool = False, key: str = "", count: int | None = None, counter: str = ""
) -> Markup:
    """A link of the navigation, with what stands in its list when that is counted."""
    before, after = _nav_link(url, symbol, text, here, key, counter)
    return before if count is None else before + Markup(f'data-count="{count}">{counted(count)}</bdi>') + after


@lru_cache(maxsize=5000)
def _nav_link(url: str, symbol: str, text: str, here: bool, key: str, counter: str) -> tuple[Markup, Markup]:
    """The link in two pieces, around the number; in one when nothing is counted."""
    go, current = Markup(' data-go="{}"').format(key) if key else "", ' aria-current="page"' * here
    link = Markup('<a class="nav-item" href="{}"{}{} title="{}">{}<span class="cut grow" dir="auto">{}</span>')
    head = link.format(url, go, Markup(current), text, icon(symbol), text)
    if not counter:
        return head + Markup("</a>"), Markup("")
    return head + Markup('<bdi class="count num" data-counter="{}" ').format(counter), Markup("</a>")


def counted(count: int) -> str:
    """A counter as people read it: from ``CAP`` on only that there are more."""
    return number(count) if count < CAP else f"{number(CAP - 1)}+"


def register(app: Flask) -> None:
    """Give them to the templates of this application, which know them through macros.html."""
    app.jinja_env.filters["address"] = address
    app.jinja_env.globals.update(
        drawn_icon=icon, drawn_avatar=avatar, written_ago=ago, nav_link=nav_link, counted=counted
    )
