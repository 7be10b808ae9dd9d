"""What surrounds the tickets: customers, the journal, quarantine, accounts, queues and people."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.core import customers, journal, quarantine, users, views
from helpdesk.core.errors import _
from helpdesk.core.models import Account
from helpdesk.web import current_user, desk

from . import schemas, shapes
from .interface import endpoint

MOST = 200  # of one page
EVENTS, PARCELS, ACCOUNTS = (schemas.page_of(item) for item in (schemas.Event, schemas.Parcel, schemas.Account))
QUEUES, USERS = (schemas.page_of(item) for item in (schemas.Queue, schemas.User))


@endpoint("GET", "/me", _("Who the token speaks for"), schemas.Me)
def me() -> dict:
    """The caller, and the queues they answer."""
    user = current_user()
    return shapes.user(user) | {"email": user.email, "language": user.language, "queues": sorted(desk().actor.queues)}


@endpoint("GET", "/customers/<int:customer_id>", _("A customer"), schemas.Customer)
def customer(customer_id: int) -> dict:
    """Their addresses and the last tickets of theirs that the caller may see."""
    return shapes.customer(customers.card(desk(), customer_id))


@endpoint("GET", "/events", _("What happened on tickets, oldest first"), EVENTS, query=schemas.EventQuery)
def events(query: dict) -> dict:
    """The journal after ``since``. A page may be empty and yet have a ``next``."""
    after = shapes.begins_after(query["cursor"])
    found, last = journal.page(desk(), query["since"] if after is None else after, query["limit"])
    return shapes.page([shapes.event(event) for event in found], last)


@endpoint("GET", "/quarantine", _("What could not be read, newest first"), PARCELS, query=schemas.Paged)
def quarantined(query: dict) -> dict:
    """Parcels that wait for an admin, each with the reason."""
    limit = min(query["limit"], MOST)
    found = quarantine.items(desk(), shapes.begins_after(query["cursor"]), limit + 1)
    names = dict(desk().session.execute(select(Account.id, Account.name).where(Account.id.in_({p.account_id for p in found}))).all())
    return shapes.page([shapes.parcel(row, names) for row in found[:limit]], found[limit - 1].id if len(found) > limit else None)


@endpoint("POST", "/quarantine/<int:parcel_id>/retry", _("Try to read a parcel again"), None, status=204)
def retry(parcel_id: int) -> None:
    """It stands in line as if it had just come."""
    quarantine.retry(desk(), parcel_id)


@endpoint("POST", "/quarantine/<int:parcel_id>/discard", _("Set a parcel aside for good"), None, status=204)
def discard(parcel_id: int) -> None:
    """Its bytes stay."""
    quarantine.discard(desk(), parcel_id)


@endpoint("GET", "/accounts", _("The desk's accounts"), ACCOUNTS)
def accounts() -> dict:
    """Each address of ours on a channel, without its settings."""
    desk().actor.must("settings")
    rows = desk().session.scalars(select(Account).options(joinedload(Account.queue)).order_by(Account.id))
    return shapes.page([shapes.account(row) for row in rows], None)


@endpoint("GET", "/queues", _("The caller's queues"), QUEUES)
def queues() -> dict:
    """By name."""
    return shapes.page([shapes.queue(row) for row in views.queues(desk())], None)


@endpoint("GET", "/users", _("The people of the caller's queues"), USERS)
def people() -> dict:
    """Names only; everybody for an admin."""
    return shapes.page([shapes.user(row) for row in users.around(desk())], None)
