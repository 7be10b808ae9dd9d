"""What could not be read at all: kept whole, with a reason, to be looked at, tried again or thrown away by an admin."""

from __future__ import annotations

from sqlalchemy import func, select

from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import NotFound, _
from helpdesk.core.events.intake import RawMessageDiscarded, RawMessageRead, RawMessageRetried
from helpdesk.core.journal.unit_of_work import UnitOfWork

from . import intake
from .models import RawMessage


def items(uow: UnitOfWork, after: int | None = None, limit: int = 50) -> list[RawMessage]:
    """Quarantined raw messages, newest first, older than id ``after``."""
    uow.actor.must("settings")
    query = select(RawMessage).where(RawMessage.state == "quarantined").order_by(RawMessage.id.desc()).limit(limit)
    return list(uow.session.scalars(query.where(RawMessage.id < after) if after else query))


def count(uow: UnitOfWork) -> int:
    """How many wait there (counted up to 1,000)."""
    query = select(RawMessage.id).where(RawMessage.state == "quarantined").limit(1000)
    return uow.session.scalar(select(func.count()).select_from(query.subquery()))


def get(uow: UnitOfWork, raw_message_id: int) -> RawMessage:
    """A quarantined raw message, or NotFound."""
    uow.actor.must("settings")
    raw_message = by_id(uow.session, RawMessage, raw_message_id)
    if raw_message is None or raw_message.state != "quarantined":
        raise NotFound()
    return raw_message


def raw(uow: UnitOfWork, raw_message_id: int) -> bytes:
    """The bytes as they came; reading them is written down. NotFound when their file is gone."""
    raw_message = get(uow, raw_message_id)
    try:
        content = intake.raw(uow, raw_message)
    except OSError as error:
        raise NotFound(_("Its bytes cannot be read from the disk (%(fault)s)."), fault=type(error).__name__) from error
    with uow.writing():
        uow.record(RawMessageRead(raw_message=raw_message_id))
    return content


def retry(uow: UnitOfWork, raw_message_id: int) -> RawMessage:
    """Put a raw message back in line as if it had just come."""
    with uow.writing():
        raw_message = get(uow, raw_message_id)
        raw_message.state, raw_message.attempts, raw_message.lease_until, raw_message.reason = "new", 0, None, ""
        uow.record(RawMessageRetried(raw_message=raw_message_id))
    uow.runtime.wake("raw_messages")
    return raw_message


def discard(uow: UnitOfWork, raw_message_id: int) -> None:
    """Set a raw message aside for good; its bytes stay."""
    with uow.writing():
        get(uow, raw_message_id).state = "discarded"
        uow.record(RawMessageDiscarded(raw_message=raw_message_id))
