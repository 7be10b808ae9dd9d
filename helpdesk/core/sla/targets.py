"""SLA targets: by when a customer was told to hear from us."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Queue

TARGET_QUERY = select(Queue.target_minutes).where(Queue.id == bindparam("queue"))


def next_target(uow: UnitOfWork, queue_id: int, since: datetime | None = None) -> datetime:
    """When the next answer is due in this queue if its clock begins at ``since`` (now)."""
    minutes = uow.session.connection().scalar(TARGET_QUERY, {"queue": queue_id})
    return (since or uow.clock()) + timedelta(minutes=minutes or 0)
