"""What the navigation beside every signed-in page holds: queues and counters, the desk's links and those of
plugins.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flask import current_app, g, url_for

from helpdesk.api.web import Link
from helpdesk.core.people import roles
from helpdesk.core.people.models import User
from helpdesk.core.tickets import saved_views, ticket_lists
from helpdesk.i18n import gettext as _
from helpdesk.i18n.names import named
from helpdesk.web import current_user, runtime, uow

NONE = {"mine": 0, "unassigned": 0, "waiting": 0, "all": 0, "queues": {}}
ROLES = {
    "agent": lambda: _("Agent"),
    "trainer": lambda: _("Trainer"),
    "supervisor": lambda: _("Supervisor"),
    "admin": lambda: _("Administrator"),
}


def role_name(role: str) -> str:
    """A role as people call it, in the reader's language."""
    return ROLES[role]() if role in ROLES else named(roles.label_of(uow().session, role))


@dataclass(frozen=True)
class QueueLink:
    """A queue of the navigation: ``key`` names its list, ``count`` is how many active tickets stand there."""

    url: str
    title: str
    key: str
    count: int


@dataclass
class Navigation:
    """Everything base.html shows around a page."""

    me: User
    role: str
    counts: dict
    queues: list[QueueLink]
    views: list
    links: list[Link] = field(default_factory=list)
    own: list[Link] = field(default_factory=list)
    sign_out: str = ""


def navigation() -> Navigation:
    """The navigation of this request; asked for once however often a template needs it."""
    if "navigation" not in g:
        g.navigation = _navigation()
    return g.navigation


def own_queues() -> list:
    """The signed-in person's queues; asked for once, too."""
    if "own_queues" not in g:
        g.own_queues = ticket_lists.queues(uow())
    return g.own_queues


def page_links() -> list[Link]:
    """The desk's links and those of plugins; gathered once, without counting anything."""
    if "page_links" not in g:
        g.page_links = _desk_links(uow()) + _plugin_links(uow())
    return g.page_links


def _navigation() -> Navigation:
    now, me = uow(), current_user()
    reads = now.actor.may("tickets.read")
    counts = ticket_lists.counts(now) if reads else NONE
    return Navigation(
        me=me,
        role=role_name(me.role),
        counts=counts,
        queues=_queue_links(counts["queues"]) if reads else [],
        views=saved_views.known(now) if reads else [],
        links=page_links(),
        own=_own_links(),
        sign_out=_url("auth.sign_out"),
    )


def _queue_links(counts: dict[int, int]) -> list[QueueLink]:
    first = url_for("queue.of", queue_id=0)[:-1]
    return [
        QueueLink(f"{first}{queue.id}", named(queue.name), f"queue-{queue.id}", counts.get(queue.id, 0))
        for queue in own_queues()
    ]


def _desk_links(now) -> list[Link]:
    links = []
    if now.actor.may("settings"):
        links.append(Link(_("Settings"), _url("admin.home"), "gear", "admin", "KeyS"))
    return [link for link in links if link.url]


def _plugin_links(now) -> list[Link]:
    offered = [link for _plugin, links in runtime().hooks.announce("menu_links", uow=now) for link in links]
    return [replace(link, key=link.key or link.url) for link in offered]


def _own_links() -> list[Link]:
    return [link for link in [Link(_("My account"), _url("auth.me"), "user")] if link.url]


def _url(endpoint: str) -> str:
    return url_for(endpoint) if endpoint in current_app.view_functions else ""
