"""Who is answered: the one rule for the composer, the API and the acknowledgement alike."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row, and_, bindparam, select

from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.addresses import Own, typed_form
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.types import Channel
from helpdesk.core.errors import Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Participant, Ticket

MOST = 50  # people one answer can go to
COPIED = 20  # how many people in copy an answer goes to
LOOKED_AT = 20  # messages among which the last is found that a person wrote

MESSAGE = Message.__table__.c
RECEIVED_QUERY = (
    select(MESSAGE.id, MESSAGE.address, MESSAGE.author, MESSAGE.details, Participant.kind.label("address_kind"))
    .join(Participant, and_(Participant.ticket_id == MESSAGE.ticket_id, Participant.address == MESSAGE.address))
    .where(Participant.kind.in_(bindparam("kinds", expanding=True)))
    .where(
        MESSAGE.ticket_id == bindparam("ticket"),
        MESSAGE.account_id == bindparam("account"),
        MESSAGE.kind == "in",
        MESSAGE.unverified.is_(False),
        MESSAGE.automatic == "",
    )
    .order_by(MESSAGE.id.desc())
    .limit(LOOKED_AT)
)
SPELLED = (
    select(MESSAGE.address, MESSAGE.details)
    .where(MESSAGE.ticket_id == bindparam("ticket"), MESSAGE.kind == "in", MESSAGE.unverified.is_(False))
    .order_by(MESSAGE.id.desc())
    .limit(LOOKED_AT)
)
SENT_QUERY = (
    select(Delivery.to, Delivery.cc)
    .join(Message, Message.id == Delivery.message_id)
    .where(
        MESSAGE.ticket_id == bindparam("ticket"),
        MESSAGE.account_id == bindparam("account"),
        MESSAGE.automatic == "",
        MESSAGE.withdrawn.is_(False),
    )
    .order_by(MESSAGE.id.desc())
    .limit(1)
)
CARD_QUERY = (
    select(Identity.kind, Identity.address, Customer.name)
    .join(Customer, Customer.id == Identity.customer_id)
    .where(
        Identity.customer_id == bindparam("customer"),
        Identity.kind.in_(bindparam("kinds", expanding=True)),
        Identity.address != "",
    )
    .order_by(Identity.id)
)


@dataclass
class Addressees:
    """Whom an answer goes to: ``to``, and ``cc`` in copy. ``before`` is whom the last one went to, at first whoever
    wrote.
    """

    to: list[Address] = field(default_factory=list)
    cc: list[Address] = field(default_factory=list)
    before: list[Address] = field(default_factory=list)

    @property
    def key(self) -> str:
        """All their addresses as one text, to compare with what somebody was shown."""
        return "|".join(",".join(person.value for person in people) for people in (self.to, self.cc))

    @property
    def differs(self) -> bool:
        """True when this answer would go to somebody else than the one before, which its writer must see."""
        return bool(self.before) and {person.value for person in self.to} != {person.value for person in self.before}


def of(uow: UnitOfWork, ticket: Ticket, account: Account) -> Addressees:
    """Whoever takes part and wrote last to this account, where they asked to be answered, with the others they wrote to
    in copy.

    Before anybody wrote: whom the last answer went to, else the customer's first address on this channel. No machine
    and no address of the desk is among them.
    """
    kinds, own, here = kinds_of(uow, account), Own(uow), {"ticket": ticket.id, "account": account.id}
    received = uow.session.connection().execute(RECEIVED_QUERY, {**here, "kinds": kinds}).all()
    last = next((row for row in received if Address(row.address_kind, row.address) not in own), None)
    before = uow.session.connection().execute(SENT_QUERY, here).first()
    written = own.without(people(before.to, kinds)) if before else []
    if last is not None:
        found = asked_by(last, kinds, own)
        found.before = written or [Address(last.address_kind, last.address, last.author)]
        return found
    if written and before:
        return Addressees(written, own.without(people(before.cc, kinds)), written)
    return Addressees(_by_card(uow, ticket, kinds, own))


def typed(uow: UnitOfWork, ticket: Ticket, account: Account, values: list[str]) -> list[Address]:
    """Addresses as a form or a program gives them; whom the answer would go to anyway keeps their name. Invalid for
    what is none.
    """
    if len(values) > MOST:
        raise Invalid(_("Please write to fewer people at once."), {"to": _("Please write to fewer people at once.")})
    answered, channel = of(uow, ticket, account), uow.runtime.channels.get(account.channel, Channel)
    known = {person.value: person for person in [*answered.to, *answered.cc]}
    view = accounts.view(uow, account, secrets=False)
    return [known.get(value) or typed_form(uow, channel, value, view) for value in dict.fromkeys(values)]


def asked_by(message: Message | Row[*tuple[Any, ...]], kinds: tuple[str, ...], own: Own) -> Addressees:
    """Whom an answer to this one message goes to. Where a trusted server rejects the sender, only to where they wrote
    from.
    """
    said = message.details or {}
    heeded = said.get("authentic") is not False or said.get("accepted")
    sender = [sender_of(message, kinds)]
    to = own.without(people(said.get("reply_to"), kinds) if heeded else []) or own.without(sender)
    known = {person.value for person in [*to, *sender]}
    others = [*people(said.get("to"), kinds), *people(said.get("cc"), kinds)] if heeded else []
    return Addressees(to, [person for person in own.without(others) if person.value not in known][:COPIED])


def spelled(uow: UnitOfWork, ticket: Ticket, account: Account, chosen: Addressees) -> Addressees:
    """The same people, each as the last messages write them that came from them or named them."""
    kinds = kinds_of(uow, account)
    known: dict[Any, Any] = {}
    for row in uow.session.connection().execute(SPELLED, {"ticket": ticket.id}):
        said = row.details or {}
        named = [person for key in ("reply_to", "to", "cc") for person in people(said.get(key), kinds)]
        for person in [Address(sender_of(row, kinds).kind, row.address, spelling=said.get("spelling", "")), *named]:
            known.setdefault(person.value, person.spelling)
    to, cc = (
        [replace(person, spelling=person.spelling or known.get(person.value, "")) for person in group]
        for group in (chosen.to, chosen.cc)
    )
    return replace(chosen, to=to, cc=cc)


def sender_of(message: Message | Row[*tuple[Any, ...]], kinds: tuple[str, ...]) -> Address:
    """Who wrote a message; of the channel's own kind unless the message says otherwise."""
    kind = (message.details or {}).get("address_kind") or next(iter(kinds), "")
    return Address(kind, message.address, getattr(message, "author", ""))


def people(kept: list[dict[str, Any]] | dict[str, Any] | None, kinds: tuple[str, ...]) -> list[Address]:
    """People of these kinds as rows keep them: {kind, value, name}, one or several."""
    found = [Address(**person) for person in ([kept] if isinstance(kept, dict) else kept or ())]
    return [person for person in found if person.kind in kinds]


def kinds_of(uow: UnitOfWork, account: Account) -> tuple[str, ...]:
    """The kinds of address this account's channel writes to, its own first; none while its plugin is off."""
    channel = uow.runtime.channels.get(account.channel)
    return channel.kinds() if channel else ()


def _by_card(uow: UnitOfWork, ticket: Ticket, kinds: tuple[str, ...], own: Own) -> list[Address]:
    rows = uow.session.connection().execute(CARD_QUERY, {"customer": ticket.customer_id, "kinds": kinds})
    return own.without(Address(row.kind, row.address, row.name if row.name != row.address else "") for row in rows)[:1]
