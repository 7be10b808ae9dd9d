"""Customers and the addresses that reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from helpdesk.core.channels.address_types import Address
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.outbox import refusals
from helpdesk.core.people import models
from helpdesk.core.people.identities import find_identity
from helpdesk.core.records import erase as erasing
from helpdesk.core.records import merge as merging
from helpdesk.core.records.export import export
from helpdesk.core.tickets import customers as core

from ._calls import writes


@dataclass(frozen=True)
class Identity:
    """An address that reaches a customer. ``bounced`` is the status of the last permanent failure, "" for none."""

    kind: str
    address: str
    verified_at: datetime | None
    bounced: str


@dataclass(frozen=True)
class Customer:
    """A person we serve: one record over every channel."""

    id: int
    name: str
    language: str
    created_at: datetime
    identities: tuple[Identity, ...]


def get(uow: UnitOfWork, customer_id: int) -> Customer:
    """A customer whom the actor may know, by a ticket they see; NotFound otherwise."""
    return _customer(core.get(uow, customer_id))


def owner_of(session: Session, kind: str, address: str) -> int | None:
    """The customer who has an address, for hooks that identify; None when nobody has it. Whoever acts is not asked, so
    show it to nobody.
    """
    found = find_identity(session, kind, address[:254])
    return found.customer_id if found else None


def tickets(uow: UnitOfWork, customer_id: int, limit: int = 10) -> list[dict[str, Any]]:
    """The tickets of a customer that the actor sees, newest first, as rows of a list: plain data."""
    rows: list[dict[str, Any]] = core.card(uow, customer_id, limit)["tickets"]
    return rows


def ticket_ids(uow: UnitOfWork, customer_id: int) -> list[int]:
    """The ids of all of them, oldest first, those that were merged into others too."""
    return core.ticket_ids(uow, customer_id)


def language_of(uow: UnitOfWork, customer_id: int) -> str:
    """The language a customer is written to in: fa, en, …; "en" while it is not known."""
    return get(uow, customer_id).language or "en"


@writes
def rename(uow: UnitOfWork, customer_id: int, name: str) -> Customer:
    """Give a customer the name they go by."""
    return _customer(core.rename(uow, customer_id, name))


@writes
def add_identity(uow: UnitOfWork, customer_id: int, kind: str, address: str) -> None:
    """Write down another address of a customer; Conflict when somebody whom the actor may know has it already."""
    core.add_identity(uow, customer_id, kind, address)


def is_unwanted(uow: UnitOfWork, channel: str, address: Address) -> bool:
    """True while this address wants nothing by a channel that people carry out, as it said (``unwanted``)."""
    return refusals.has(uow, channel, address)


@writes
def allow_again(uow: UnitOfWork, channel: str, address: Address) -> None:
    """They want it again, and said so."""
    uow.actor.must("tickets.write")
    refusals.allow(uow, channel, address)


@writes
def merge(uow: UnitOfWork, source_id: int, target_id: int) -> None:
    """Give everything of ``source`` to ``target``; the emptied record is deleted."""
    merging.merge_customers(uow, source_id, target_id)


@writes
def erase(uow: UnitOfWork, customer_id: int) -> int:
    """Erase a customer in a job, with what plugins know of them; returns the job's id."""
    return erasing.erase(uow, customer_id)


def _customer(row: models.Customer) -> Customer:
    known = tuple(Identity(i.kind, i.address, i.verified_at, i.bounced) for i in row.identities)
    return Customer(row.id, row.name, row.language, row.created_at, known)


__all__ = [
    "Customer",
    "Identity",
    "add_identity",
    "allow_again",
    "erase",
    "export",
    "get",
    "is_unwanted",
    "language_of",
    "merge",
    "owner_of",
    "rename",
    "ticket_ids",
    "tickets",
]
