"""Promises: by when a customer was told to hear from us."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from .models import Queue

PROMISE = select(Queue.promise).where(Queue.id == bindparam("queue"))


def due(desk, queue_id: int, since: datetime | None = None) -> datetime:
    """When the promise of this queue ends if it begins at ``since`` (now)."""
    minutes = desk.session.connection().scalar(PROMISE, {"queue": queue_id})
    return (since or desk.clock()) + timedelta(minutes=minutes)
