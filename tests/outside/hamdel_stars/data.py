"""A customer's data in this plugin, how the plugin does, and what it tells a board on the wall."""

from __future__ import annotations

from sqlalchemy import func, select

from helpdesk.api import http, presence, settings, sla, slots, tables, waiting
from helpdesk.api.errors import HelpdeskError, Misconfigured
from helpdesk.api.health import Check, Metric
from helpdesk.api.i18n import _
from helpdesk.api.rules import tickets
from helpdesk.api.tickets import get

from .tables import Rating

UNHAPPY = waiting.WaitingKind("stars", _("Unhappy customer"), "smile", capacity=2)

ALWAYS = {"hours": "mon-sun 0:00-24:00", "zone": "UTC", "holidays": ""}
HOURS = sla.BusinessHours(
    "stars",
    calendars=lambda uow: [("always", "Always")],
    opening=lambda uow, number, at: sla.Opening(True, slots.opening(ALWAYS, at) or at) if number == "always" else None,
    worked=lambda uow, number, spans: [until - since for since, until in spans],
)


def _of_customer(customer_id: int):
    return Rating.ticket_id.in_(select(tickets.c.id).where(tickets.c.customer_id == customer_id))


def export(uow, customer_id: int) -> list[dict] | None:
    """What the customer said with stars and words."""
    rows = uow.session.scalars(select(Rating).where(_of_customer(customer_id)).order_by(Rating.id))
    return [
        {"ticket": row.ticket_id, "stars": row.stars, "words": row.words, "at": row.at.isoformat()} for row in rows
    ] or None


def erase(uow, customer_id: int) -> None:
    """The words go; the stars stay in the averages."""
    tables.update(uow, Rating, _of_customer(customer_id), words="")


def tell_board(uow, stars: int) -> bool:
    """Show the newest stars on the board, when one is set; True when it took them. A board that is away is no fault."""
    board = settings.read(uow, "stars")
    if not board["board"]:
        return False
    try:
        return (
            http.fetch(
                "POST", board["board"], json={"stars": stars}, headers={"X-Key": board["key"]}, seconds=1.5
            ).status
            == 200
        )
    except HelpdeskError:
        return False


def call_for_help(uow, ticket_id: int, stars: int) -> None:
    """Whoever gave a single star is offered to somebody who is free, if anybody is."""
    if stars == 1 and presence.free_for(uow, UNHAPPY.name, get(uow, ticket_id).queue_id):
        waiting.join(uow, UNHAPPY.name, ticket_id, data={"stars": stars})


def _ratings(uow) -> dict[tuple[str, ...], float]:
    found = uow.session.execute(select(Rating.stars, func.count()).group_by(Rating.stars))
    return {(str(stars),): number for stars, number in found}


def _thanked(uow) -> HelpdeskError | None:
    """Words of thanks are a matter of taste; a key without a board is a mistake."""
    board = settings.read(uow, "stars")
    return (
        Misconfigured(_("There is a key for the board on the wall, but no address of it."))
        if board["key"] and not board["board"]
        else None
    )


METRIC = Metric("ratings", "Ratings by stars", _ratings, labels=("stars",))
CHECK = Check("board", _thanked)
