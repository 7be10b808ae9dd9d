"""Addresses in the form in which they are compared, and which of them are the desk's own: nobody there is ever a
person, whatever stands behind the plus.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import ChannelEvent, Inbound
from helpdesk.core.channels.types import AccountView, Channel
from helpdesk.core.errors import Invalid, NotFound, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.phone_numbers import KIND as PHONE
from helpdesk.core.phone_numbers import REGION, normal_form
from helpdesk.core.settings import registry

from .models import Account

PEOPLE = ("to", "cc", "reply_to", "identities")  # the fields of an event that list addresses
ACCOUNTS_QUERY = select(Account.channel, Account.address, Account.settings)


class Own:
    """The addresses of all accounts, as they are now; ``address in own`` also holds with anything a channel adds to
    one.
    """

    def __init__(self, uow: UnitOfWork):
        channels = uow.runtime.channels
        self._bare = {channel.address: channel.bare for channel in channels.values()}
        rows = uow.session.connection().execute(ACCOUNTS_QUERY).all()
        kinds = [
            (channels[name], channels[name].addresses(address, settings))
            for name, address, settings in rows
            if name in channels
        ]
        self._known = {
            (kind.address, kind.bare(known_form(uow, Address(kind.address, address)).value))
            for kind, addresses in kinds
            for address in addresses
            if address
        }

    def __contains__(self, person: Address) -> bool:
        bare = self._bare.get(person.kind)
        return bool(person.value) and bare is not None and (person.kind, bare(person.value)) in self._known

    def without(self, people: Iterable[Address]) -> list[Address]:
        """Those of these people who have an address and are not the desk itself, each once."""
        others: dict[tuple[str, str], Address] = {}
        for person in people:
            if person.value and person not in self:
                others.setdefault((person.kind, person.value), person)
        return list(others.values())

    def refuse(self, people: Iterable[Address], field: str = "to") -> None:
        """Raise Invalid when one of these is an address of the desk: it would talk to itself."""
        if any(person in self for person in people):
            raise Invalid(
                _("This is an address of the desk itself."), {field: _("Please write the customer's address.")}
            )


def attributed(inbound: Inbound, own: Own) -> Inbound:
    """The message as its author's: what a form sends as the desk is by whoever it asks to answer, and nobody vouched
    for them.
    """
    people = own.without(inbound.reply_to)
    if inbound.sender not in own or not people:
        return inbound
    return replace(inbound, sender=people[0], authentic=False if inbound.authentic is False else None)


def phone_region(uow: UnitOfWork) -> str:
    """The country of telephone numbers that are written without their country's code: a setting of the desk."""
    try:
        return str(registry.read(uow, "phones")["region"])
    except NotFound:  # the built-in plugin that declares it was switched off after a fault
        return REGION


def known_form(uow: UnitOfWork, address: Address) -> Address:
    """An address as a channel gives it, a telephone number in its normal form; what is none, such as a short code,
    stays as it is.
    """
    if address.kind != PHONE or not address.value:
        return address
    try:
        return replace(address, value=normal_form(address.value, phone_region(uow)))
    except Invalid:
        return address


def in_known_form(uow: UnitOfWork, event: ChannelEvent) -> ChannelEvent:
    """What a channel understood, with every address in the form in which it is compared."""
    changed: dict[str, Any] = {}
    for name, value in vars(event).items():
        if isinstance(value, Address) and value.kind == PHONE:
            changed[name] = known_form(uow, value)
        elif name in PEOPLE and any(address.kind == PHONE for address in value):
            changed[name] = [known_form(uow, address) for address in value]
        elif name == "outcomes":
            changed[name] = [replace(outcome, address=known_form(uow, outcome.address)) for outcome in value]
    return replace(event, **changed) if changed else event


def typed_form(uow: UnitOfWork, channel: type[Channel], typed: str, account: AccountView | None = None) -> Address:
    """An address of a channel as somebody typed it. Raises Invalid when it is none, above all a telephone number."""
    if channel.address == PHONE:
        try:
            typed = normal_form(typed, phone_region(uow))
        except Invalid as error:
            raise Invalid(error.sentence, {"to": error.sentence}) from None
    return channel.recipient(typed, account)
