"""Addresses whose owner wants nothing more by a channel: kept as hashes, so that they outlive an erased customer."""

from __future__ import annotations

import hashlib

from sqlalchemy import delete

from helpdesk.core.channels.address_types import Address
from helpdesk.core.database.rows import insert_if_new
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .models import Unwanted


def refuse(uow: UnitOfWork, channel: str, address: Address) -> None:
    """Nobody begins anything with this address by this channel any more."""
    with uow.writing() as session:
        insert_if_new(session, Unwanted, channel=channel, digest=_digest(address), at=uow.clock())


def allow(uow: UnitOfWork, channel: str, address: Address) -> None:
    """They want it again, and said so."""
    with uow.writing() as session:
        session.execute(delete(Unwanted).where(Unwanted.channel == channel, Unwanted.digest == _digest(address)))


def has(uow: UnitOfWork, channel: str, address: Address) -> bool:
    """True while this address wants nothing by this channel."""
    return uow.session.get(Unwanted, (channel, _digest(address)), populate_existing=True) is not None


def _digest(address: Address) -> str:
    value = address.value.partition(";")[0].casefold()
    return hashlib.sha256(f"{address.kind} {value}".encode()).hexdigest()
