"""What is true for a moment, such as that somebody is typing: shown to whoever looks, never stored."""

from __future__ import annotations

from sqlalchemy import select

from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.types import Channel
from helpdesk.core.errors import Invalid, _
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.live import SIGNALS, rooms
from helpdesk.core.tickets.models import ConversationThread, Ticket


def show(uow: UnitOfWork, account_id: int, thread_key: str, kind: str) -> None:
    """Show those who see the open ticket of a thread what its customer does (``SIGNALS``); without an open ticket
    nothing happens.
    """
    if kind not in SIGNALS:
        raise Invalid(_("There is no signal named %(name)s."), name=kind)
    thread = uow.session.get(ConversationThread, (account_id, thread_key), populate_existing=True)
    ticket = uow.session.get(Ticket, thread.ticket_id) if thread else None
    if ticket:
        uow.runtime.live.signal(ticket.id, kind, rooms(ticket.queue_id, ticket.assignee_id))


def pass_on(uow: UnitOfWork, ticket_id: int, kind: str) -> int:
    """Show the customer of a ticket what happens here, by every thread whose channel can; returns how many. What
    fails is forgotten.
    """
    query = select(ConversationThread.thread_key, Account).join(Account, Account.id == ConversationThread.account_id)
    threads = uow.session.execute(query.where(ConversationThread.ticket_id == ticket_id, Account.enabled)).all()
    wanted = [(key, account) for key, account in threads if _can(uow, account)]
    speaking = [(key, accounts.channel(uow, account)) for key, account in wanted]
    uow.session.rollback()
    return sum(_say(channel, kind, key) for key, channel in speaking)


def _can(uow: UnitOfWork, account: Account) -> bool:
    channel = uow.runtime.channels.get(account.channel)
    return bool(channel and channel.accepts.typing and channel.has("signal"))


def _say(channel: Channel, kind: str, thread_key: str) -> bool:
    try:
        channel.signal(kind, thread_key)
        return True
    except Exception:  # a sign that is over before anybody could mend it
        return False
    finally:
        channel.close()
