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
from helpdesk.core.channels.accepts import Written
from helpdesk.core.channels.address_types import File
from helpdesk.core.database.rows import insert_many_if_new
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import ways_out
from helpdesk.core.outbox.outbox import BY_HAND
from helpdesk.core.people.identities import identity_of
from helpdesk.core.people.models import User
from helpdesk.core.text import plain
from helpdesk.core.tickets import external_ids, messages, tokens
from helpdesk.core.tickets.addressees import Addressees, spelled
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.models import Participant, Ticket


@dataclass
class Said:
    """What a message says. ``subject`` "" is the ticket's; ``template`` {name, language, values} or {}; ``first``: it
    begins the ticket.

    ``by_hand``: a person carries it out, also where the channel could send it.
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


def write_message(
    uow: UnitOfWork, ticket: Ticket, account: Account, answered: Addressees, said: Said, due: datetime
) -> Message:
    """Message and delivery together; the external id is made now and never again. Invalid when the channel cannot
    carry it. Inside ``writing``.
    """
    written = Written(said.text, tuple(said.files), said.visibility, template=bool(said.template), first=said.first)
    ways_out.refuse_unless_carried(uow, ticket, account, written, due)
    channel = uow.runtime.channels.get(account.channel)
    answered = spelled(uow, ticket, account, answered)
    session, identity = uow.session, identity_of(uow, answered.to[0])
    message = Message(
        ticket_id=ticket.id,
        account_id=account.id,
        kind="out",
        at=uow.clock(),
        user_id=uow.actor.user_id,
        author=author_name(uow),
        text=said.text,
        html=said.html if channel is None or channel.accepts.html else "",
        form=said.form,
        visibility=said.visibility,
        template=said.template,
        automatic=said.automatic,
    )
    session.add(message)
    session.flush()
    external_id = _external_id(uow, ticket, account, identity.id)
    external_ids.keep(uow, account.id, message.id, [external_id])
    messages.attach(uow, message.id, list(said.files))
    messages.index(uow, message.id, ticket.subject, None, said.text)
    by_hand = said.by_hand or bool(channel and channel.accepts.by_hand)
    session.add(
        Delivery(
            message_id=message.id,
            account_id=account.id,
            to=[a.as_row() for a in answered.to],
            cc=[a.as_row() for a in answered.cc],
            subject=said.subject or ticket.subject,
            by_hand=by_hand,
            state=BY_HAND if by_hand else "queued",
            due_at=due,
            created_at=uow.clock(),
            external_id=external_id,
        )
    )
    people = [*answered.to, *answered.cc]
    rows = [{"ticket_id": ticket.id, "kind": p.kind, "address": p.value, "name": plain(p.name)[:200]} for p in people]
    insert_many_if_new(session, Participant, rows)
    return message


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
