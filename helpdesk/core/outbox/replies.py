"""What the desk says: replies and notes, written with their delivery in one commit; sending is the outbox's work."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select

from . import addressees, draft_files, drafts, external_ids, ingest, recipients, tokens
from .addressees import Addressees
from .addresses import Own
from .base import NEVER
from .channels import Address, File
from .customers import identity_of
from .database import by_id, insert_if_new, upsert
from .errors import Conflict, Forbidden, Invalid, NotFound, Overtaken, _
from .events.deliveries import DeliveryRetried
from .events.tickets import NoteAdded, ReplyQueued, ReplyWithdrawn
from .failpoints import step
from .models import Account, Delivery, Draft, Message, MessageText, Participant, Ticket, User
from .rights import visible_ticket
from .text import excerpt, plain
from .tickets import choose_status, facts, held, recount, rest, set_status

INVISIBLE = " \n\t\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
LONGEST = 200_000  # characters of one reply
LATEST = timedelta(days=366)  # how far ahead a reply may be timed


def reply(
    desk,
    ticket_id: int,
    text: str,
    *,
    html: str = "",
    to: list[Address] | None = None,
    cc: list[Address] | None = None,
    send_at: datetime | None = None,
    undo: float = 0,
    seen: int | None = None,
    status: str | None = None,
    files: list[File] = (),
) -> Message:
    """Answer the customer: ``to`` and ``cc``, or whom ``addressees.of`` gives. ``undo`` is a wait in seconds before it leaves.

    ``seen`` is the last message the writer had read. Overtaken when the customer or a colleague wrote since: whoever sends anyway
    names the newest of what they have looked at. Invalid for an empty or overlong text.
    """
    ticket = visible_ticket(desk, ticket_id, "tickets.write")
    text = checked_text(text, files)
    due = _due(desk, send_at, undo)
    stored = stored_files(desk, files)
    with desk.writing():
        ticket = held(desk, ticket.id)
        _heed_newer(desk, ticket, seen)
        message = write_message(desk, ticket, text, html, _chosen(desk, ticket, to, cc), due, stored)
        _answered(desk, ticket, message, status or "waiting")
        if send_at:
            message.details = {**message.details, "send_at": due.isoformat()}
        drafts.drop(desk, ticket.id, "reply", stored)
    step("reply.committed")
    if not undo and not send_at:
        desk.house.wake("outbox")
    return message


def note(desk, ticket_id: int, text: str, files: list[File] = ()) -> Message:
    """A word among colleagues; no customer ever sees it."""
    visible_ticket(desk, ticket_id, "tickets.write")
    text = checked_text(text, files)
    stored = stored_files(desk, files)
    with desk.writing() as session:
        ticket = held(desk, ticket_id)
        message = Message(ticket_id=ticket_id, kind="note", visibility="internal", at=desk.clock(), user_id=desk.actor.user_id, author=_name(desk), text=text)
        session.add(message)
        session.flush()
        ingest.attach(desk, message.id, stored)
        ingest.index(desk, message.id, ticket.subject, None, text)
        ticket.updated_at, ticket.last_message_id = message.at, message.id
        drafts.drop(desk, ticket_id, "note", stored)
        desk.record(NoteAdded(ticket_id=ticket_id, message_id=message.id))
    return message


def undo(desk, message_id: int) -> str:
    """Take one's own reply back before it leaves; its text returns as the writer's draft. Conflict when it is too late."""
    message = _outgoing(desk, message_id)
    if desk.actor.user_id not in (None, message.user_id):
        raise Forbidden()
    with desk.writing() as session:
        ticket = session.get(Ticket, message.ticket_id, with_for_update=True)
        delivery = session.scalar(select(Delivery).where(Delivery.message_id == message_id).with_for_update())
        if delivery is None or delivery.state != "queued" or delivery.tries:
            raise Conflict(_("It is too late: the message has left."))
        delivery.state, message.withdrawn = "withdrawn", True
        session.execute(delete(MessageText).where(MessageText.message_id == message_id))
        before = facts(ticket)
        text = _back_to_draft(desk, ticket, message, restored=_restore(desk, ticket, message))
        desk.record(ReplyWithdrawn(ticket_id=ticket.id, message_id=message_id, before=before, after=facts(ticket)))
    return text


def retry(desk, delivery_id: int) -> Delivery:
    """Send a failed or bounced message once more, as the same message."""
    delivery = by_id(desk.session, Delivery, delivery_id)
    if delivery is None:
        raise NotFound()
    message = _outgoing(desk, delivery.message_id)
    with desk.writing() as session:
        delivery = session.get(Delivery, delivery_id, with_for_update=True)
        if delivery.state not in ("failed", "bounced"):
            raise Conflict(_("Only a message that did not arrive can be sent again."))
        delivery.state, delivery.tries, delivery.due_at, delivery.reason = "queued", 0, desk.clock(), ""
        delivery.created_at = desk.clock()
        recipients.begin_again(delivery)
        desk.record(DeliveryRetried(ticket_id=message.ticket_id, message_id=message.id, delivery=delivery_id))
    desk.house.wake("outbox")
    return delivery


# Parts ------------------------------------------------------------------------------------------------------------


def checked_text(text: str, files) -> str:
    """The words of a message; Invalid when there are none and no file either, or far too many."""
    text = plain(text).strip()
    if not text.strip(INVISIBLE) and not files:
        raise Invalid(_("Please write something first."), {"text": _("Please write something first.")})
    if len(text) > LONGEST:
        raise Invalid(_("This text is too long; send it as a file."), {"text": _("At most 200,000 characters.")})
    return text


def stored_files(desk, files: list[File]) -> list[File]:
    """The files with their bytes in the blob folder, before any lock is taken. Invalid when they are too many or too large."""
    draft_files.check(files)
    for file in files:
        if not file.sha256:
            file.sha256, file.size = desk.blobs.put(file.content), len(file.content)
    return list(files)


def _due(desk, send_at: datetime | None, undo: float) -> datetime:
    """When a reply may leave."""
    if send_at is None:
        return desk.clock() + timedelta(seconds=undo)
    if send_at > desk.clock() + LATEST:
        raise Invalid(_("A reply can wait for a year at most."), {"send_at": _("A reply can wait for a year at most.")})
    return max(send_at, desk.clock())


def _chosen(desk, ticket: Ticket, to: list[Address] | None, cc: list[Address] | None) -> Addressees:
    """Whom the writer named, or whoever is answered; only those in copy named, they come beside the latter."""
    Own(desk).refuse(to or ())
    Own(desk).refuse(cc or (), "cc")
    answered = Addressees(to, []) if to else addressees.of(desk, ticket)
    answered.cc = answered.cc if cc is None else cc
    if not answered.to:
        raise Invalid(_("This ticket has nobody to write to."), {"to": _("Please write the address.")})
    return answered


def _heed_newer(desk, ticket: Ticket, seen: int | None) -> None:
    """Overtaken when somebody else wrote since message ``seen``."""
    if seen is None:
        return
    newer = (Message.ticket_id == ticket.id, Message.id > seen, Message.kind != "note", Message.withdrawn.is_(False))
    others = or_(Message.kind == "in", and_(Message.automatic == "", Message.user_id.is_distinct_from(desk.actor.user_id)))
    last = desk.session.scalar(select(Message).where(*newer, others).order_by(Message.id.desc()).limit(1))
    if last is None:
        return
    if last.kind == "in":
        raise Overtaken(_("While you were writing, a new message came. Read it first, or send anyway."), last.id)
    raise Overtaken(_("While you were writing, %(name)s answered. Read it first, or send anyway."), last.id, name=last.author)


def write_message(
    desk, ticket: Ticket, text: str, html: str, answered: Addressees, due: datetime, files: list[File], automatic: str = "", subject: str = ""
) -> Message:
    """Message and delivery together; the external id is made now and never again. Without ``subject`` the ticket's. Inside ``writing``."""
    session = desk.session
    voice = identity_of(desk, answered.to[0])
    message = Message(
        ticket_id=ticket.id,
        account_id=ticket.account_id,
        kind="out",
        at=desk.clock(),
        user_id=desk.actor.user_id,
        author=_name(desk),
        text=text,
        html=html,
        automatic=automatic,
    )
    session.add(message)
    session.flush()
    external_id = _external_id(desk, ticket, voice.id)
    external_ids.keep(desk, ticket.account_id, message.id, [external_id])
    ingest.attach(desk, message.id, files)
    ingest.index(desk, message.id, ticket.subject, None, text)
    session.add(
        Delivery(
            message_id=message.id,
            account_id=ticket.account_id,
            to=[vars(a) for a in answered.to],
            cc=[vars(a) for a in answered.cc],
            subject=subject or ticket.subject,
            due_at=due,
            created_at=desk.clock(),
            external_id=external_id,
        )
    )
    for person in [*answered.to, *answered.cc]:
        insert_if_new(session, Participant, ticket_id=ticket.id, kind=person.kind, address=person.value, name=plain(person.name)[:200])
    return message


def _external_id(desk, ticket: Ticket, identity_id: int) -> str:
    """Token, a dot, something unique, and the account's own domain (law 6)."""
    try:
        domain = desk.session.get(Account, ticket.account_id).address.rpartition("@")[2].encode("idna").decode()
    except UnicodeError:
        domain = ""
    return f"{tokens.sign(desk.secret, ticket.id, identity_id)}.{secrets.token_hex(8)}@{domain or 'desk.invalid'}"


def _answered(desk, ticket: Ticket, message: Message, status: str) -> None:
    """After an answer the promise is kept and the next word is the customer's."""
    before = facts(ticket)
    message.details = {"before": {**before, "due_at": ticket.due_at.isoformat()}}
    ticket.last_message_id, ticket.updated_at, ticket.unread = message.id, message.at, 0
    ticket.preview = excerpt(message.text, 200)
    ticket.due_at = NEVER
    if ticket.assignee_id is None:
        ticket.assignee_id = desk.actor.user_id
    choose_status(desk, ticket, status)
    desk.record(ReplyQueued(ticket_id=ticket.id, message_id=message.id, before=before, after=facts(ticket)))


def _restore(desk, ticket: Ticket, message: Message) -> bool:
    """Bring the ticket back to what it was before a withdrawn reply, unless it went on since; True when it did not."""
    before, last = (message.details or {}).get("before"), ticket.last_message_id
    recount(desk, ticket)
    if not before or last != message.id:
        return False
    set_status(ticket, before["status"])
    rest(ticket, before["rests_until"] and datetime.fromisoformat(before["rests_until"]))
    ticket.due_at = datetime.fromisoformat(before["due_at"])
    if ticket.assignee_id == message.user_id:
        ticket.assignee_id = before["assignee"]
    return True


def _back_to_draft(desk, ticket: Ticket, message: Message, restored: bool) -> str:
    """The withdrawn words as their writer's draft, above what they began to write since."""
    if restored and (message.details or {}).get("opened"):
        return drafts.begin_again(desk, ticket, message)
    key = {"user_id": message.user_id, "ticket_id": ticket.id, "mode": "reply"}
    begun = desk.session.get(Draft, tuple(key.values()))
    text = f"{message.text}\n\n{begun.text}" if begun else message.text
    if message.user_id:
        upsert(desk.session, Draft, key, {"text": text, "updated_at": desk.clock()})
        draft_files.give_back(desk, ticket.id, "reply", message)
    return text


def _outgoing(desk, message_id: int) -> Message:
    message = by_id(desk.session, Message, message_id)
    if message is None or message.kind != "out":
        raise NotFound()
    visible_ticket(desk, message.ticket_id, "tickets.write")
    return message


def _name(desk) -> str:
    user = desk.session.get(User, desk.actor.user_id) if desk.actor.user_id else None
    return user.name if user else ""
