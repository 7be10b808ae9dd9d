"""A message of the desk and its delivery, written together; what its channel cannot carry is refused here, whoever
writes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from helpdesk.core import domains
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.accepts import Accepts, Written
from helpdesk.core.channels.address_types import File
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import ways_out
from helpdesk.core.outbox.outbox import BY_HAND
from helpdesk.core.people.identities import identity_of
from helpdesk.core.people.models import User
from helpdesk.core.tickets import external_ids, messages, participants, tokens
from helpdesk.core.tickets.addressees import Addressees, spelled
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Ticket


@dataclass
class Content:
    """What a message holds. ``subject`` "" is the ticket's; ``template`` {name, language, values} or {}; ``first``: it
    begins the ticket.

    ``by_hand``: a person carries it out, also where the channel could send it. ``buttons`` are quick replies.
    """

    text: str
    html: str = ""
    files: Sequence[File] = ()
    automatic: str = ""
    subject: str = ""
    form: str = "text"
    visibility: str = "private"
    template: dict[str, Any] = field(default_factory=dict)
    by_hand: bool = False
    first: bool = False
    buttons: Sequence[str] = ()


def write_message(
    uow: UnitOfWork, ticket: Ticket, account: Account, answered: Addressees, content: Content, due: datetime
) -> Message:
    """Message and delivery together; the external id is made now and never again. Invalid when the channel cannot
    carry it, or is not wanted by whom it would reach. Inside ``writing``.
    """
    written = Written(
        content.text,
        tuple(content.files),
        content.visibility,
        template=bool(content.template),
        first=content.first,
        buttons=tuple(content.buttons),
    )
    ways_out.refuse_unless_carried(uow, ticket, account, written, due)
    answered = spelled(uow, ticket, account, answered)
    ways_out.refuse_unwanted(uow, account, answered.to)
    external_id = _external_id(uow, ticket, account, identity_of(uow, answered.to[0]).id)
    message = _add_message(uow, ticket, account, content)
    external_ids.keep(uow, account.id, message.id, [external_id])
    messages.attach(uow, message.id, list(content.files))
    messages.index(uow, message.id, ticket.subject, None, content.text)
    delivery = Delivery(
        message_id=message.id,
        account_id=account.id,
        external_id=external_id,
        to=[person.as_row() for person in answered.to],
        cc=[person.as_row() for person in answered.cc],
        subject=content.subject or ticket.subject,
        due_at=due,
        created_at=uow.clock(),
    )
    delivery.by_hand = content.by_hand or _accepts(uow, account).by_hand
    delivery.state = BY_HAND if delivery.by_hand else "queued"
    uow.session.add(delivery)
    participants.add(uow, ticket.id, [*answered.to, *answered.cc])
    return message


def _add_message(uow: UnitOfWork, ticket: Ticket, account: Account, content: Content) -> Message:
    message = Message(
        ticket_id=ticket.id,
        account_id=account.id,
        kind="out",
        at=uow.clock(),
        user_id=uow.actor.user_id,
        author=author_name(uow),
        text=content.text,
        html=content.html if _accepts(uow, account).html else "",
        form=content.form,
        visibility=content.visibility,
        template=content.template,
        automatic=content.automatic,
        details={"buttons": list(content.buttons)} if content.buttons else {},
    )
    uow.session.add(message)
    uow.session.flush()
    return message


def _accepts(uow: UnitOfWork, account: Account) -> Accepts:
    """What the account's channel can carry; HTML stays while its plugin is off."""
    channel = uow.runtime.channels.get(account.channel)
    return channel.accepts if channel else Accepts(html=True)


def author_name(uow: UnitOfWork) -> str:
    """The name of whoever acts; "" for the desk itself."""
    user = uow.session.get(User, uow.actor.user_id) if uow.actor.user_id else None
    return user.name if user else ""


def _external_id(uow: UnitOfWork, ticket: Ticket, account: Account, identity_id: int) -> str:
    """Token, a dot, something unique, and the account's own domain (law 6)."""
    try:
        domain = domains.wire(account.address.rpartition("@")[2])
    except ValueError:
        domain = ""
    return f"{tokens.sign(uow.secret, ticket.id, identity_id)}.{secrets.token_hex(8)}@{domain or 'desk.invalid'}"
