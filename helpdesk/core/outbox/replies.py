"""What the desk says: replies and notes, written with their delivery in one commit; sending is the outbox's work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select

from helpdesk.core.accounts.addresses import Own
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.database.rows import by_id, upsert
from helpdesk.core.errors import Conflict, Forbidden, Invalid, NotFound, Overtaken, _
from helpdesk.core.events.deliveries import DeliveryRetried
from helpdesk.core.events.tickets import NoteAdded, ReplyQueued, ReplyWithdrawn
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import results, templates, ways_out
from helpdesk.core.outbox.outgoing import Content, author_name, write_message
from helpdesk.core.sla import clocks
from helpdesk.core.text import excerpt, plain
from helpdesk.core.tickets import addressees, draft_files, drafts, messages
from helpdesk.core.tickets.addressees import Addressees
from helpdesk.core.tickets.clocks import observe, restore
from helpdesk.core.tickets.message_models import Delivery, Message, MessageText
from helpdesk.core.tickets.models import Draft, Ticket
from helpdesk.core.tickets.tickets import choose_status, facts, locked_ticket, recount, snooze
from helpdesk.core.tickets.visibility import visible_ticket

from . import delivery_outcomes
from .outbox import BY_HAND

INVISIBLE = " \n\t\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
LONGEST = 200_000  # characters of one reply
LATEST = timedelta(days=366)  # how far ahead a reply may be timed


def reply(
    uow: UnitOfWork,
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
    files: Sequence[File] = (),
    account_id: int | None = None,
    told: Sequence[str | int] = (),
    **how: Any,
) -> Message:
    """Answer the customer: ``to`` and ``cc``, or whom ``addressees.of`` gives; ``undo`` is a wait in seconds first.

    ``account_id`` is the account it leaves by, else the one the customer wrote to last; ``how`` is what
    ``outgoing.Content`` takes besides, ``told`` the first line for every reader (``i18n.render_parts``). Invalid for an
    empty or overlong text and for what the channel cannot carry. ``seen`` is the last message the writer had read:
    Overtaken when the customer or a colleague wrote since.
    """
    ticket = visible_ticket(uow, ticket_id, "tickets.write")
    places = ""
    if how.get("template"):
        text, places = templates.filled(uow, ways_out.chosen(uow, ticket, account_id, to or ()), how["template"])
    text, stored = checked_text(text, files), stored_files(uow, files)
    how["buttons"] = checked_buttons(how.get("buttons", ()))
    content, due = Content(text, html, stored, **how), _due(uow, send_at, undo)
    with uow.writing():
        ticket = locked_ticket(uow, ticket.id)
        _heed_newer(uow, ticket, seen)
        account = ways_out.chosen(uow, ticket, account_id, to or ())
        message = write_message(uow, ticket, account, _chosen(uow, ticket, account, to, cc), content, due)
        _answered(uow, ticket, message, status or "waiting")
        extra = {"send_at": due.isoformat() if send_at else "", "places": places, "told": list(told)}
        message.details = {**message.details, **{name: value for name, value in extra.items() if value}}
        drafts.drop(uow, ticket.id, "reply", stored)
    failpoint("reply.committed")
    if not undo and not send_at:
        uow.runtime.wake("outbox")
    return message


def note(uow: UnitOfWork, ticket_id: int, text: str, files: Sequence[File] = (), form: str = "text") -> Message:
    """A word among colleagues; no customer ever sees it. ``form`` is text or whisper."""
    visible_ticket(uow, ticket_id, "tickets.write")
    text = checked_text(text, files)
    stored = stored_files(uow, files)
    with uow.writing() as session:
        ticket = locked_ticket(uow, ticket_id)
        message = Message(
            ticket_id=ticket_id,
            kind="note",
            form=form,
            visibility="internal",
            at=uow.clock(),
            user_id=uow.actor.user_id,
            author=author_name(uow),
            text=text,
        )
        session.add(message)
        session.flush()
        messages.attach(uow, message.id, stored)
        messages.index(uow, message.id, ticket.subject, None, text)
        ticket.updated_at, ticket.last_message_id = message.at, message.id
        drafts.drop(uow, ticket_id, "note", stored)
        uow.record(NoteAdded(ticket_id=ticket_id, message_id=message.id))
    return message


def undo(uow: UnitOfWork, message_id: int) -> str:
    """Take one's own reply back before it leaves; its text returns as the writer's draft. Conflict when it is too
    late.
    """
    message = _outgoing(uow, message_id)
    if uow.actor.user_id not in (None, message.user_id):
        raise Forbidden()
    with uow.writing() as session:
        ticket = session.get_one(Ticket, message.ticket_id, with_for_update=True)
        delivery = session.scalar(select(Delivery).where(Delivery.message_id == message_id).with_for_update())
        if delivery is None or delivery.state not in ("queued", BY_HAND) or delivery.tries:
            raise Conflict(_("It is too late: the message has left."))
        delivery.state, message.withdrawn = "withdrawn", True
        session.execute(delete(MessageText).where(MessageText.message_id == message_id))
        before = facts(ticket)
        text = _back_to_draft(uow, ticket, message, restored=_restore(uow, ticket, message))
        uow.record(ReplyWithdrawn(ticket_id=ticket.id, message_id=message_id, before=before, after=facts(ticket)))
    return text


def retry(uow: UnitOfWork, delivery_id: int) -> Delivery:
    """Send a message once more that failed, came back or is uncertain, as the same message; Invalid if unwanted."""
    delivery = by_id(uow.session, Delivery, delivery_id)
    if delivery is None:
        raise NotFound()
    message = _outgoing(uow, delivery.message_id)
    with uow.writing() as session:
        delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
        if delivery.state not in ("failed", "bounced", "uncertain"):
            raise Conflict(_("Only a message that did not arrive can be sent again."))
        people = [Address(person["kind"], person["value"]) for person in delivery.to]
        ways_out.refuse_unwanted(uow, session.get_one(Account, delivery.account_id), people)
        delivery.state = BY_HAND if delivery.by_hand else "queued"
        delivery.tries, delivery.due_at, delivery.reason = 0, uow.clock(), ""
        delivery.created_at = uow.clock()
        delivery_outcomes.begin_again(delivery)
        uow.record(DeliveryRetried(ticket_id=message.ticket_id, message_id=message.id, delivery=delivery_id))
    uow.runtime.wake("outbox")
    return delivery


def arrived(uow: UnitOfWork, delivery_id: int) -> Delivery:
    """Somebody knows that an uncertain message is there. Conflict when it is not uncertain any more."""
    delivery = by_id(uow.session, Delivery, delivery_id)
    if delivery is None:
        raise NotFound()
    _outgoing(uow, delivery.message_id)
    with uow.writing() as session:
        delivery = session.get_one(Delivery, delivery_id, with_for_update=True)
        if delivery.state != "uncertain":
            raise Conflict(_("What became of this message is known by now."))
        results.mark_sent(uow, delivery)
    return delivery


# Parts ------------------------------------------------------------------------------------------------------------


def checked_text(text: str, files: Any) -> str:
    """The words of a message; Invalid when there are none and no file either, or far too many."""
    text = plain(text).strip()
    if not text.strip(INVISIBLE) and not files:
        raise Invalid(_("Please write something first."), {"text": _("Please write something first.")})
    if len(text) > LONGEST:
        raise Invalid(_("This text is too long; send it as a file."), {"text": _("At most 200,000 characters.")})
    return text


def checked_buttons(labels: Sequence[str]) -> tuple[str, ...]:
    """The quick replies, each on one line, none empty, none twice."""
    found = (" ".join(plain(label).split()) for label in labels)
    return tuple(dict.fromkeys(label for label in found if label.strip(INVISIBLE)))


def stored_files(uow: UnitOfWork, files: Sequence[File]) -> list[File]:
    """The files with their bytes in the blob folder, before any lock is taken. Invalid when they are too many or too
    large.
    """
    draft_files.check(files)
    for file in files:
        if not file.sha256:
            file.sha256, file.size = uow.blobs.put(file.content), len(file.content)
    return list(files)


def _due(uow: UnitOfWork, send_at: datetime | None, undo: float) -> datetime:
    """When a reply may leave."""
    if send_at is None:
        return uow.clock() + timedelta(seconds=undo)
    if send_at > uow.clock() + LATEST:
        raise Invalid(_("A reply can wait for a year at most."), {"send_at": _("A reply can wait for a year at most.")})
    return max(send_at, uow.clock())


def _chosen(
    uow: UnitOfWork, ticket: Ticket, account: Account, to: list[Address] | None, cc: list[Address] | None
) -> Addressees:
    """Whom the writer named, or whoever is answered; only those in copy named, they come beside the latter."""
    Own(uow).refuse(to or ())
    Own(uow).refuse(cc or (), "cc")
    answered = Addressees(to, []) if to else addressees.of(uow, ticket, account)
    answered.cc = answered.cc if cc is None else cc
    if not answered.to:
        raise Invalid(_("There is nobody to write to on this ticket."), {"to": _("Please write the address.")})
    return answered


def _heed_newer(uow: UnitOfWork, ticket: Ticket, seen: int | None) -> None:
    """Overtaken when somebody else wrote since message ``seen``."""
    if seen is None:
        return
    newer = (Message.ticket_id == ticket.id, Message.id > seen, Message.kind != "note", Message.withdrawn.is_(False))
    others = or_(
        Message.kind == "in", and_(Message.automatic == "", Message.user_id.is_distinct_from(uow.actor.user_id))
    )
    last = uow.session.scalar(select(Message).where(*newer, others).order_by(Message.id.desc()).limit(1))
    if last is None:
        return
    if last.kind == "in":
        raise Overtaken(_("While you were writing, a new message came. Read it first, or send anyway."), last.id)
    raise Overtaken(
        _("While you were writing, %(name)s answered. Read it first, or send anyway."), last.id, name=last.author
    )


def _answered(uow: UnitOfWork, ticket: Ticket, message: Message, status: str) -> None:
    """After an answer its clock is met and the next word is the customer's."""
    before = facts(ticket)
    place = {"clocks": clocks.kept(uow, ticket.id), "target_at": ticket.target_at.isoformat()}
    message.details = {**message.details, "before": {**before, **place}}
    ticket.last_message_id, ticket.updated_at, ticket.unread = message.id, message.at, 0
    ticket.preview = excerpt(message.text, 200)
    if not _is_by_hand(uow, message):  # who is to be called was not answered yet
        observe(uow, ticket, "answered")
    if ticket.assignee_id is None:
        ticket.assignee_id = uow.actor.user_id
    choose_status(uow, ticket, status)
    uow.record(ReplyQueued(ticket_id=ticket.id, message_id=message.id, before=before, after=facts(ticket)))


def _is_by_hand(uow: UnitOfWork, message: Message) -> bool:
    uow.session.flush()
    return bool(uow.session.scalar(select(Delivery.by_hand).where(Delivery.message_id == message.id)))


def _restore(uow: UnitOfWork, ticket: Ticket, message: Message) -> bool:
    """Bring the ticket back to what it was before a withdrawn reply, unless it went on since; True when it did not."""
    before, last = (message.details or {}).get("before"), ticket.last_message_id
    recount(uow, ticket)
    if not before or last != message.id:
        return False
    ticket.status = before["status"]
    snooze(ticket, before["snoozed_until"] and datetime.fromisoformat(before["snoozed_until"]))
    restore(uow, ticket, before)
    if ticket.assignee_id == message.user_id:
        ticket.assignee_id = before["assignee"]
    return True


def _back_to_draft(uow: UnitOfWork, ticket: Ticket, message: Message, restored: bool) -> str:
    """The withdrawn words as their writer's draft, above what they began to write since."""
    if restored and (message.details or {}).get("opened"):
        return drafts.begin_again(uow, ticket, message)
    key = {"user_id": message.user_id, "ticket_id": ticket.id, "mode": "reply"}
    begun = uow.session.get(Draft, tuple(key.values()))
    text = f"{message.text}\n\n{begun.text}" if begun else message.text
    if message.user_id:
        upsert(uow.session, Draft, key, {"text": text, "how": _how(message), "updated_at": uow.clock()})
        draft_files.give_back(uow, ticket.id, "reply", message)
    return text


def _how(message: Message) -> dict[str, Any]:
    """What was chosen for a message, as its draft keeps it."""
    template = {**message.template, "text": message.details.get("places", "")} if message.template else {}
    chosen = {"account": message.account_id, "visibility": message.visibility, "template": template}
    return chosen | {"buttons": message.details.get("buttons", [])}


def _outgoing(uow: UnitOfWork, message_id: int) -> Message:
    message = by_id(uow.session, Message, message_id)
    if message is None or message.kind != "out":
        raise NotFound()
    visible_ticket(uow, message.ticket_id, "tickets.write")
    return message
