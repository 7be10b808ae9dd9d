"""Which addresses are the desk's own: nobody there is ever a person, whatever stands behind the plus."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import select

from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.errors import Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .models import Account

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
            (kind.address, kind.bare(address)) for kind, addresses in kinds for address in addresses if address
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
