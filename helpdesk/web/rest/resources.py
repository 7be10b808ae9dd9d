"""What surrounds the tickets: customers, the journal, quarantine, accounts, queues and people."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.core.accounts.models import Account
from helpdesk.core.errors import _
from helpdesk.core.intake import quarantine
from helpdesk.core.people import users
from helpdesk.core.tickets import changes, customers, ticket_lists
from helpdesk.web import current_user, uow

from . import requests, schemas, serializers
from .api import endpoint

MOST = 200  # of one page
EVENTS, RAW_MESSAGES, ACCOUNTS = (
    schemas.page_of(item) for item in (schemas.Event, schemas.RawMessage, schemas.Account)
)
QUEUES, USERS = (schemas.page_of(item) for item in (schemas.Queue, schemas.User))


@endpoint("GET", "/me", _("Whom the token acts for"), schemas.Me)
def me() -> dict:
    """The caller, the queues they answer, and what the token may do."""
    user = current_user()
    return serializers.user(user) | {
        "email": user.email,
        "language": user.language,
        "queues": sorted(uow().actor.queues),
        "permissions": sorted(filter(uow().actor.may, uow().runtime.permissions)),
    }


@endpoint("GET", "/customers/<int:customer_id>", _("A customer"), schemas.Customer)
def customer(customer_id: int) -> dict:
    """Their addresses and the last tickets of theirs that the caller may see."""
    return serializers.customer(uow(), customers.card(uow(), customer_id))


@endpoint("GET", "/events", _("What happened on tickets, oldest first"), EVENTS, query=requests.EventQuery)
def events(query: dict) -> dict:
    """The journal after ``since``. A page may be empty and yet have a ``next``."""
    after = serializers.begins_after(query["cursor"])
    found, last = changes.page(uow(), query["since"] if after is None else after, query["limit"])
    return serializers.page([serializers.event(event) for event in found], last)


@endpoint("GET", "/quarantine", _("What could not be read, newest first"), RAW_MESSAGES, query=requests.Paged)
def quarantined(query: dict) -> dict:
    """RawMessages that wait for an admin, each with the reason."""
    limit = min(query["limit"], MOST)
    found = quarantine.items(uow(), serializers.begins_after(query["cursor"]), limit + 1)
    names = dict(
        uow()
        .session.execute(select(Account.id, Account.name).where(Account.id.in_({p.account_id for p in found})))
        .all()
    )
    return serializers.page(
        [serializers.raw_message(row, names) for row in found[:limit]],
        found[limit - 1].id if len(found) > limit else None,
    )


@endpoint("POST", "/quarantine/<int:raw_message_id>/retry", _("Try to read a raw message again"), None, status=204)
def retry(raw_message_id: int) -> None:
    """It stands in line as if it had just come."""
    quarantine.retry(uow(), raw_message_id)


@endpoint("POST", "/quarantine/<int:raw_message_id>/discard", _("Discard a raw message"), None, status=204)
def discard(raw_message_id: int) -> None:
    """Its bytes stay."""
    quarantine.discard(uow(), raw_message_id)


@endpoint("GET", "/accounts", _("The desk's accounts"), ACCOUNTS)
def accounts() -> dict:
    """Each address of ours on a channel, without its settings."""
    uow().actor.must("settings")
    rows = uow().session.scalars(select(Account).options(joinedload(Account.queue)).order_by(Account.id))
    return serializers.page([serializers.account(row) for row in rows], None)


@endpoint("GET", "/queues", _("The caller's queues"), QUEUES)
def queues() -> dict:
    """By name."""
    return serializers.page([serializers.queue(row) for row in ticket_lists.queues(uow())], None)


@endpoint("GET", "/users", _("The people of the caller's queues"), USERS)
def people() -> dict:
    """Names only; everybody for an admin."""
    return serializers.page([serializers.user(row) for row in users.visible_colleagues(uow())], None)
