"""Editing and deleting sent messages: written here at once, passed to the provider by a job of the same commit."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.accepts import Accepts, Written
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Conflict, Invalid, NotFound, _
from helpdesk.core.events.messages import MessageDeleted, MessageEdited
from helpdesk.core.jobs import queue
from helpdesk.core.jobs.kinds import JobKind
from helpdesk.core.jobs.runner import Running
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets import messages
from helpdesk.core.tickets.message_models import Delivery, Message
from helpdesk.core.tickets.visibility import visible_ticket

from . import ways_out
from .normal_form import outbound_of
from .replies import checked_text


def edit(uow: UnitOfWork, message_id: int, text: str) -> Message:
    """Put other words in the place of a message that was sent. Invalid where the channel cannot do that, Conflict
    before it is sent.
    """
    message = _sent(uow, message_id)
    text = checked_text(text, ())
    with uow.writing() as session:
        message = session.get_one(Message, message.id, populate_existing=True, with_for_update=True)
        account = session.get_one(Account, message.account_id)
        _refuse(_accepts(uow, account).edit, message)
        ways_out.refuse_unless_carried(uow, message.ticket, account, Written(text, template=True), uow.clock())
        messages.reword(uow, message, text, "", uow.clock())
        uow.record(MessageEdited(ticket_id=message.ticket_id, message_id=message.id))
        queue.add(uow, CHANGE, {"message": message.id, "act": "edit"}, lane=f"changes of account {account.id}")
    return message


def delete(uow: UnitOfWork, message_id: int) -> Message:
    """Delete a message that was sent; it stays, marked. Invalid where the channel cannot do that, Conflict before
    it is sent.
    """
    message = _sent(uow, message_id)
    with uow.writing() as session:
        message = session.get_one(Message, message.id, populate_existing=True, with_for_update=True)
        _refuse(_accepts(uow, session.get_one(Account, message.account_id)).delete, message)
        messages.mark_deleted(uow, message, uow.clock())
        uow.record(MessageDeleted(ticket_id=message.ticket_id, message_id=message.id))
        lane = f"changes of account {message.account_id}"
        queue.add(uow, CHANGE, {"message": message.id, "act": "delete"}, lane=lane)
    return message


def _refuse(can: bool, message: Message) -> None:
    if not can:
        raise Invalid(_("On this channel a message that was sent cannot be changed."))
    if message.deleted_at:
        raise Conflict(_("This message was deleted."))


def _accepts(uow: UnitOfWork, account: Account) -> Accepts:
    channel = uow.runtime.channels.get(account.channel)
    return channel.accepts if channel else Accepts()


def _sent(uow: UnitOfWork, message_id: int) -> Message:
    message = by_id(uow.session, Message, message_id)
    if message is None:
        raise NotFound()
    visible_ticket(uow, message.ticket_id, "tickets.write")
    if (
        message.kind != "out"
        or uow.session.scalar(select(Delivery.state).where(Delivery.message_id == message_id)) != "sent"
    ):
        raise Conflict(_("Only a message that was sent can be changed."))
    return message


def _pass_on(uow: UnitOfWork, job: Running) -> None:
    """Pass a change to the provider, by all ids it gave, with the present text: earlier changes become needless."""
    message = by_id(uow.session, Message, job.args["message"])
    if message is None or (message.deleted_at and job.args["act"] == "edit"):
        return
    delivery = uow.session.scalars(select(Delivery).where(Delivery.message_id == message.id)).one()
    outbound = outbound_of(uow, delivery)
    channel = accounts.channel(uow, uow.session.get_one(Account, message.account_id))
    uow.session.rollback()
    try:
        getattr(channel, job.args["act"])(outbound)
    finally:
        channel.close()


CHANGE = JobKind("core.change_sent", _pass_on, _("Change a message that was sent"))
