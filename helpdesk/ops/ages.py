"""How long the oldest raw message and delivery have waited, and the background work's last sign of life."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from helpdesk.core.accounts.models import Account
from helpdesk.core.database.base import utcnow
from helpdesk.core.database.rows import upsert
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.settings.models import Setting
from helpdesk.core.tickets import simulated
from helpdesk.core.tickets.message_models import Delivery

WORKER = "worker"


def beat(uow: UnitOfWork) -> None:
    """The background work is alive."""
    with uow.writing() as session:
        upsert(session, Setting, {"name": WORKER}, {"value": {"at": uow.clock().isoformat()}})


def oldest_raw_message(uow: UnitOfWork) -> timedelta | None:
    """How long the oldest raw message has been waiting to be looked at."""
    real = select(func.min(RawMessage.at)).where(RawMessage.account_id.not_in(simulated.accounts(uow)))
    return _age(uow, real.where(RawMessage.state == "new"))


def oldest_delivery(uow: UnitOfWork) -> timedelta | None:
    """How long the most overdue delivery of an account that is on should have left already."""
    enabled = select(Account.id).where(Account.enabled, Account.id.not_in(simulated.accounts(uow)))
    return _age(
        uow,
        select(func.min(Delivery.due_at)).where(
            Delivery.state.in_(("queued", "sending")), Delivery.account_id.in_(enabled)
        ),
    )


def last_beat(uow: UnitOfWork) -> timedelta | None:
    """How long ago the background work last gave a sign of life."""
    beaten = uow.session.get(Setting, WORKER, populate_existing=True)
    return utcnow() - datetime.fromisoformat(beaten.value["at"]) if beaten else None


def _age(uow: UnitOfWork, query) -> timedelta | None:
    since = uow.session.scalar(query)
    return max(utcnow() - since, timedelta(0)) if since else None
