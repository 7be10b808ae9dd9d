"""The plugin's tables, and the one way to write a rating."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Mapped

from helpdesk.api import events, live, rules, sla, tables, tickets
from helpdesk.api.i18n import _

LONGEST = 500  # characters of a customer's words
Base = tables.base("stars")


class Rating(Base):
    """How a customer was helped with a ticket, in stars from one to five and a few words; the last one counts."""

    __tablename__ = "stars_rating"
    id: Mapped[int] = tables.key()
    ticket_id: Mapped[int] = tables.reference("ticket", ondelete="CASCADE", unique=True)
    stars: Mapped[int]
    words: Mapped[str]
    at: Mapped[datetime]


class Average(Base):
    """The average of a queue in tenths of a star, as the job last counted it."""

    __tablename__ = "stars_average"
    queue_id: Mapped[int] = tables.reference("queue", ondelete="CASCADE", primary_key=True)
    tenths: Mapped[int]
    ratings: Mapped[int]


@dataclass(frozen=True, kw_only=True)
class Rated(
    events.DomainEvent,
    kind="stars.rated",
    label=_("Rated by the customer"),
    icon="smile",
    timeline=_("The customer gave %(stars)s of 5 stars"),
):
    """A customer rated a ticket."""

    stars: int


CLOCK = sla.ClockKind("stars_rating", _("Rating"), starts=frozenset({"solved"}), cancels=frozenset({"reopened"}))


def steps(ticket_id: int, stars: int, words: str = "") -> list[tickets.Step]:
    """Rate a ticket, as steps of one commit."""
    rating = tickets.Step(
        tables.put, Rating, {"ticket_id": ticket_id}, stars=stars, words=words[:LONGEST], at=tables.utcnow()
    )
    rated = tickets.Step(events.record, Rated(ticket_id=ticket_id, stars=stars))
    return [rating, rated, tickets.Step(sla.meet, ticket_id, CLOCK.name)]


def rate(uow, ticket_id: int, stars: int, words: str = "") -> None:
    """Rate a ticket and tell the open pages."""
    rules.apply(uow, steps(ticket_id, stars, words))
    live.emit(uow, "stars", "rated", {"ticket": ticket_id, "stars": stars}, live.rooms_of(uow, ticket_id))


def of_tickets(uow, ticket_ids) -> dict[int, int]:
    """{ticket: stars} of those that were rated, in one query."""
    return dict(
        uow.session.execute(select(Rating.ticket_id, Rating.stars).where(Rating.ticket_id.in_(ticket_ids))).all()
    )


def of_ticket(uow, ticket_id: int) -> Rating | None:
    """The rating of a ticket."""
    return uow.session.scalars(
        select(Rating).where(Rating.ticket_id == ticket_id).execution_options(populate_existing=True)
    ).first()


def averages(uow) -> list[tuple[int, int, int]]:
    """(queue, tenths of a star, ratings), counted anew."""
    columns = (rules.tickets.c.queue_id, func.avg(Rating.stars) * 10, func.count())
    rows = uow.session.execute(
        select(*columns).join(Rating, Rating.ticket_id == rules.tickets.c.id).group_by(rules.tickets.c.queue_id)
    )
    return [(queue, round(tenths), ratings) for queue, tenths, ratings in rows]
