"""The page of agents, the page on which a customer rates without signing in, and the operations for programs."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from marshmallow import Schema, fields, validate
from sqlalchemy import select

from helpdesk.api import customers, downloads, messages, people, permissions, settings, tickets, work
from helpdesk.api.errors import Invalid, NotFound
from helpdesk.api.i18n import LOCALES, _, current, date, reading
from helpdesk.api.text import digits, plain
from helpdesk.api.web import DeskPages, PublicPages, Rest, open_link, signed_link

from .tables import Average, Rating, of_ticket, rate

SEE, RATE = "stars.see", "stars.rate"
PURPOSE = "stars.rate"
PERMISSIONS = [
    permissions.Permission(SEE, _("See the ratings"), frozenset({"agent", "supervisor"})),
    permissions.Permission(RATE, _("Rate in a customer's name"), frozenset({"supervisor"})),
]

desk = DeskPages("stars", __name__, permission=SEE)
public = PublicPages("stars_public", __name__, limit="30 per minute")
rest = Rest(permission=SEE)


class Wishes(Schema):
    """What an admin sets."""

    days = fields.Integer(load_default=7, validate=validate.Range(1, 90), metadata={"label": _("Days a link is valid")})
    thanks = fields.String(load_default="", validate=validate.Length(max=200), metadata={"label": _("Words of thanks")})
    board = fields.Url(load_default="", require_tld=False, metadata={"label": _("Address of the board on the wall")})
    key = settings.Secret(load_default="", metadata={"label": _("Key of the board on the wall")})


GROUP = settings.SettingsGroup("stars", _("Ratings with stars"), Wishes)


def link(uow, ticket_id: int) -> str:
    """The address at which the customer of a ticket rates it."""
    ticket = tickets.get(uow, ticket_id)
    return signed_link(
        uow, "/p/stars/rate", PURPOSE, timedelta(days=settings.read(uow, "stars")["days"]), ticket=ticket.id
    )


# Agents ---------------------------------------------------------------------------------------------------------------


@desk.get("/")
def overview(uow):
    """The averages of one's queues and the last ratings."""
    names = {queue.id: queue.name for queue in people.queues(uow)}
    found = uow.session.scalars(select(Average).where(Average.queue_id.in_(names)))
    last = [
        row
        for row in uow.session.scalars(select(Rating).order_by(Rating.at.desc()).limit(50))
        if _visible(uow, row.ticket_id)
    ]
    return render_template("stars/overview.html", averages=found, names=names, last=last, me=people.me(uow))


@desk.get("/file/<int:message_id>/<int:file_id>")
def file(message_id, file_id, uow):
    """What the customer of a rated ticket sent along."""
    return downloads.download(uow, message_id, file_id)


def _visible(uow, ticket_id: int) -> bool:
    try:
        return tickets.get(uow, ticket_id) is not None
    except NotFound:
        return False


# Customers ------------------------------------------------------------------------------------------------------------


@public.get("/rate/<key>")
def ask(key, uow):
    """How many stars?"""
    return _shown(uow, open_link(uow, key, PURPOSE)["ticket"])


@public.post("/rate/<key>")
def answer(key, uow):
    """So many; a second thought counts instead of the first."""
    ticket_id, stars = open_link(uow, key, PURPOSE)["ticket"], digits(request.form.get("stars", ""), "en")
    if stars not in ("1", "2", "3", "4", "5"):
        return _shown(uow, ticket_id, Invalid(_("Please choose one to five stars."))), 422
    rate(uow.acting(work.plugin_actor("stars")), ticket_id, int(stars), plain(request.form.get("words", "")))
    return redirect(url_for("stars_public.ask", key=key))


def _shown(uow, ticket_id: int, problem: Invalid | None = None) -> str:
    uow = uow.acting(work.plugin_actor("stars"))
    ticket = tickets.get(uow, ticket_id)
    customer = customers.get(uow, ticket.customer_id)
    with reading(LOCALES.get(customer.language, current.get())):
        given = {
            "rating": of_ticket(uow, ticket_id),
            "opened": date(ticket.created_at),
            "thanks": settings.read(uow, "stars")["thanks"],
        }
        return render_template(
            "stars/rate.html",
            number=ticket.number,
            problem=problem,
            answers=len(messages.of_ticket(uow, ticket_id)),
            **given,
        )


# Programs -------------------------------------------------------------------------------------------------------------


class RatingShape(Schema):
    """A rating as programs see it."""

    ticket = fields.Integer(required=True)
    stars = fields.Integer(required=True, validate=validate.Range(1, 5))
    words = fields.String(load_default="", validate=validate.Length(max=500))


@rest.endpoint("GET", "/ratings/<int:ticket_id>", _("The rating of a ticket"), RatingShape)
def one(uow, ticket_id: int) -> dict:
    """Its stars and words."""
    tickets.get(uow, ticket_id)
    row = of_ticket(uow, ticket_id)
    return {"ticket": ticket_id, "stars": row.stars if row else 0, "words": row.words if row else ""}


@rest.endpoint(
    "POST", "/ratings", _("Rate in a customer's name"), RatingShape, body=RatingShape, status=201, permission=RATE
)
def rate_for(given: dict, uow) -> dict:
    """For instance from a survey by telephone."""
    tickets.get(uow, given["ticket"])
    rate(uow, given["ticket"], given["stars"], given["words"])
    return given
