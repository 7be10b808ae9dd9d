"""A wish to be called as people and programs write it: checked, counted against abuse, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpdesk.api import accounts, customers, tickets, waiting
from helpdesk.api.accounts import Account
from helpdesk.api.channels import Address
from helpdesk.api.errors import HelpdeskError, Invalid, NotFound, _
from helpdesk.api.i18n import current
from helpdesk.api.text import phone_number, plain
from helpdesk.api.web import signed_link
from helpdesk.api.work import UnitOfWork, plugin_actor

from . import call_backs, limits, promise
from .call_backs import CallBack, Wish

MINE, ASK = "phone.mine", "phone.ask"  # purposes of signed links
VALID = timedelta(days=60)
UNWANTED = _("This number asked not to be called.")
NO_TIME = _("Please choose a time.")


def line(uow: UnitOfWork, key: str = "", ticket_id: int | None = None) -> Account:
    """The telephone account a public address names; without one that of a ticket, else the first that is on. NotFound
    when there is none.
    """
    found = [accounts.by_key(uow, key)] if key else lines(uow)
    own = tickets.get(uow, ticket_id).queue_id if ticket_id else None
    usable = [account for account in found if account.channel == "phone" and account.active]
    if not usable:
        raise NotFound(_("There is no telephone account that is switched on."))
    return min(usable, key=lambda account: account.queue_id != own)


def lines(uow: UnitOfWork) -> list[Account]:
    """The telephone accounts that are on."""
    return [account for account in accounts.of_channel(uow, "phone") if account.active]


def ask(
    uow: UnitOfWork,
    account: Account,
    given: Mapping[str, Any],
    *,
    place: str = "",
    ticket_id: int | None = None,
    source: str,
) -> CallBack:
    """Keep a wish: ``phone`` as typed, ``slot`` (ISO 8601) or "" for as soon as possible, ``name``, ``words``,
    ``zone``. Invalid with a sentence for each field, Conflict for a slot that is full.
    """
    number = phone_number(str(given.get("phone", ""))[:60], str(account.settings["region"]))
    slot = read_slot(given.get("slot"))
    if customers.is_unwanted(uow, "phone", Address("phone", number)):
        raise Invalid(UNWANTED, {"phone": UNWANTED})
    if source in ("page", "mail") and call_backs.waits(uow, number):
        raise Invalid(call_backs.PROMISED, {"phone": call_backs.PROMISED})
    if source != "agent":
        limits.count(uow, number, place)
    wish = Wish(
        account,
        number,
        slot,
        ticket_id,
        name=" ".join(plain(str(given.get("name", ""))).split())[:200],
        words=plain(str(given.get("words", ""))).strip(),
        language=current.get().language,
        zone=read_zone(given.get("zone"), str(account.settings["zone"])),
        source=source,
    )
    row = call_backs.ask(uow.acting(plugin_actor("phone")), wish, wait(uow, account))
    if ticket_id is not None:
        try:
            promise.file(uow, row, ticket_id)
        except HelpdeskError:
            call_backs.settle(uow, row.key, "failed")
            raise
        row = call_backs.get(uow, row.key)
    return row


def wait(uow: UnitOfWork, account: Account) -> int | None:
    """The longest likely wait of somebody who joined the line now, in seconds; None while it is not known."""
    return waiting.estimate(uow, promise.LINE.name, account.queue_id).high


def read_slot(given: Any) -> datetime | None:
    """A moment as forms and programs write it; None for none."""
    if not given:
        return None
    try:
        found = given if isinstance(given, datetime) else datetime.fromisoformat(str(given)[:40])
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Invalid(NO_TIME, {"slot": NO_TIME}) from None


def read_zone(given: Any, default: str) -> str:
    """A time zone by its name, else the default."""
    try:
        return ZoneInfo(str(given)).key if given and len(str(given)) <= 60 else default
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return default


def link_to(uow: UnitOfWork, row: CallBack) -> str:
    """The address at which the customer sees, moves or cancels their call."""
    return signed_link(uow, "/p/phone/mine", MINE, VALID, call=row.key)


def link_for(uow: UnitOfWork, ticket_id: int) -> str:
    """The address at which the customer of a ticket asks for a call about it; "" without a telephone account."""
    try:
        line(uow, ticket_id=ticket_id)
    except NotFound:
        return ""
    return signed_link(uow, "/p/phone/ask", ASK, VALID, ticket=ticket_id)


def name_of(uow: UnitOfWork, ticket_id: int) -> str:
    """The name of a ticket's customer; "" where they are called by an address."""
    customer = customers.get(uow, tickets.get(uow, ticket_id).customer_id)
    return "" if customer.name in {one.address for one in customer.identities} else customer.name


def number_of(uow: UnitOfWork, ticket_id: int) -> str:
    """A telephone number of a ticket's customer; "" when none is known."""
    customer = customers.get(uow, tickets.get(uow, ticket_id).customer_id)
    return next((one.address for one in customer.identities if one.kind == "phone" and not one.bounced), "")
