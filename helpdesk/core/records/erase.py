"""Erasing a customer: plugins first, then every word, address and file the desk has; what is left shows only that
something was there.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import cast

from sqlalchemy import delete, exists, or_, select, text, update

from helpdesk.core.database.rows import by_id
from helpdesk.core.errors import Conflict, NotFound, TryAgain, _
from helpdesk.core.events.people import CustomerErased
from helpdesk.core.fields.models import FieldValue
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.jobs import queue
from helpdesk.core.jobs.kinds import JobKind
from helpdesk.core.jobs.models import Job
from helpdesk.core.jobs.runner import Running
from helpdesk.core.journal.unit_of_work import UnitOfWork
from helpdesk.core.people.models import Customer, Identity
from helpdesk.core.records.cards import cards_of, drop_claims
from helpdesk.core.tickets.message_models import Attachment, Attempt, Delivery, Message, MessageText
from helpdesk.core.tickets.models import Draft, DraftFile, Participant, Ticket

PAGES = 64  # of the index that one commit merges
KIND = "core.erase_customer"


def erase(uow: UnitOfWork, customer_id: int, wait: float = 0) -> int:
    """Erase a customer in a job, which is tried again until every plugin has done its part; returns the job's id.

    It begins after ``wait`` seconds, until when ``keep`` takes it back.
    """
    uow.actor.must("customers.erase")
    if by_id(uow.session, Customer, customer_id) is None:
        raise NotFound()
    due = uow.clock() + timedelta(seconds=wait)
    with uow.writing() as session:
        job_id = queue.add(uow, KIND, {"customer": customer_id}, key=str(customer_id), at=due)
        job = session.get_one(Job, job_id, populate_existing=True)
        if job.finished_at:  # of an earlier time: they wrote again since, or it was taken back
            job.state, job.tries, job.done, job.reason, job.due_at, job.finished_at = "queued", 0, 0, "", due, None
    return job_id


def under_way(uow: UnitOfWork, customer_id: int) -> Job | None:
    """The job that erases, or lately erased, this customer."""
    uow.actor.must("customers.erase")
    return uow.session.scalar(select(Job).where(Job.kind == KIND, Job.key == str(customer_id)))


def keep(uow: UnitOfWork, customer_id: int) -> None:
    """Take an erasure back that has not begun. Conflict once it has."""
    with uow.writing():
        job = under_way(uow, customer_id)
        if job is None or job.state != "queued" or job.tries:
            raise Conflict(_("It is too late: the erasure has begun."))
        job.state, job.due_at, job.finished_at = "cancelled", None, uow.clock()


def run(uow: UnitOfWork, job: Running) -> None:
    """The job: repeatable, one ticket a commit."""
    cards = cards_of(uow, job.args["customer"])
    for card in cards:
        _ask_plugins(uow, card)
    tickets = list(uow.session.scalars(select(Ticket.id).where(Ticket.customer_id.in_(cards)).order_by(Ticket.id)))
    for done, ticket_id in enumerate(tickets):
        _forget_files(uow, _empty_ticket(uow, ticket_id))
        job.progress(done + 1, len(tickets) + 1)
    _merge_index(uow)
    with uow.writing() as session:
        drop_claims(uow, job.args["customer"])
        session.execute(delete(Identity).where(Identity.customer_id.in_(cards)))
        session.execute(delete(FieldValue).where(FieldValue.customer_id.in_(cards)))
        session.execute(update(Customer).where(Customer.id.in_(cards)).values(name=""))
        for card in cards:
            uow.record(CustomerErased(customer=card))


def _ask_plugins(uow: UnitOfWork, customer_id: int) -> None:
    for name in uow.hooks.listeners("erase_customer"):
        plugin = uow.hooks.plugins[name]
        before = plugin.failures
        with uow.runtime.uow() as own:
            uow.hooks.call_plugin(name, "erase_customer", customer_id=customer_id, uow=own)
        if plugin.failures > before:
            raise TryAgain(_("The plugin %(name)s could not erase what it has; it is tried again."), name=name)


def _empty_ticket(uow: UnitOfWork, ticket_id: int) -> set[str]:
    """Take every word of a ticket away; returns the hashes of the files that belonged to it."""
    messages = select(Message.id).where(Message.ticket_id == ticket_id)
    raw_messages = select(Message.raw_message_id).where(
        Message.ticket_id == ticket_id, Message.raw_message_id.is_not(None)
    )
    deliveries = select(Delivery.id).where(Delivery.message_id.in_(messages))
    with uow.writing() as session:
        files = set(session.scalars(select(Attachment.sha256).where(Attachment.message_id.in_(messages))))
        files |= set(session.scalars(select(RawMessage.blob).where(RawMessage.id.in_(raw_messages))))
        files |= set(session.scalars(select(DraftFile.sha256).where(DraftFile.ticket_id == ticket_id)))
        for model, column in (
            (Draft, Draft.ticket_id),
            (DraftFile, DraftFile.ticket_id),
            (Participant, Participant.ticket_id),
            (FieldValue, FieldValue.ticket_id),
        ):
            session.execute(delete(model).where(column == ticket_id))
        session.execute(delete(Attachment).where(Attachment.message_id.in_(messages)))
        session.execute(delete(MessageText).where(MessageText.message_id.in_(messages)))
        session.execute(update(Attempt).where(Attempt.delivery_id.in_(deliveries)).values(detail=""))
        session.execute(
            update(Delivery).where(Delivery.id.in_(deliveries), Delivery.state == "queued").values(state="withdrawn")
        )
        session.execute(
            update(Delivery).where(Delivery.id.in_(deliveries)).values(to=[], cc=[], outcomes={}, subject="", reason="")
        )
        session.execute(update(RawMessage).where(RawMessage.id.in_(raw_messages)).values(raw=None, blob="", size=0))
        emptied = {
            "text": "",
            "quoted": "",
            "html": "",
            "author": "",
            "address": "",
            "details": {},
            "reactions": [],
            "template": {},
        }
        session.execute(update(Message).where(Message.ticket_id == ticket_id).values(emptied))
        session.execute(update(Ticket).where(Ticket.id == ticket_id).values(subject="", preview="", unread=0))
    return files - {""}


def _merge_index(uow: UnitOfWork) -> None:
    """SQLite's full-text index keeps deleted words until its segments are merged (FTS5 manual, "merge"): so, piece
    by piece.
    """
    if uow.runtime.engine.dialect.name != "sqlite":
        return
    pages = -PAGES
    while True:
        with uow.writing() as session:
            raw = cast(sqlite3.Connection, session.connection().connection.dbapi_connection)
            before = raw.total_changes
            session.execute(
                text("INSERT INTO message_fts(message_fts, rank) VALUES ('merge', :pages)"), {"pages": pages}
            )
            if raw.total_changes - before < 2:
                return
        pages = PAGES


def _forget_files(uow: UnitOfWork, hashes: set[str]) -> None:
    """Delete the bytes that nothing else in the desk points to."""
    for sha256 in sorted(hashes):
        used = or_(
            *(exists().where(column == sha256) for column in (Attachment.sha256, RawMessage.blob, DraftFile.sha256))
        )
        if not uow.session.scalar(select(used)):
            uow.blobs.remove(sha256)


ERASE = JobKind(KIND, run, _("Erase a customer"), tries=100)
