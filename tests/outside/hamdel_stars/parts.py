"""What the plugin adds to the console: a panel, a column, a tool of the composer, a namespace, a condition and an
action.
"""

from __future__ import annotations

from datetime import timedelta

from marshmallow import fields, validate
from sqlalchemy import select

from helpdesk.api import fields as custom
from helpdesk.api import live, messages, ways
from helpdesk.api.i18n import _, gettext
from helpdesk.api.rules import Action, Condition, tickets
from helpdesk.api.variables import Variable
from helpdesk.api.web import Column, ComposerTool, Link, Panel

from .pages import SEE, link
from .tables import Rating, of_ticket, of_tickets, steps


def _panel(uow, ticket_id: int) -> dict | None:
    rating = of_ticket(uow, ticket_id)
    if not rating:
        return None
    return {
        "rating": rating,
        "city": custom.values(uow, "ticket", ticket_id).get("city", ""),
        "account": ways.usual(uow, ticket_id).account,
        "files": [(one.id, file) for one in messages.of_ticket(uow, ticket_id) for file in messages.files(uow, one.id)],
    }


def _stars(uow, ticket_id: int) -> str:
    rating = of_ticket(uow, ticket_id)
    return str(rating.stars) if rating else ""


STARS = Variable(names=("stars.given", "ستاره‌ها"), label=_("Rating"), value=_stars)
PANEL = Panel(
    name="rating",
    title=_("Rating"),
    icon="smile",
    permission=SEE,
    template="stars/panel.html",
    load=_panel,
    style="stars.css",
)
COLUMN = Column(name="stars", title=_("Stars"), template="stars/cell.html", load=of_tickets)
TOOL = ComposerTool(name="link", title=_("Ask for a rating"), icon="smile", modes=("reply",), script="stars.js")


# Over the socket ------------------------------------------------------------------------------------------------------


def _link(uow, data: dict) -> dict:
    ticket_id = data.get("ticket")
    return {
        "text": gettext(
            "How did we do? Please rate our help: %(link)s", link=link(uow, ticket_id if type(ticket_id) is int else 0)
        )
    }


NAMESPACE = live.Namespace({"link": _link}, permission=SEE, rooms=lambda uow: ["everybody"])


def _count(uow, visit, data: dict) -> dict:
    """How many stars were given so far, on every page of this account."""
    visit.state = (visit.state or 0) + 1
    return {"ratings": len(uow.session.scalars(select(Rating.id)).all()), "asked": visit.state}


SOCKETS = live.PublicSockets(
    path="/stars/socket.io",
    channel="slips",
    connect=lambda uow, visit, auth: {"account": visit.account_id},
    events={"count": _count},
)


# Rules ----------------------------------------------------------------------------------------------------------------

AT_LEAST = Condition(
    "stars.at_least",
    _("Rated with at least so many stars"),
    fields.Integer(required=True, validate=validate.OneOf(range(1, 6))),
    lambda value, scope: tickets.c.id.in_(select(Rating.ticket_id).where(Rating.stars >= value)),
)
YOUNG = Condition(
    "stars.young",
    _("Opened in the last hours"),
    fields.Integer(required=True, validate=validate.Range(1, 1000)),
    lambda value, scope: tickets.c.created_at > scope.now - timedelta(hours=value),
    lambda value, facts, scope: facts["created_at"] > scope.now - timedelta(hours=value),
    lambda value, facts, scope: facts["created_at"] + timedelta(hours=value),
)
GIVE = Action("stars.give", _("Give stars"), fields.Integer(required=True, validate=validate.OneOf(range(1, 6))), steps)


def menu(uow) -> list[Link]:
    """The page of agents, for those who may see it."""
    return [Link(gettext("Ratings"), "/x/stars/", "smile", go="KeyT")] if uow.actor.may(SEE) else []
