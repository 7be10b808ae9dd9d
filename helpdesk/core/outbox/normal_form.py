"""The normal form of a delivery, which its channel is handed: the words, what they answer, and what they quote."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.channels.outbound import Outbound
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Customer
from helpdesk.core.tickets import tokens
from helpdesk.core.tickets.message_models import Attachment, Delivery, Message
from helpdesk.core.tickets.models import Ticket

QUOTED = 1  # how many earlier messages are quoted below a reply


def outbound_of(uow: UnitOfWork, delivery: Delivery) -> Outbound:
    """The normal form of a delivery, with what it answers and what it quotes."""
    session = uow.session
    message, ticket = delivery.message, delivery.message.ticket
    earlier, everybody = _earlier(session, message), {person["value"] for person in [*delivery.to, *delivery.cc]}
    theirs = [m for m in earlier if _concerns(uow, m, delivery)]
    quoted = [m for m in earlier if m.kind == "in" and not m.automatic and everybody <= _readers(m)]
    files = session.scalars(select(Attachment).where(Attachment.message_id == message.id).order_by(Attachment.id))
    to = [Address(**a) for a in delivery.to]
    return Outbound(
        external_id=delivery.external_id,
        external_ids=[known.external_id for known in message.external_ids],
        to=to,
        recipient=to[0] if to else None,
        visibility=message.visibility,
        template=message.template,
        thread=_thread(session, delivery),
        cc=[Address(**a) for a in delivery.cc],
        subject=delivery.subject,
        text=message.text,
        html=message.html,
        files=[File(f.name, f.type, sha256=f.sha256, size=f.size, cid=f.cid, inline=f.inline) for f in files],
        sender_name=message.author,
        in_reply_to=next((m.external_id for m in theirs if m.kind == "in"), ""),
        references=[m.external_id for m in reversed(theirs)],
        token=_token(delivery),
        settled=list(delivery.outcomes),
        language=_language(session, ticket),
        automatic=bool(message.automatic),
        history=[(m.author or m.address, m.at, m.text) for m in quoted[:QUOTED]] if not message.automatic else [],
        at=dated(message),
        buttons=(message.details or {}).get("buttons", []),
        read=lambda file: uow.blobs.get(file.sha256),
    )


def _thread(session: Session, delivery: Delivery) -> str:
    """The key of the conversation on the delivery's account, as the customer's last message there gave it."""
    query = select(Message.details["thread"].as_string()).where(
        Message.ticket_id == delivery.message.ticket_id, Message.account_id == delivery.account_id, Message.kind == "in"
    )
    return session.scalar(query.order_by(Message.id.desc()).limit(1)) or ""


def dated(message: Message) -> datetime:
    """The moment a message bears: the one it was written for, the same at every try."""
    chosen = (message.details or {}).get("send_at")
    return datetime.fromisoformat(chosen) if chosen else message.at


def _earlier(session: Session, message: Message) -> list[Message]:
    """What was said before, newest first; notes, withdrawn and unverified words never leave the desk."""
    query = (
        select(Message)
        .where(
            Message.ticket_id == message.ticket_id,
            Message.id < message.id,
            Message.kind != "note",
            Message.withdrawn.is_(False),
            Message.unverified.is_(False),
        )
        .order_by(Message.id.desc())
        .options(selectinload(Message.external_ids))
        .limit(20)
    )
    return list(session.scalars(query))


def _concerns(uow: UnitOfWork, earlier: Message, delivery: Delivery) -> bool:
    """True when the first recipient knows this message's id: they wrote or got it. Ids of ours carry a token, theirs
    alone may go to them.
    """
    if earlier.kind == "in":
        return bool(earlier.external_id) and delivery.to[0]["value"] in _readers(earlier)
    mine, now = (
        tokens.verify(uow.secrets, external_id.split(".", 1)[0])
        for external_id in (earlier.external_id, delivery.external_id)
    )
    return mine is not None and now is not None and mine[1] == now[1]


def _readers(message: Message) -> set[str]:
    """The addresses of those who know what a customer wrote: the writer, and whom they wrote to."""
    said = message.details or {}
    named = [said.get("to"), said.get("cc"), said.get("reply_to")]
    return {
        message.address,
        *(person["value"] for kept in named for person in ([kept] if isinstance(kept, dict) else kept or ())),
    }


def _token(delivery: Delivery) -> str:
    head = delivery.external_id.split(".", 1)[0]
    return head if tokens.SHAPE.fullmatch(head) else ""


def _language(session: Session, ticket: Ticket) -> str:
    return session.get_one(Customer, ticket.customer_id).language or "en"
