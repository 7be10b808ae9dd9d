"""What could not be read at all: kept whole, with a reason, to be looked at, tried again or thrown away by an admin."""

from __future__ import annotations

import logging

from sqlalchemy import func, select

from helpdesk.core.accounts.models import Account
from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import NotFound, _
from helpdesk.core.events.intake import RawMessageDiscarded, RawMessageRead, RawMessageRestored, RawMessageRetried
from helpdesk.core.journal.unit_of_work import UnitOfWork

from . import intake
from .models import RawMessage

BEGINNING = 64 * 1024  # bytes looked at to tell who and what

log = logging.getLogger("hamdel.quarantine")


def items(uow: UnitOfWork, after: int | None = None, limit: int = 50, discarded: bool = False) -> list[RawMessage]:
    """Quarantined raw messages (or the discarded ones), newest first, older than id ``after``."""
    uow.actor.must("settings")
    query = select(RawMessage).where(RawMessage.state == _state(discarded)).order_by(RawMessage.id.desc()).limit(limit)
    return list(uow.session.scalars(query.where(RawMessage.id < after) if after else query))


def glance(uow: UnitOfWork, raw_message: RawMessage) -> tuple[str, str]:
    """Who a raw message seems to be from and what it seems to be about, by its beginning alone; "" for what cannot
    be told.
    """
    account = uow.session.get(Account, raw_message.account_id)
    kind = uow.runtime.channels.get(account.channel) if account else None
    if kind is None:
        return "", ""
    try:
        return kind.glance(_beginning(uow, raw_message))
    except Exception:  # it could not be read before either, and the page must stand
        log.info("no glance at raw message %s", raw_message.id)
        return "", ""


def _beginning(uow: UnitOfWork, raw_message: RawMessage) -> bytes:
    if not raw_message.blob:
        return (raw_message.raw or b"")[:BEGINNING]
    with uow.blobs.path(raw_message.blob).open("rb") as file:
        return file.read(BEGINNING)


def _state(discarded: bool) -> str:
    return "discarded" if discarded else "quarantined"


def count(uow: UnitOfWork) -> int:
    """How many wait there (counted up to 1,000)."""
    query = select(RawMessage.id).where(RawMessage.state == "quarantined").limit(1000)
    return uow.session.scalar(select(func.count()).select_from(query.subquery())) or 0


def get(uow: UnitOfWork, raw_message_id: int, discarded: bool = False) -> RawMessage:
    """A quarantined (or discarded) raw message, or NotFound."""
    uow.actor.must("settings")
    raw_message = by_id(uow.session, RawMessage, raw_message_id)
    if raw_message is None or raw_message.state != _state(discarded):
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
    for worker in intake.WORKERS.values():
        uow.runtime.wake(worker)
    return raw_message


def discard(uow: UnitOfWork, raw_message_id: int) -> None:
    """Discard a raw message; its bytes stay."""
    with uow.writing():
        get(uow, raw_message_id).state = "discarded"
        uow.record(RawMessageDiscarded(raw_message=raw_message_id))


def restore(uow: UnitOfWork, raw_message_id: int) -> None:
    """Put a discarded raw message back into quarantine."""
    with uow.writing():
        get(uow, raw_message_id, discarded=True).state = "quarantined"
        uow.record(RawMessageRestored(raw_message=raw_message_id))
