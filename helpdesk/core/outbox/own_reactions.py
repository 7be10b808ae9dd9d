"""Reactions of the desk to a customer's message: written here at once, passed on by a job of the same commit."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.accepts import Accepts
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.outbound import Outbound
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Conflict, HelpdeskError, Invalid, NotFound, TryAgain, Unavailable, _, dump_message
from helpdesk.core.events.messages import MessageReacted
from helpdesk.core.jobs import queue
from helpdesk.core.jobs.kinds import JobKind
from helpdesk.core.jobs.runner import Running
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.tickets.message_models import Message
from helpdesk.core.tickets.visibility import visible_ticket

from . import ways_out
from .outgoing import author_name

OURS = "desk"  # the kind of address of the desk's own reaction: one a message, whoever set it


def react(uow: UnitOfWork, message_id: int, emoji: str) -> Message:
    """Set one of the channel's ``Accepts.own_reactions`` at a customer's message in place of the desk's earlier one, or
    take it back with "". Invalid where the channel cannot do that or its window is closed.
    """
    message = by_id(uow.session, Message, message_id)
    if message is None:
        raise NotFound()
    ticket = visible_ticket(uow, message.ticket_id, "tickets.write")
    if message.kind != "in" or message.account_id is None:
        raise Conflict(_("Only a message of the customer can be reacted to."))
    with uow.writing() as session:
        message = session.get_one(Message, message_id, populate_existing=True, with_for_update=True)
        account = session.get_one(Account, message.account_id)
        _refuse(_accepts(uow, account), message, emoji)
        way = ways_out.way_of(uow, ticket, account)
        if not way.is_open:
            raise Invalid(_("The customer last wrote too long ago for a reaction to their message."), {"emoji": ""})
        given = {"emoji": emoji, "kind": OURS, "address": "", "name": author_name(uow), "at": uow.clock().isoformat()}
        others = [one for one in message.reactions if one["kind"] != OURS]
        message.reactions = [*others, *([given] if emoji else [])]
        uow.record(MessageReacted(ticket_id=message.ticket_id, message_id=message.id))
        queue.add(uow, REACT, {"message": message.id}, lane=f"changes of account {account.id}")
    return message


def _refuse(accepts: Accepts, message: Message, emoji: str) -> None:
    sentence = _("This channel does not carry this reaction.")
    if not accepts.own_reactions or (emoji and emoji not in accepts.own_reactions):
        raise Invalid(sentence, {"emoji": sentence})
    if message.deleted_at:
        raise Conflict(_("This message was deleted."))


def _accepts(uow: UnitOfWork, account: Account) -> Accepts:
    channel = uow.runtime.channels.get(account.channel)
    return channel.accepts if channel else Accepts()


def _pass_on(uow: UnitOfWork, job: Running) -> None:
    """Pass on the reaction as it is now: earlier ones become needless. One the provider refuses is marked so."""
    message = by_id(uow.session, Message, job.args["message"])
    if message is None or message.account_id is None:
        return
    emoji = next((one["emoji"] for one in message.reactions if one["kind"] == OURS), "")
    account = uow.session.get_one(Account, message.account_id)
    channel, outbound = accounts.channel(uow, account), _outbound(message, account, uow)
    uow.session.rollback()
    try:
        channel.react(outbound, emoji)
    except (TryAgain, Unavailable):
        raise
    except HelpdeskError as refused:
        _mark(uow, job.args["message"], emoji, dump_message(refused))
    finally:
        channel.close()


def _outbound(message: Message, account: Account, uow: UnitOfWork) -> Outbound:
    kind = message.details.get("address_kind") or uow.runtime.channels[account.channel].address
    return Outbound(
        f"reaction to {message.id}",
        [Address(kind, message.address, message.author)],
        external_ids=[known.external_id for known in message.external_ids],
        thread=message.details.get("thread", ""),
    )


def _mark(uow: UnitOfWork, message_id: int, emoji: str, reason: str) -> None:
    """Of a reaction that was chosen meanwhile, its own job says what became of it."""
    with uow.writing() as session:
        query = select(Message).where(Message.id == message_id).with_for_update()
        message = session.scalars(query.execution_options(populate_existing=True)).one()
        refused = [one for one in message.reactions if (one["kind"], one["emoji"]) == (OURS, emoji)]
        message.reactions = [{**one, "refused": reason} if one in refused else one for one in message.reactions]
        uow.record(MessageReacted(ticket_id=message.ticket_id, message_id=message_id))


REACT = JobKind("core.react", _pass_on, _("React to a customer's message"))
