"""The way out: deliveries are claimed, sent by their channel without any lock, and what came of it is written down.

A delivery whose sender died is sent again with the same external id: at least once, recognisable by the other side.
Where the other side knows no repeats, handing over is written down before it begins: what was broken off there is
uncertain, and a person decides.
Failures back off with jitter for three days; the last one becomes a note that the agents see.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from helpdesk.core.accounts.accounts import channel, view
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.accepts import Written
from helpdesk.core.channels.outbound import Outbound, Sent
from helpdesk.core.database.engine import is_transient
from helpdesk.core.database.leases import LEASE, free, held, worker_name
from helpdesk.core.errors import HelpdeskError, Misconfigured, TryAgain, Uncertain, _, dump_message
from helpdesk.core.failpoints import failpoint
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import ways_out
from helpdesk.core.settings.models import Setting
from helpdesk.core.tickets.message_models import Attempt, Delivery

from . import message_events, results
from .normal_form import outbound_of
from .results import Result

BY_HAND = "waiting_for_person"  # the state of what a person carries out: never claimed here
SOON = timedelta(seconds=10)  # a reply that waits longer before its first try waits for a time that somebody chose
BROKEN_OFF = _("The desk was stopped while this message was being handed over.")
PAUSED = "sending paused"  # the setting that keeps a restored desk from writing to anybody


def work(uow: UnitOfWork, limit: int = 10, account_id: int | None = None) -> int:
    """Send what is due, of one account or of all; returns how many deliveries were tried."""
    ids = _claim(uow, limit, account_id)
    for delivery_id in ids:
        _deliver(uow, delivery_id)
    return len(ids)


def due_accounts(uow: UnitOfWork, besides: Sequence[int] = ()) -> list[int]:
    """The ids of accounts that have something to send now, but for those this process sends for already (``besides``).

    What it holds for any other account was left by a loop that broke off.
    """
    now = uow.clock()
    ours = or_(free(Delivery, now), Delivery.worker == worker_name())
    due = select(Delivery.id).where(*_due(now), ours, Delivery.account_id == Account.id).exists()
    query = select(Account.id).where(Account.enabled, Account.id.not_in(besides), due)
    return [] if is_paused(uow) else list(uow.session.scalars(query))


def is_paused(uow: UnitOfWork) -> bool:
    """True while a restored desk writes to nobody."""
    return uow.session.get(Setting, PAUSED) is not None


def release_own_leases(uow: UnitOfWork, account_id: int | None = None) -> None:
    """Free what this process had claimed, of one account or of all, when it lost the database: a loop begins anew."""
    mine = (held(Delivery), *_of(account_id))
    if uow.session.scalar(select(Delivery.id).where(*mine).limit(1)) is None:
        return
    freed = update(Delivery).where(*mine).values(lease_until=None)
    with uow.writing() as session:
        session.execute(freed.execution_options(synchronize_session=False))


def clamp_after_clock_change(uow: UnitOfWork) -> None:
    """Cut waits that were begun by a clock which has been set back since. A time that somebody chose stays as it is."""
    now = uow.clock()
    tried_later = select(Attempt.id).where(Attempt.delivery_id == Delivery.id, Attempt.at > now).exists()
    begun_later = or_(and_(Delivery.tries == 0, Delivery.created_at > now), and_(Delivery.tries > 0, tried_later))
    query = select(Delivery).where(Delivery.state == "queued", Delivery.due_at > now, begun_later)
    if uow.session.scalar(query.limit(1)) is None:
        return
    with uow.writing() as session:
        for row in session.scalars(query.with_for_update()):
            if row.tries or row.due_at - row.created_at <= SOON:
                row.due_at = min(
                    row.due_at, now + (timedelta(seconds=results.wait(row.tries, None)) if row.tries else SOON)
                )


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Delivery.under_way(), Delivery.due_at <= now


def _of(account_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return () if account_id is None else (Delivery.account_id == account_id,)


def _claim(uow: UnitOfWork, limit: int, account_id: int | None = None) -> list[int]:
    now, enabled = uow.clock(), select(Account.id).where(Account.enabled)
    due = (*_due(now), *_of(account_id), free(Delivery, now))
    if uow.session.scalar(select(Delivery.id).where(*due).limit(1)) is None or is_paused(uow):
        return []
    with uow.writing() as session:
        query = select(Delivery).where(*due, Delivery.account_id.in_(enabled)).order_by(Delivery.due_at).limit(limit)
        rows = list(session.scalars(query.with_for_update(skip_locked=True)))
        for row in rows:
            row.state, row.lease_until, row.worker, row.tries = "sending", now + LEASE, worker_name(), row.tries + 1
    failpoint("outbox.claimed")
    return [row.id for row in rows]


def _deliver(uow: UnitOfWork, delivery_id: int) -> None:
    delivery = uow.session.get_one(Delivery, delivery_id)
    account = uow.session.get_one(Account, delivery.account_id)
    if delivery.tries > 1 and results.begun(uow, delivery_id):
        result = Result("uncertain", dump_message(BROKEN_OFF))
    else:
        result = _try(uow, delivery, account)
    failpoint("outbox.sent")
    with uow.writing():
        results.enter(uow, delivery_id, result)
        if result.external_ids:
            message_events.enter_waiting(uow, account.id)
    failpoint("outbox.committed")


def _try(uow: UnitOfWork, delivery: Delivery, account: Account) -> Result:
    """One try; whatever a channel raises becomes a Result."""
    doubtful = "later"  # what becomes of it when nobody knows whether it was taken
    try:
        outbound = outbound_of(uow, delivery)
        asked = uow.hooks.pipe("filter_outbound", outbound, account=view(uow, account, secrets=False))
        asked.external_id, asked.to, asked.settled = outbound.external_id, outbound.to, outbound.settled
        uow.session.rollback()
        _refuse(uow, delivery, account, asked)
        sender = channel(uow, account)
        if not sender.knows_repeats:
            results.begin(uow, delivery.id)
            doubtful = "uncertain"
        uow.session.rollback()  # no connection to the database is kept while a provider takes its time
        return _came_of(sender.send(asked), doubtful)
    except Uncertain as error:
        return Result(doubtful, dump_message(error), after=error.after)
    except TryAgain as error:
        return Result("later", dump_message(error), after=error.after)
    except Misconfigured as error:
        return Result("later", dump_message(error), misconfigured=True)
    except HelpdeskError as error:
        return Result("failed", dump_message(error))
    except Exception as error:
        if is_transient(error):
            raise
        plugin = uow.hooks.plugins.get(getattr(uow.runtime.channels.get(account.channel), "plugin", ""))
        if plugin:
            uow.hooks.fault(plugin, "send", traceback.format_exc(limit=-4))
        return Result(doubtful, dump_message(_("The channel's own code failed: %(fault)s"), fault=type(error).__name__))


def _came_of(sent: Sent, doubtful: str) -> Result:
    """What a channel says that it sent; of several parts one may be uncertain."""
    open_ = any(outcome.state == "uncertain" for outcome in sent.outcomes)
    said = dump_message(sent.detail, **sent.values)
    state = doubtful if open_ else "sent"
    return Result(state, said, external_ids=sent.external_ids, outcomes=sent.outcomes, thread=sent.thread)


def _refuse(uow: UnitOfWork, delivery: Delivery, account: Account, asked: Outbound) -> None:
    """What the channel cannot carry (any more) is not handed to it: its window may have closed, a plugin may have
    made the text longer.
    """
    message = delivery.message
    written = Written(
        asked.text,
        tuple(asked.files),
        asked.visibility,
        template=bool(asked.template),
        first=bool((message.details or {}).get("opened")),
        buttons=tuple(asked.buttons),
    )
    ways_out.refuse_unless_carried(uow, message.ticket, account, written, uow.clock())
