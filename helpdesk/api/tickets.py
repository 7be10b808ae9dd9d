"""Tickets: read them, change their facts, merge them, and do several things in one commit with ``apply``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from helpdesk.core.channels.address_types import Address, File
from helpdesk.core.database import columns
from helpdesk.core.intake import threading
from helpdesk.core.journal.unit_of_work import UnitOfWork, code_of
from helpdesk.core.outbox import new_ticket
from helpdesk.core.sla.order import target_of
from helpdesk.core.text import digits
from helpdesk.core.tickets import merge as merging
from helpdesk.core.tickets import models, participants, plain_rows, search, ticket_lists, undo
from helpdesk.core.tickets import tickets as core
from helpdesk.core.tickets.visibility import visible_ticket
from helpdesk.i18n import current

from ._calls import WRITE, writes

PRIORITIES, STATUSES = columns.PRIORITIES, columns.STATUSES


@dataclass(frozen=True)
class Ticket:
    """A ticket as it is now. ``target_at`` is the running target, None when none runs; ``snoozed_until`` the end of
    a snooze.
    """

    id: int
    subject: str
    status: str
    priority: str
    queue_id: int
    assignee_id: int | None
    customer_id: int
    account_id: int
    channel: str
    tags: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    target_at: datetime | None
    snoozed_until: datetime | None
    merged_into_id: int | None

    @property
    def number(self) -> int:
        """What people call it."""
        return self.id


@dataclass(frozen=True)
class Page:
    """``items`` are rows of a list as plain data; ``next`` is the cursor of the page after, None at the end."""

    items: list[dict[str, Any]]
    next: str | None = None


@dataclass(frozen=True)
class Step:
    """One call of a write function of this API, for ``apply``: ``Step(tickets.change, 7, status="solved")``."""

    function: Callable[..., Any]
    given: tuple[Any, ...] = ()
    named: dict[str, Any] = field(default_factory=dict)

    def __init__(self, function: Callable[..., Any], *given: Any, **named: Any):
        if not hasattr(function, WRITE):
            raise TypeError("a step is a write function of helpdesk.api")
        object.__setattr__(self, "function", function)
        object.__setattr__(self, "given", given)
        object.__setattr__(self, "named", named)


@dataclass(frozen=True)
class Result:
    """As an argument of a step: what the step of this number (from 0) returned, or its attribute ``name``."""

    step: int
    name: str = ""


def get(uow: UnitOfWork, ticket_id: int) -> Ticket:
    """The ticket; NotFound alike for an unknown and a forbidden id."""
    return _ticket(visible_ticket(uow, ticket_id, populate_existing=True))


def as_rest(uow: UnitOfWork, ticket_id: int) -> dict[str, Any]:
    """The ticket as plain JSON, as the REST API gives it; NotFound as ``get``."""
    visible_ticket(uow, ticket_id)
    return plain_rows.with_clocks(uow, ticket_lists.rows(uow, [ticket_id]))[0]


def listed(
    uow: UnitOfWork,
    *,
    status: str | None = None,
    queue: int | None = None,
    assignee: int | None = None,
    after: str = "",
    limit: int = 50,
) -> Page:
    """A page of the tickets the actor may see, newest first."""
    found = ticket_lists.listed(uow, status=status, queue=queue, assignee=assignee, after=after or None, limit=limit)
    return Page(found.items, found.next)


def find(uow: UnitOfWork, query: str, after: str = "", limit: int = 50) -> Page:
    """A page of what the desk's search finds."""
    found = search.find(uow, query, after or None, limit)
    return Page(found.items, found.next)


@writes
def change(uow: UnitOfWork, /, ticket_id: int, **facts: Any) -> Ticket:
    """Change any of status, priority, assignee_id, queue_id, tags, more_tags and snoozed_until (None ends a snooze)
    in one commit.
    """
    return _ticket(core.change(uow, ticket_id, **facts))


@writes
def mark_read(uow: UnitOfWork, ticket_id: int, upto: int | None = None) -> None:
    """The actor saw everything of a ticket, up to a message where one is named: it is not new any more."""
    core.mark_read(uow, ticket_id, upto)


@writes
def snooze(uow: UnitOfWork, ticket_id: int, wait: timedelta) -> Ticket:
    """Snooze a ticket from now on for so long, a year at most."""
    return _ticket(core.change(uow, ticket_id, snoozed_until=uow.clock() + wait))


@writes
def state(uow: UnitOfWork, ticket_id: int) -> dict[str, Any]:
    """A ticket's facts and its running target as plain JSON, for ``restore``. It only reads; as a step it tells how
    others leave the ticket.
    """
    return undo.state(uow, ticket_id)


@writes
def restore(uow: UnitOfWork, ticket_id: int, before: dict[str, Any], after: dict[str, Any]) -> Ticket:
    """Undo several changes: the facts of state ``before`` where the ticket still has those of ``after``; what changed
    since stays.
    """
    return _ticket(undo.restore(uow, ticket_id, before, after))


@writes
def merge(uow: UnitOfWork, source_id: int, target_id: int) -> int:
    """Put the messages of one ticket into another; returns the id that ``unmerge`` takes."""
    return merging.merge(uow, source_id, target_id).id


@writes
def unmerge(uow: UnitOfWork, merge_id: int) -> None:
    """Undo a merge."""
    merging.unmerge(uow, merge_id)


@writes
def open_ticket(
    uow: UnitOfWork,
    account_id: int,
    to: str,
    subject: str,
    text: str,
    *,
    html: str = "",
    queue_id: int | None = None,
    files: Sequence[File] = (),
) -> Ticket:
    """Write to somebody first: customer, ticket, message and delivery in one commit."""
    message = new_ticket.open_ticket(
        uow, account_id, to, subject, text, html=html, queue_id=queue_id, files=list(files)
    )
    return get(uow, message.ticket_id)


def open_ticket_of(session: Session, account_id: int, person: Address) -> int | None:
    """The newest ticket of an account that is not closed and on which this person takes part, for hooks that match;
    whoever acts is not asked.
    """
    return participants.open_ticket_of(session, account_id, person)


def number_text(ticket_id: int) -> str:
    """The number of a ticket in the digits of the current reader, without marks between thousands."""
    return digits(str(ticket_id), current.get().digits)


def numbered(subject: str, ticket_id: int) -> str:
    """A subject with the ticket's number in the form by which an answer finds back."""
    return threading.numbered(subject, number_text(ticket_id))


def apply(uow: UnitOfWork, steps: Sequence[Step]) -> list[Any]:
    """Run several write functions in one commit: all of them or none. Returns what each returned; ``Result``, also as a
    value of a dictionary, stands for what an earlier one did.
    """
    results: list[Any] = []
    with code_of(""), uow.writing():
        for step in steps:
            given = [_filled(value, results) for value in step.given]
            named = {name: _filled(value, results) for name, value in step.named.items()}
            results.append(step.function(uow, *given, **named))
    return results


def _filled(value: Any, results: list[Any]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, results) for name, each in value.items()}
    if not isinstance(value, Result):
        return value
    found = results[value.step]
    return getattr(found, value.name) if value.name else found


def _ticket(row: models.Ticket) -> Ticket:
    return Ticket(
        id=row.id,
        subject=row.subject,
        status=row.status,
        priority=row.priority,
        queue_id=row.queue_id,
        assignee_id=row.assignee_id,
        customer_id=row.customer_id,
        account_id=row.account_id,
        channel=row.channel,
        tags=tuple(row.tags or ()),
        created_at=row.created_at,
        updated_at=row.updated_at,
        target_at=target_of(row.target_at),
        snoozed_until=row.snoozed_until,
        merged_into_id=row.merged_into_id,
    )
