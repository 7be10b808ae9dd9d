"""Files of drafts: stored when they are chosen, they wait with the draft on every device and leave with its message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from helpdesk.core.channels.address_types import File
from helpdesk.core.database.rows import insert_if_new, row_count, upsert
from helpdesk.core.errors import Invalid, NotFound, _
from helpdesk.core.jobs.kinds import JobKind
from helpdesk.core.jobs.runner import Running
from helpdesk.core.jobs.schedule import Every
from helpdesk.core.journal.unit_of_work import UnitOfWork

from .message_models import Message
from .models import Draft, DraftFile
from .visibility import visible_ticket

MODES = ("reply", "note", "opening")
MOST = 20  # files of one message
LARGEST = 25_000_000  # bytes of all files of one message
KEPT = timedelta(days=90)  # a file whose draft was left alone for so long is forgotten


def add(uow: UnitOfWork, ticket_id: int | None, mode: str, file: File) -> DraftFile:
    """Keep a file with the draft of whoever acts: of a ticket's ``reply`` or ``note``, or of an ``opening`` (no
    ticket).

    Invalid when the message would have more than ``MOST`` files or ``LARGEST`` bytes of them.
    """
    _may(uow, ticket_id, mode)
    sha256, size = (file.sha256, file.size) if file.sha256 else (uow.blobs.put(file.content), len(file.content))
    stored = File(file.name[:255], file.type[:120], sha256=sha256, size=size)
    with uow.writing() as session:
        if ticket_id:
            key = {"user_id": uow.actor.user_id, "ticket_id": ticket_id, "mode": mode}
            upsert(session, Draft, key, {"updated_at": uow.clock()})
        count, size = session.execute(
            select(func.count(), func.coalesce(func.sum(DraftFile.size), 0)).where(*_own(uow, ticket_id, mode))
        ).one()
        _within(count + 1, size + stored.size)
        return _keep(uow, uow.actor.user_id or 0, ticket_id, mode, stored)


def _within(count: int, size: int) -> None:
    if count > MOST:
        raise Invalid(_("A message can have %(most)s files at most."), most=MOST)
    if size > LARGEST:
        raise Invalid(_("All files of a message can have %(size)s MB at most."), size=LARGEST // 1_000_000)


def check(files: Sequence[File]) -> None:
    """Invalid when these are too many or too large for one message."""
    _within(len(files), sum(file.size or len(file.content) for file in files))


def remove(uow: UnitOfWork, file_id: int) -> None:
    """Take a file out of one's own draft; NotFound for anybody else's."""
    uow.actor.must("tickets.write")
    with uow.writing() as session:
        row = session.get(DraftFile, file_id) if file_id < 2**63 else None
        if row is None or row.user_id != uow.actor.user_id:
            raise NotFound()
        session.delete(row)
        session.flush()
        if row.ticket_id and not _any(uow, row.ticket_id, row.mode):
            key = {"user_id": row.user_id, "ticket_id": row.ticket_id, "mode": row.mode}
            session.execute(delete(Draft).filter_by(**key, text=""))


def listed(uow: UnitOfWork, ticket_id: int | None, mode: str) -> list[DraftFile]:
    """The files of one draft of whoever acts, in the order they were chosen."""
    return list(uow.session.scalars(select(DraftFile).where(*_own(uow, ticket_id, mode)).order_by(DraftFile.id)))


def for_message(uow: UnitOfWork, ticket_id: int | None, mode: str) -> list[File]:
    """The same as a message takes them."""
    return [File(row.name, row.type, sha256=row.sha256, size=row.size) for row in listed(uow, ticket_id, mode)]


def sent(uow: UnitOfWork, ticket_id: int | None, mode: str, files: list[File]) -> bool:
    """These have left with a message; True when others stay with the draft. Inside ``writing``."""
    hashes = {file.sha256 for file in files}
    uow.session.execute(delete(DraftFile).where(*_own(uow, ticket_id, mode), DraftFile.sha256.in_(hashes)))
    return _any(uow, ticket_id, mode)


def give_back(uow: UnitOfWork, ticket_id: int | None, mode: str, message: Message) -> None:
    """The files of a withdrawn message are its writer's draft's again. Inside ``writing``."""
    for file in message.files if message.user_id else ():
        _keep(
            uow, message.user_id or 0, ticket_id, mode, File(file.name, file.type, sha256=file.sha256, size=file.size)
        )


def move(uow: UnitOfWork, source_id: int, target_id: int) -> None:
    """Everybody's files of drafts on one ticket wait on another from now on: the two were merged. Inside
    ``writing``.
    """
    owners = uow.session.execute(
        select(DraftFile.user_id, DraftFile.mode).where(DraftFile.ticket_id == source_id).distinct()
    ).all()
    for user_id, mode in owners:
        insert_if_new(
            uow.session, Draft, user_id=user_id, ticket_id=target_id, mode=mode, text="", updated_at=uow.clock()
        )
    uow.session.execute(update(DraftFile).where(DraftFile.ticket_id == source_id).values(ticket_id=target_id))


def forget_old(uow: UnitOfWork) -> int:
    """Forget files whose draft was left alone for ``KEPT``; returns how many."""
    since = uow.clock() - KEPT
    with uow.writing() as session:
        touched = select(Draft.user_id).where(
            Draft.user_id == DraftFile.user_id,
            Draft.ticket_id == DraftFile.ticket_id,
            Draft.mode == DraftFile.mode,
            Draft.updated_at >= since,
        )
        return row_count(session.execute(delete(DraftFile).where(DraftFile.at < since, ~touched.exists())))


def _may(uow: UnitOfWork, ticket_id: int | None, mode: str) -> None:
    if mode not in MODES or (mode == "opening") != (not ticket_id):
        raise Invalid(_("A draft is a reply or a note."))
    if ticket_id:
        visible_ticket(uow, ticket_id, "tickets.write")
    uow.actor.must("tickets.write")


def _own(uow: UnitOfWork, ticket_id: int | None, mode: str) -> tuple[Any, ...]:
    return DraftFile.user_id == uow.actor.user_id, DraftFile.ticket_id == (ticket_id or None), DraftFile.mode == mode


def _any(uow: UnitOfWork, ticket_id: int | None, mode: str) -> bool:
    return uow.session.scalar(select(DraftFile.id).where(*_own(uow, ticket_id, mode)).limit(1)) is not None


def _keep(uow: UnitOfWork, user_id: int, ticket_id: int | None, mode: str, file: File) -> DraftFile:
    row = DraftFile(
        user_id=user_id,
        ticket_id=ticket_id or None,
        mode=mode,
        name=file.name,
        type=file.type,
        size=file.size,
        sha256=file.sha256,
        at=uow.clock(),
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def _forget(uow: UnitOfWork, _job: Running) -> None:
    forget_old(uow)


JOBS = [
    JobKind(
        "core.forget_draft_files",
        _forget,
        _("Forget files of drafts that were left alone for months"),
        Every(timedelta(days=1)),
    )
]
