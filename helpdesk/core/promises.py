"""Promises: by when a customer was told to hear from us."""

from __future__ import annotations

from datetime import datetime, timedelta

from .models import Queue


def due(desk, queue_id: int, since: datetime | None = None) -> datetime:
    """When the promise of this queue ends if it begins at ``since`` (now)."""
    minutes = desk.session.get(Queue, queue_id).promise
    return (since or desk.clock()) + timedelta(minutes=minutes)
